"""The import contracts hold, and would be seen to break: forbidden imports are planted each way in a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from secondop.embedded.data import ROOT

# (where it is planted, what it imports, the contract that has to break)
PLANTED = [
    ("requests/intake/planted.py", "import routing", "The patient's side never imports the clinic's"),
    ("reviews/routing/planted.py", "import tracking", "The clinic's side never imports the patient's"),
    ("reviews/delivery/planted.py", "def late():\n    import records", "The clinic's side never imports the patient's"),
    ("requests/records/planted.py", "import tracking", "The patient's side"),
    ("requests/records/planted.py", "import intake", "The patient's side"),
    ("reviews/routing/planted.py", "import opinions", "The clinic's side"),
    ("reviews/opinions/planted.py", "import delivery", "The clinic's side"),
    ("secondop/cases/planted.py", "import intake", "The project's layers"),
    ("secondop/cases/planted.py", "import secondop.demo", "The project's layers"),
    ("secondop/catalog/planted.py", "import secondop.cases.states", "The project's layers"),
    ("secondop/vault/planted.py", "import secondop.notices", "The project's layers"),
    ("secondop/audit/planted.py", "import secondop.accounts", "The project's layers"),
    ("secondop/web/planted.py", "import secondop.audit", "The project's layers"),
    ("reviews/delivery/planted.py", "import secondop.pages", "The project's layers"),
    ("secondop/pages/planted.py", "import secondop.urls", "The project's layers"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project's Python files, in a folder of their own."""
    target = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", target)
    for folder in ("secondop", "requests", "reviews"):
        for path in (ROOT / folder).rglob("*.py"):
            place = target / path.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    return target


@pytest.fixture(scope="module")
def broken(copy):
    """What import-linter finds when everything is planted at once: the broken contracts, each with its imports."""
    for file, code, _ in PLANTED:
        with open(copy / file, "a") as planted:
            planted.write(code + "\n")
    found = found_broken(copy)
    for file, _, _ in PLANTED:
        (copy / file).unlink(missing_ok=True)
    return found


def found_broken(project: Path) -> dict[str, set[tuple[str, str]]]:
    """The contracts that import-linter finds broken, each with who imports whom."""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(project / folder) for folder in (".", "requests", "reviews")),
        "COLUMNS": "200",
    }
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)
    names = [line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert bool(names) == bool(done.returncode), done.stdout + done.stderr
    told = re.split(rf"^({'|'.join(map(re.escape, names))})\n-+\n", done.stdout, flags=re.MULTILINE)[1:] if names else []
    return {name: set(re.findall(r"^-\s+(\S+) -> (\S+) \(l", text, re.MULTILINE)) for name, text in zip(told[::2], told[1::2], strict=True)}


def test_planted_imports_are_all_that_breaks(copy, broken):
    assert set().union(*broken.values()) == {imported(file, code) for file, code, _ in PLANTED}
    assert found_broken(copy) == {}


@pytest.mark.parametrize(("file", "code", "contract"), PLANTED)
def test_planted_import_breaks_its_contract(broken, file, code, contract):
    assert imported(file, code) in broken[contract]


def imported(file: str, code: str) -> tuple[str, str]:
    """The importing and the imported module of what is planted."""
    return file.removeprefix("requests/").removeprefix("reviews/").removesuffix(".py").replace("/", "."), code.split()[-1]
