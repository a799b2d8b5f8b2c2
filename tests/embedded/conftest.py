"""Folders that the database server's user may pass; pytest's own are closed to it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="secondop-place-") as folder:
        path = Path(folder).resolve()
        path.chmod(0o711)
        yield path


@pytest.fixture
def place():
    """A fresh folder that everybody may pass."""
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def module_place():
    """The same, for all tests of a module."""
    with open_folder() as path:
        yield path
