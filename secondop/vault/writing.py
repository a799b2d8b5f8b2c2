"""Writing a file into the vault in one pass, with one part in memory."""

import hashlib
from io import BytesIO
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import transaction

from . import keys, parts
from .errors import KeyDestroyed, StorageDown
from .models import CaseKey, Status, StoredFile
from .stores import store


def ensure_key(case_uid: UUID) -> CaseKey:
    """The case's key, made at its first file. Raises ``KeyDestroyed`` or ``MasterKeyMissing``."""
    key = CaseKey.objects.filter(case_uid=case_uid).first()
    if key is None:
        wrapped, master_id = keys.new_case_key(case_uid)
        key, _ = CaseKey.objects.get_or_create(case_uid=case_uid, defaults={"wrapped": wrapped, "master_id": master_id})
    return usable(key)


def usable(key: CaseKey) -> CaseKey:
    """``key`` itself. Raises ``KeyDestroyed``."""
    if key.destroyed_at:
        raise KeyDestroyed("The case was erased.")
    return key


class Writer:
    """Takes a file's bytes in any pieces; ``finish()`` makes it a stored file, ``abandon()`` leaves nothing of it.

    As a context manager it abandons what was not finished. A part is held back until more bytes come, because the last
    one is sealed in another way than the rest.
    """

    def __init__(self, case_uid: UUID, part_size: int = parts.PART_SIZE) -> None:
        key = ensure_key(case_uid)
        self._cipher = keys.unwrap(keys.Wrapped(bytes(key.wrapped), key.master_id), case_uid)
        self.file = StoredFile.objects.create(case_uid=case_uid, part_size=part_size)
        self._hash, self._held, self._room = hashlib.sha256(), BytesIO(), part_size
        try:
            store().begin(case_uid, self.file.uid)
        except StorageDown:
            self.abandon()
            raise

    def write(self, data: bytes) -> None:
        """Add bytes. On ``StorageDown`` the file is abandoned before the error goes on."""
        self._hash.update(data)
        self.file.size += len(data)
        rest = memoryview(data)
        while rest:
            if not self._room:
                self._seal(last=False)
            taken = rest[: self._room]
            self._held.write(taken)
            self._room -= len(taken)
            rest = rest[len(taken) :]

    def finish(self) -> StoredFile:
        """Seal the last part and book the file as stored, once all of it is on the disk.

        Raises ``KeyDestroyed`` when the case was erased meanwhile, ``StorageDown``; then nothing is kept.
        """
        self._seal(last=True)
        sha256 = self._hash.hexdigest()
        try:
            store().settle(self.file.case_uid, self.file.uid)
            with transaction.atomic():
                usable(CaseKey.objects.select_for_update().get(case_uid=self.file.case_uid))
                row = StoredFile.objects.filter(uid=self.file.uid)
                row.update(size=self.file.size, sha256=sha256, parts=self.file.parts, status=Status.STORED)
        except (KeyDestroyed, StorageDown):
            self.abandon()
            raise
        self.file.sha256, self.file.status = sha256, Status.STORED
        return self.file

    def abandon(self) -> None:
        """Remove what was written; nothing to do after ``finish()``."""
        if self.file.status != Status.WRITING:
            return
        self.file.status = Status.DISCARDED
        store().remove(self.file.case_uid, self.file.uid)
        StoredFile.objects.filter(uid=self.file.uid).update(status=Status.DISCARDED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abandon()

    def _seal(self, *, last: bool) -> None:
        index, count = self.file.parts, self.file.parts + 1 if last else 0
        try:
            parts.write(self._cipher, self.file.case_uid, self.file.uid, index, count, self._held.getvalue())
        except StorageDown:
            self.abandon()
            raise
        self.file.parts += 1
        self._held, self._room = BytesIO(), self.file.part_size
