"""The restore drill: a site is backed up while it is written to, destroyed, and restored; what was erased stays erased."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secondop.embedded import sets
from secondop.embedded.admin import manage_site
from secondop.embedded.backup import backup, newest_whole
from secondop.embedded.console import Failure
from secondop.embedded.data import ROOT, VARIABLES, Data, environment_without_settings, manage
from secondop.embedded.prepare import REAL
from secondop.embedded.restore import restore
from secondop.embedded.run import database


class Site:
    """An installation in a data folder of its own."""

    def __init__(self, path: Path) -> None:
        self.data = Data(path)
        self.environment: dict[str, str] = {}

    def ask(self, verb: str, *args: str) -> Any:
        """Do something in the site, by tests/embedded/drill.py."""
        return json.loads(self.begin(verb, *args).communicate()[0])

    def begin(self, verb: str, *args: str) -> "subprocess.Popen[str]":
        """The same without waiting for it."""
        command = [sys.executable, "-m", "tests.embedded.drill", verb, *args]
        environ = {**environment_without_settings(), **self.environment, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module", autouse=True)
def own_settings() -> Iterator[None]:
    """The commands read the environment, and the tests' own must not be in it."""
    with pytest.MonkeyPatch.context() as patched:
        for name in VARIABLES:
            patched.delenv(name, raising=False)
        yield


def back_up(site: Site, to: Path, keys: Path | None = None) -> Path:
    """Make a set, and give its folder."""
    assert backup(argparse.Namespace(data=site.data.path, to=to, keys_to=keys)) == 0
    return sets.complete(to)[-1]


def bring_back(found: Path, path: Path, keys: Path | None) -> Site:
    """Restore a set."""
    assert restore(argparse.Namespace(set=found, data=path, keys=keys)) == 0
    return Site(path)


@pytest.fixture(scope="module")
def drill(module_place) -> dict[str, Any]:
    """Two sets of a site that is gone: the first with a case that was erased before the second. Both share what did not change."""
    site, to, keys = Site(module_place / "var"), module_place / "sets", module_place / "keys"
    site.data.open()
    with database(site.data) as (url, _):
        site.environment = site.data.environment(database=url, port=8000, demo=False, debug=False)
        site.data.stamp(kind=REAL)
        site.data.make_master_key(files_exist=False)
        manage(["migrate", "--no-input"], site.environment, site.data.log("prepare"))
        cases = site.ask("fill")
        flag = module_place / "enough"
        writing = site.begin("write_on", cases["kept"], str(flag))
        while not flag.with_suffix(".begun").exists():
            assert writing.poll() is None
            time.sleep(0.05)
        first = back_up(site, to)
        flag.touch()
        assert int(writing.communicate()[0]) >= 9
        kept = site.ask("look")
        shared = sorted((first / "vault" / cases["gone"]).rglob("*.part"))
        site.ask("end", cases["gone"])
        inodes = {path.name: path.stat().st_ino for path in (first / "vault" / cases["kept"]).rglob("*.part")}
        second = back_up(site, to, keys)
        master = (site.data.path / "master.key").read_text().strip()
    site.data.lock.free()
    shutil.rmtree(site.data.path)
    return {
        "first": first,
        "second": second,
        "keys": keys,
        "cases": cases,
        "kept": kept,
        "master": master,
        "shared": shared,
        "inodes": inodes,
    }


def test_a_destroyed_site_comes_back_and_an_erased_case_does_not(drill, module_place, capsys):
    """From the older set, which was made before the erasing, and while files were being written."""
    site = bring_back(drill["first"], module_place / "again", drill["keys"])
    with database(site.data) as (url, _):
        site.environment = site.data.environment(database=url, port=8000, demo=False, debug=False)
        found = site.ask("look")
    assert found["cases"] == [drill["cases"]["kept"]]
    assert found["texts"] == ["of the case that is kept"]
    assert 2 <= found["files"] < drill["kept"]["files"]
    assert found["signed"] == drill["kept"]["signed"] > 0
    assert drill["cases"]["gone"] in found["destroyed"] and found["audit"] == []
    assert found["acts"] == [["backup.restore", drill["first"].name], ["case.erase", "restored"]]
    assert f"./dev run --empty --data {site.data.path}" in capsys.readouterr().out
    assert manage_site(argparse.Namespace(data=site.data.path, arguments=["check_vault"])) == 0, "beside nothing that runs"


def test_no_set_holds_the_keys_nor_an_erased_case_and_all_is_closed_to_others(drill):
    folder = drill["first"].parent
    assert drill["shared"] and not [path for path in folder.rglob("*") if path.parent.name == drill["cases"]["gone"]]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if drill["master"].encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))} == {0}
    assert (drill["keys"] / "master.key").read_text().strip() == drill["master"]
    assert sets.read_ledger(folder).keys() >= {drill["cases"]["gone"]}


