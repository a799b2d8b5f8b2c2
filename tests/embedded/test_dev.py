"""The bootstrap script, copied into folders where something is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from secondop.embedded.data import ROOT

ECHO = "import sys\nprint('handed over', sys.argv[1:], sys.prefix != sys.base_prefix)\n"


def lay_out(folder: Path) -> Path:
    """A checkout in ``folder`` whose requirements are empty and whose commands only say that they were reached."""
    shutil.copy(ROOT / "dev", folder)
    package = folder / "secondop" / "embedded"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(ECHO)
    (folder / "tests").mkdir()
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "tests" / "requirements.txt").write_text("# nothing\n")
    return folder


@pytest.fixture
def checkout(tmp_path):
    """A checkout that was never started."""
    return lay_out(tmp_path)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """A checkout started once, from elsewhere, and how that start ended: making the environment takes seconds."""
    started = lay_out(tmp_path_factory.mktemp("started"))
    return started, dev(started, "run", "--port", "9", cwd=tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def started(first_start, checkout):
    """A checkout of the test's own with its environment made; a copy, because tests change it."""
    shutil.copytree(first_start[0] / ".venv", checkout / ".venv", symlinks=True)
    return checkout


def dev(checkout: Path, *args: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, checkout / "dev", *args]
    return subprocess.run(command, cwd=cwd or checkout, env={**os.environ, **environ}, capture_output=True, text=True, check=False)


def test_help_and_unknown_commands_need_nothing(checkout):
    assert "./dev COMMAND" in dev(checkout, "help").stdout
    assert dev(checkout).returncode == 0
    unknown = dev(checkout, "deploy")
    assert (unknown.returncode, "no command deploy" in unknown.stderr) == (2, True)
    assert not (checkout / ".venv").exists()


def test_first_start_makes_the_environment_and_later_ones_keep_or_mend_it(first_start):
    checkout, first = first_start
    assert "Making .venv" in first.stdout
    assert first.stdout.endswith("handed over ['run', '--port', '9'] True\n")
    assert dev(checkout, "run").stdout == "handed over ['run'] True\n"
    (checkout / "requirements.txt").write_text("# changed\n")
    changed = dev(checkout, "run").stdout
    assert "Installing" in changed
    assert "Making" not in changed
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python")
    assert "Making .venv" in dev(checkout, "run").stdout


def test_failing_pip_names_the_step_and_the_way_out(started):
    (started / ".venv" / "installed.sha256").unlink()
    (started / "requirements.txt").write_text("./there-is-no-such-package\n")
    failed = dev(started, "run")
    assert failed.returncode == 1
    assert "pip could not install" in failed.stderr
    assert "start again" in failed.stderr
    assert not (started / ".venv" / "installed.sha256").exists()


def test_missing_programs_without_a_package_manager_give_the_one_command(checkout):
    missing = dev(checkout, "test", PATH="/nonexistent")
    assert missing.returncode == 2
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium redis-server" in missing.stderr
    named = dev(checkout, "test", PATH="/nonexistent", CHROMIUM="/opt/chrome/chrome")
    assert "--no-install-recommends redis-server\n" in named.stderr
    assert not (checkout / ".venv").exists()


def test_missing_programs_are_installed_where_that_needs_no_question(started, tmp_path):
    """As root, or with a sudo that asks nothing: both are stood in for by scripts that note how they were called."""
    programs, calls = tmp_path / "programs", tmp_path / "calls"
    programs.mkdir()
    for name, text in {"apt-get": f'echo "$@" >> {calls}', "sudo": 'shift; exec "$@"'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    for name in ("true", "env"):
        (programs / name).symlink_to(shutil.which(name))
    assert "handed over ['test', 'tests']" in dev(started, "test", "tests", PATH=str(programs)).stdout
    assert calls.read_text().splitlines() == ["update -q", "install -y --no-install-recommends chromium redis-server"]

    for name in ("chromium", "redis-server"):
        (programs / name).touch(mode=0o755)
    calls.unlink()
    (programs / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexit 100\n')
    assert "handed over ['test']" in dev(started, "test", PATH=str(programs)).stdout, "without the lighter browser it goes on"
    assert [line.partition("15 ")[2] for line in calls.read_text().splitlines()] == [
        "update -q",
        "install -y --no-install-recommends --no-remove chromium-headless-shell",
    ]
    calls.unlink()
    (programs / "chromium-headless-shell").touch(mode=0o755)
    assert "handed over ['test']" in dev(started, "test", PATH=str(programs)).stdout
    assert not calls.exists()


def test_missing_library_is_found_by_the_loader_not_by_a_package_list(checkout):
    script = checkout / "dev"
    script.write_text(script.read_text().replace('"libpango-1.0.so.0"', '"libsurely-not-there.so.0"'))
    missing = dev(checkout, "run", PATH="/nonexistent")
    assert missing.returncode == 2
    assert "libpango-1.0-0" in missing.stderr
