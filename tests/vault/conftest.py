"""A vault of the test's own."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as configured

from secondop.vault.keys import new_master_key
from secondop.vault.models import StoredFile
from secondop.vault.stores.disk import Disk


@pytest.fixture
def vault(db, settings, tmp_path) -> Path:
    """The folder of an empty vault with a master key."""
    settings.VAULT_DIR, settings.VAULT_MASTER_KEY = tmp_path / "vault", new_master_key()
    return settings.VAULT_DIR


@pytest.fixture
def case_uid(vault) -> UUID:
    """A case without files."""
    return uuid4()


def folder(case_uid: UUID, file_uid: UUID | None = None) -> Path:
    """Where the files of a case are, or the parts of one."""
    return Disk(configured.VAULT_DIR).folder(case_uid, file_uid)


def part(stored: StoredFile, index: int) -> Path:
    """Where a part of a file is."""
    return folder(stored.case_uid, stored.uid) / f"{index}.part"