def test_a_set_shares_what_did_not_change_and_is_what_sha256sum_reads(drill):
    parts = list((drill["second"] / "vault").rglob("*.part"))
    assert {path.stat().st_ino for path in parts} & set(drill["inodes"].values())
    subprocess.run(["sha256sum", "--check", "--quiet", "vault.sha256"], cwd=drill["second"], check=True)


def refused(drill, place, found: Path, keys: Path | None) -> str:
    """What a restore says that must fail, and leaves nothing."""
    target = place / "refused"
    with pytest.raises(Failure) as caught:
        restore(argparse.Namespace(set=found, data=target, keys=keys))
    assert not target.exists()
    return str(caught.value)


def test_wrong_sets_and_keys_are_refused_with_words_and_leave_nothing(drill, place, tmp_path):
    second, keys = drill["second"], drill["keys"]
    assert "without it the files cannot be read" in refused(drill, place, second, None)
    (place / "others").mkdir()
    shutil.copy(keys / "secret.key", place / "others")
    assert "without it the files cannot be read" in refused(drill, place, second, place / "others")
    assert "no complete set" in refused(drill, place, tmp_path, keys)
    shutil.copytree(second, place / "moved" / second.name)
    assert "would come back" in refused(drill, place, place / "moved", keys)
    (place / "sets").mkdir()
    (place / "sets" / "erased.txt").touch()
    for number, harm in enumerate((cut_the_dump, change_a_part, lose_a_part, climb_out, other_release)):
        copied = place / "sets" / f"2026-01-0{number + 1}T000000Z"
        shutil.copytree(second, copied)
        harm(copied)
        assert "Take another set." in (said := refused(drill, place, copied, keys)) or "another release" in said
        shutil.rmtree(copied)


def cut_the_dump(found: Path) -> None:
    """Lose the end of the dump."""
    os.truncate(found / "database.dump", 1000)


def change_a_part(found: Path) -> None:
    """Change one byte of a file."""
    path = next((found / "vault").rglob("*.part"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lose_a_part(found: Path) -> None:
    """Lose a file."""
    next((found / "vault").rglob("*.part")).unlink()


def climb_out(found: Path) -> None:
    """Name a place outside of the vault, with a sum that fits."""
    (found / "vault.sha256").write_text(f"{sets.digest(found / 'database.dump')}  vault/../../out\n")
    manifest = json.loads((found / "manifest.json").read_text())
    manifest["sha256"]["vault.sha256"] = sets.digest(found / "vault.sha256")
    (found / "manifest.json").write_text(json.dumps(manifest))


def other_release(found: Path) -> None:
    """Be of a form that is not known."""
    (found / "manifest.json").write_text(json.dumps({"format": 2}))


def test_nothing_is_restored_over_data_nor_backed_up_into_it(drill, place, monkeypatch):
    (place / "var").mkdir()
    (place / "var" / "secret.key").touch()
    with pytest.raises(Failure, match="not empty"):
        restore(argparse.Namespace(set=drill["second"], data=place / "var", keys=drill["keys"]))
    monkeypatch.setenv("VAULT_DIR", str(place / "elsewhere"))
    for to, keys, words in (
        (place / "var" / "sets", None, "one accident would take both"),
        (place / "elsewhere" / "sets", None, "one accident would take both"),
        (place / "sets", place / "sets" / "keys", "beside what they open"),
    ):
        with pytest.raises(Failure, match=words):
            backup(argparse.Namespace(data=place / "var", to=to, keys_to=keys))
    with pytest.raises(Failure, match="no installation"):
        backup(argparse.Namespace(data=place / "nowhere", to=None, keys_to=None))


def test_a_set_that_is_damaged_is_named_and_shares_nothing(drill, tmp_path, capsys):
    for name in ("2026-01-01T000000Z", "2026-01-02T000000Z"):
        shutil.copytree(drill["second"], tmp_path / name)
    with open(tmp_path / "2026-01-02T000000Z" / "vault.sha256", "ab") as damaged:
        damaged.write(b"\xff")
    assert newest_whole(tmp_path) == tmp_path / "2026-01-01T000000Z"
    assert "Nothing is shared with 2026-01-02T000000Z" in capsys.readouterr().out
    shutil.rmtree(tmp_path / "2026-01-01T000000Z")
    assert newest_whole(tmp_path) is None


def test_sets_go_after_the_days_that_the_pages_promise(drill, tmp_path):
    assert sets.complete(tmp_path) == []
    for name in ("2026-01-01T000000Z", "notes", "2026-02-01T000000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    assert [path.name for path in sets.complete(tmp_path)] == ["2026-01-01T000000Z", "2026-02-01T000000Z"]
