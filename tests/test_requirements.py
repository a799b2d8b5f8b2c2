"""The pinned packages: new enough, and the same in pyproject.toml and in both lock files."""

import ast
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from secondop.embedded.data import ROOT

OURS = {"secondop", "tests", "intake", "records", "tracking", "routing", "opinions", "delivery"}
# Commands that an installation does not have the packages for.
OF_THE_CHECKS = {ROOT / "secondop" / "embedded" / name for name in ("bench.py", "bench_viewer.py", "browser.py", "shots.py", "sights.py")}
# Versions below these have known faults that reach us; no feed of vulnerabilities is asked here, so this list is kept by hand.
AT_LEAST = {"django": "5.2.19", "django-allauth": "65.21.1", "weasyprint": "69.0", "pydicom": "3.0.2"}


def locked(name: str) -> dict[str, Version]:
    """The packages of a lock file; every line is an exact pin."""
    pins = {}
    for line in (ROOT / name).read_text().splitlines():
        text = line.split("#")[0].split(";")[0].strip()
        if text:
            package, version = text.split("==")
            pins[canonicalize_name(package)] = Version(version)
    return pins


def declared(group: str | None = None) -> dict[str, Version]:
    """The packages that pyproject.toml asks for, directly."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][group] if group else project["dependencies"]
    found = {}
    for requirement in map(Requirement, lines):
        (pin,) = requirement.specifier
        assert pin.operator == "==", requirement
        found[canonicalize_name(requirement.name)] = Version(pin.version)
    return found


@pytest.mark.parametrize(("package", "version"), AT_LEAST.items())
def test_new_enough(package, version):
    assert locked("requirements.txt")[package] >= Version(version)


def test_locks_hold_what_pyproject_declares():
    app, tests = locked("requirements.txt"), locked("tests/requirements.txt")
    assert declared().items() <= app.items()
    assert declared("test").items() <= tests.items()
    shared = app.keys() & tests.keys()
    assert {name: app[name] for name in shared} == {name: tests[name] for name in shared}


def imported(files: Iterable[Path]) -> set[str]:
    """The packages, by the names they are installed by, whose modules these files import."""
    found, distributions = set(), packages_distributions()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        found |= {module.split(".")[0] for module in modules}
    libraries = found - OURS - sys.stdlib_module_names
    return {canonicalize_name(distributions[library][0]) for library in libraries}


def test_whatever_we_import_is_declared():
    site = [path for folder in ("secondop", "requests", "reviews") for path in (ROOT / folder).rglob("*.py")]
    assert imported(path for path in site if path not in OF_THE_CHECKS) - declared().keys() == set()
    assert imported([*(ROOT / "tests").rglob("*.py"), *OF_THE_CHECKS]) - (declared() | declared("test")).keys() == set()


def test_every_direct_dependency_is_explained():
    text = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert [name for name in declared() | declared("test") if f"`{name}`" not in text] == []
