"""./dev test adds up what really happened, and a check that fails is seen to fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from secondop.embedded import lint, testing
from tests.conftest import LONGEST

TESTS = """
import pytest
def test_a(): pass
def test_b(): assert False
@pytest.mark.skip
def test_c(): pass
@pytest.fixture
def broken(): raise OSError
def test_d(broken): pass
"""


@pytest.fixture
def report(tmp_path):
    """The JUnit report of one passed, one failed, one skipped and one broken test."""
    (tmp_path / "test_four.py").write_text(TESTS)
    path = tmp_path / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
        f"--junitxml={path}",
    ]
    subprocess.run([*command, tmp_path], cwd=tmp_path, capture_output=True, check=False)
    return path


def test_summary_is_pytests_own_line_for_all_parts(report):
    counts = testing.count(report)
    assert counts == {"failures": 1, "passed": 1, "skipped": 1, "errors": 1}
    assert testing.summary(counts + counts, 12.345) == "===== 2 failed, 2 passed, 2 skipped, 2 errors in 12.35s ====="


def test_part_that_wrote_no_report_counts_as_an_error(tmp_path):
    assert testing.summary(testing.count(tmp_path / "none.xml"), 1) == "===== 1 errors in 1.00s ====="


def test_tests_have_settings_of_their_own():
    assert (settings.ENVIRONMENT, settings.DEBUG) == ("test", False)


def test_part_alone_has_these_settings_too():
    one = f"{Path(__file__).relative_to(testing.ROOT)}::test_tests_have_settings_of_their_own"
    command = [sys.executable, "-P", "-m", "secondop.embedded", "test", one]
    ours = {name: value for name, value in testing.environment().items() if not name.startswith("PYTEST_")}
    environ = {**ours, "PYTHONPATH": str(testing.ROOT), "TIME_ZONE": "Mars/Olympus"}
    done = subprocess.run(command, env=environ, cwd=testing.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_failing_check_fails_the_lint(monkeypatch, capsys):
    fine, broken = [sys.executable, "-c", "print('fine')"], [sys.executable, "-c", "raise SystemExit('this is wrong')"]
    monkeypatch.setattr(lint, "CHECKS", {"one": fine, "other": broken})
    assert lint.lint(None) == 1
    printed = capsys.readouterr().out
    assert "ok     one" in printed
    assert "FAILED other" in printed
    assert "this is wrong" in printed
    monkeypatch.setattr(lint, "CHECKS", {"one": fine})
    assert lint.lint(None) == 0


def test_modules_and_folders_that_begin_first_exist():
    names = {name for path in (testing.ROOT / "tests").rglob("test_*.py") for name in (path.stem, path.parent.name)}
    assert [name for name in LONGEST if name not in names] == []


def test_every_change_has_to_pass_all_of_it():
    script = testing.ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-3:] == ["set -eu", 'cd "$(dirname "$0")/.."', "exec ./dev test"]
