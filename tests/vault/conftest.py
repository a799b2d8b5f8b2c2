"""A vault of the test's own."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from secondop.vault import parts
from secondop.vault.keys import new_master_key
from secondop.vault.models import StoredFile


@pytest.fixture
def vault(db, settings, tmp_path) -> Path:
    """The folder of an empty vault with a master key."""
    settings.VAULT_DIR, settings.VAULT_MASTER_KEY = tmp_path / "vault", new_master_key()
    return settings.VAULT_DIR


@pytest.fixture
def case_uid(vault) -> UUID:
    """A case without files."""
    return uuid4()


def part(stored: StoredFile, index: int) -> Path:
    """Where a part of a file is."""
    return parts.folder(stored.case_uid, stored.uid) / parts.name(index)
