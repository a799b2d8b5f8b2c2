"""The pinned packages: new enough, and the same in pyproject.toml and in both lock files."""

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from secondop.embedded.data import ROOT

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


def test_every_direct_dependency_is_explained():
    text = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert [name for name in declared() | declared("test") if f"`{name}`" not in text] == []
