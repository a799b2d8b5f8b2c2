"""The folders requests/ and reviews/ are no packages: each trap of that layout has its test (docs/architecture.md)."""

import subprocess
import sys
from pathlib import Path

import pytest

from secondop.embedded.data import ROOT

SIDES = {"requests": {"intake", "records", "tracking"}, "reviews": {"routing", "opinions", "delivery"}}


def python(code: str, cwd: Path = ROOT) -> str:
    """Run code in a fresh interpreter, as manage.py, gunicorn and Celery start, and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("side", SIDES)
def test_side_is_a_plain_folder_of_apps(side):
    assert not (ROOT / side / "__init__.py").exists()
    assert {path.parent.name for path in (ROOT / side).glob("*/__init__.py")} == SIDES[side]


def test_no_folder_of_tests_is_called_requests():
    assert (ROOT / "tests" / "__init__.py").exists()
    assert not [path for path in (ROOT / "tests").rglob("requests") if path.is_dir()]


def test_requests_stays_the_http_library():
    assert python("import secondop, requests; print(requests.__version__, requests.get.__module__)").endswith("requests.api")
    assert "\nrequests==" in (ROOT / "requirements.txt").read_text()


def test_both_sides_are_first_on_the_path_and_only_once():
    """Before the installed packages and the standard library; only the working directory, which Celery prepends, may come earlier."""
    code = "import secondop, secondop.celery, sys; print('\\n'.join(sys.path))"
    paths = [path for path in python(code).splitlines() if path not in ("", str(ROOT))]
    assert paths[:2] == [str(ROOT / "requests"), str(ROOT / "reviews")]
    assert len(set(paths[:2]) & set(paths[2:])) == 0


def test_apps_are_importable_by_their_own_names_from_any_folder(tmp_path):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import secondop, intake, delivery; print(intake.__file__, delivery.__file__)"
    assert python(code, tmp_path) == f"{ROOT / 'requests/intake/__init__.py'} {ROOT / 'reviews/delivery/__init__.py'}"


def test_only_the_project_package_touches_the_path():
    found = [
        str(path.relative_to(ROOT))
        for folder in ("secondop", "requests", "reviews")
        for path in (ROOT / folder).rglob("*.py")
        if "sys.path." in path.read_text()
    ]
    assert found == ["secondop/__init__.py"]
