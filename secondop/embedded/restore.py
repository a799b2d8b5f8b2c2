"""./dev restore: an empty data folder becomes what a set of a backup holds, and is checked before anybody may use it."""

import argparse
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from . import places, sets
from .backup import KEYS, TABLES, vault_of
from .console import Failure, say, step
from .data import ROOT, Data, manage, write_privately
from .postgres import for_program
from .prepare import DEMO
from .run import database

KEY_IDS = "from secondop.vault.keys import masters; print(*[master.id for master in masters()])"
SAMPLE = 200


def restore(options: argparse.Namespace) -> int:
    """Restore ``options.set`` into ``options.data``; whatever fails leaves the folder as empty as it was."""
    os.umask(0o077)
    found = chosen(Path(options.set).resolve())
    data = Data(Path(options.data))
    need_empty(data.path)
    with step("Checking the set"):
        manifest = sets.read_manifest(found)
        if not (found.parent / sets.LEDGER).is_file():
            way_out = f"Put {sets.LEDGER} beside the set, or an empty file of that name if nothing was erased since it was made."
            raise Failure(f"{found.parent / sets.LEDGER} is missing: cases that were erased would come back.", way_out)
    existed = data.path.exists()
    try:
        data.open()
        take_keys(data, Path(options.keys).resolve() if options.keys else None, manifest)
        with step("Copying the vault"):
            erased = sets.read_ledger(found.parent)
            copy_parts(found, vault_of(data), erased)
        with database(data) as (url, _):
            load(found, url, manifest)
            finish(data, url, manifest, found, erased)
    except (Failure, OSError, KeyboardInterrupt) as error:
        clear(data, existed=existed)
        if isinstance(error, OSError):
            raise Failure(f"the set could not be restored: {error}", "Make room, and start again.") from error
        raise
    data.lock.free()
    say(f"\nRestored what was there on {manifest['made_at']}. Start it: {start(data, manifest)}")
    return 0


def chosen(path: Path) -> Path:
    """Return the set that ``path`` names, or the newest in the folder of sets that it names."""
    found = sets.complete(path)
    return found[-1] if found else path


def need_empty(path: Path) -> None:
    """Raise Failure unless there is nothing where the data will be."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Failure(f"{path} is not empty, and nothing is restored over data.", "Name a new folder with --data, or move the old one.")
    if os.environ.get("VAULT_S3_URL"):
        raise Failure("VAULT_S3_URL is set, and a set is restored into a folder.", "See docs/operations.md, Backup.")
    vault = os.environ.get("VAULT_DIR")
    if vault and Path(vault).exists() and any(Path(vault).iterdir()):
        raise Failure(f"{vault} is not empty.", "Name an empty folder in VAULT_DIR.")


def take_keys(data: Data, folder: Path | None, manifest: dict[str, Any]) -> None:
    """Put the keys into the data folder; raise Failure when they do not open what is in the set."""
    if folder:
        for name in KEYS:
            if (folder / name).is_file():
                write_privately(data.path / name, (folder / name).read_text().strip())
    environment = data.environment(database="postgresql://localhost/unused", port=8000, demo=False, debug=False)
    ids = subprocess.run([sys.executable, "-c", KEY_IDS], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    wanted, have = set(manifest["master_keys"]), set(ids.stdout.split())
    if not wanted <= have:
        raise Failure(
            f"the master key {', '.join(sorted(wanted - have))} is missing: without it the files cannot be read.",
            "Name the folder that holds it with --keys, as ./dev backup --keys-to wrote it.",
        )


def copy_parts(found: Path, vault: Path, erased: dict[str, str]) -> None:
    """Copy every part and compare it with its sum; raise Failure for the first that is not what was written.

    Parts of cases that were erased since may be gone from the set.
    """
    vault.mkdir(mode=0o700, exist_ok=True)
    for name, value in sets.read_sums(found).items():
        target = vault / Path(name).relative_to(sets.VAULT)
        case = Path(name).parts[1]
        if case in erased:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            whole = sets.copy(found / name, target) == value
        except FileNotFoundError:
            whole = False
        if not whole:
            raise Failure(f"{found / name} is not what was written: it is missing, cut or changed.", "Take another set.")


def load(found: Path, url: str, manifest: dict[str, Any]) -> None:
    """Load the dump into the empty database, and compare the number of rows in every table."""
    if count_rows(url):
        raise Failure("the database of DATABASE_URL is not empty.", "Name an empty one, or unset DATABASE_URL.")
    with step("Loading the database"):
        program = places.programs(places.server_account()) / "pg_restore"
        database, environment = for_program(url)
        command: list[str | Path] = [
            program,
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={database}",
            found / sets.DUMP,
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"the dump could not be loaded:\n{done.stderr[-1500:]}", "See the lines above.")
    differing = {table for table, count in count_rows(url).items() ^ manifest["rows"].items()}
    if differing:
        raise Failure(f"these tables do not hold what was dumped: {', '.join(sorted(differing))}.", "Take another set.")


def count_rows(url: str) -> dict[str, int]:
    """Return the number of rows in each table."""
    with closing(psycopg2.connect(url, connect_timeout=10)) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        counts = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 -- quoted by quote_ident
            (counts[table],) = cursor.fetchone()
        return counts


def finish(data: Data, url: str, manifest: dict[str, Any], found: Path, erased: dict[str, str]) -> None:
    """Bring the database up to this code, erase again what was erased since, and check keys, files and audit log."""
    demo = manifest["kind"] == DEMO
    environment, log = data.environment(database=url, port=8000, demo=demo, debug=False), data.log("prepare")
    data.stamp(kind=manifest["kind"], catalog=True)
    with step("Bringing the database up to date"):
        manage(["migrate", "--no-input"], environment, log)
    with step("Erasing again what was erased since"):
        ledger = data.path / sets.LEDGER
        write_privately(ledger, "\n".join(erased))
        manage(["erase_again", str(ledger), "--restored", found.name], environment, log)
        ledger.unlink()
    with step("Checking the audit log"):
        manage(["verify_audit"], environment, log)
    lost = [*manifest["missing"], *manifest["let_go"]]
    try:
        with step("Reading some of the files"):
            manage(["check_vault", "--sample", str(SAMPLE)], environment, log)
    except Failure:
        if not lost:
            raise
    if lost:
        say(f"  The bytes of {len(lost)} files were lost before the backup or let go during it; ./dev manage check_vault names them")


def clear(data: Data, *, existed: bool) -> None:
    """Remove what a restore that failed has made; the folder was empty, so that all in it is ours."""
    data.lock.free()
    pointer = data.path / "postgres-is-at"
    if pointer.is_file():
        shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
    if os.environ.get("VAULT_DIR"):
        for case in sets.names(vault_of(data)):
            shutil.rmtree(vault_of(data) / case)
    for path in data.path.iterdir() if data.path.exists() else []:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if data.path.exists() and not existed:
        data.path.rmdir()


def start(data: Data, manifest: dict[str, Any]) -> str:
    """Return the command that starts what was restored."""
    return f"./dev run{'' if manifest['kind'] == DEMO else ' --empty'} --data {data.path}"
