"""The vault: every file of a case sealed with the case's own key, readable by range, gone when the key is destroyed."""

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from tink import aead

from secondop.web.clock import now

from . import keys, parts
from .errors import Damaged, KeyDestroyed, MasterKeyMissing, StorageDown, StorageFull, VaultError
from .models import Bond, CaseKey, Status, StoredFile
from .writing import Writer, ensure_key, usable

__all__ = [
    "Damaged",
    "KeyDestroyed",
    "MasterKeyMissing",
    "StorageDown",
    "StorageFull",
    "StoredFile",
    "VaultError",
    "Writer",
    "bind",
    "collect_abandoned",
    "destroy_key",
    "discard",
    "ensure_key",
    "put",
    "read",
    "writer",
]

ABANDONED_AFTER = timedelta(days=1)


def writer(case_uid: UUID) -> Writer:
    """Begin a file of the case. Raises ``KeyDestroyed``, ``MasterKeyMissing`` or ``StorageDown``."""
    return Writer(case_uid)


def put(case_uid: UUID, data: bytes) -> StoredFile:
    """Store a whole small file. Raises as ``writer()`` and ``Writer.finish()``."""
    with writer(case_uid) as file:
        file.write(data)
        return file.finish()


def read(stored: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a stored file from ``start`` up to, not including, ``end``, decrypting only the parts they lie in.

    The first part is opened before this returns, so that trouble shows before an answer begins: ``KeyDestroyed``,
    ``MasterKeyMissing``, ``Damaged``, ``StorageDown``; ``ValueError`` for a range that begins outside of the file. Later parts
    raise while iterating.
    """
    end = stored.size if end is None else min(end, stored.size)
    if not 0 <= start <= end:
        raise ValueError("the range lies outside of the file")
    cipher = _cipher(stored)
    last = max(start, end - 1) // stored.part_size
    first = min(start // stored.part_size, stored.parts - 1)
    head = _part(stored, cipher, first)
    return _pieces(stored, cipher, head, range(first, min(last, stored.parts - 1) + 1), start, end)


def bind(key_uid: UUID, case_uids: Iterable[UUID]) -> None:
    """Let the key ``key_uid``, of files that hold something of the cases ``case_uids``, die with the key of any of them.

    Call it with the cases' rows locked and before anything is written, so that no erasing slips in between.
    """
    Bond.objects.bulk_create([Bond(key_uid=key_uid, case_uid=uid) for uid in case_uids], ignore_conflicts=True)


def destroy_key(case_uid: UUID) -> None:
    """Erase the case's files for good, and what was copied from it under a key of its own (``bind()``).

    The keys are wiped in this transaction, the sealed parts are removed after it.
    """
    with transaction.atomic():
        for uid in [case_uid, *Bond.objects.filter(case_uid=case_uid).values_list("key_uid", flat=True)]:
            blank = {"wrapped": b"", "master_id": "", "destroyed_at": now()}
            CaseKey.objects.update_or_create(case_uid=uid, defaults=blank)
            StoredFile.objects.filter(case_uid=uid).update(status=Status.DISCARDED)
            transaction.on_commit(partial(parts.remove, parts.folder(uid)))


def discard(stored: StoredFile) -> None:
    """Take one file out of the vault; its parts are removed when the transaction commits."""
    StoredFile.objects.filter(uid=stored.uid).update(status=Status.DISCARDED)
    stored.status = Status.DISCARDED
    transaction.on_commit(lambda: parts.remove(parts.folder(stored.case_uid, stored.uid)))


def collect_abandoned() -> int:
    """Discard files whose writing began more than a day ago, and remove folders that no file owns; returns how many folders."""
    before = now() - ABANDONED_AFTER
    StoredFile.objects.filter(status=Status.WRITING, created_at__lt=before).update(status=Status.DISCARDED)
    removed = 0
    for case in _folders(Path(settings.VAULT_DIR)):
        wanted = set(StoredFile.objects.filter(case_uid=case.name).exclude(status=Status.DISCARDED).values_list("uid", flat=True))
        for place in _folders(case):
            if UUID(place.name) not in wanted and place.stat().st_mtime < before.timestamp():
                parts.remove(place)
                removed += 1
    return removed


def _cipher(stored: StoredFile) -> aead.Aead:
    key = CaseKey.objects.filter(case_uid=stored.case_uid).first()
    if key is None:
        raise Damaged("The key of the case is missing.")
    usable(key)
    if stored.status != Status.STORED:
        raise Damaged("The file is not stored.")
    return keys.unwrap(keys.Wrapped(bytes(key.wrapped), key.master_id), stored.case_uid)


def _part(stored: StoredFile, cipher: aead.Aead, index: int) -> bytes:
    is_last = index == stored.parts - 1
    length = stored.size - index * stored.part_size if is_last else stored.part_size
    bound_to = parts.binding(stored.case_uid, stored.uid, index, stored.parts if is_last else 0)
    return parts.read(parts.folder(stored.case_uid, stored.uid) / parts.name(index), cipher, bound_to, length)


def _pieces(stored: StoredFile, cipher: aead.Aead, head: bytes, indexes: range, start: int, end: int) -> Iterator[bytes]:
    for index in indexes:
        if index > indexes.start:
            head = _part(stored, cipher, index)
        offset = index * stored.part_size
        head = head[max(0, start - offset) : end - offset]
        if head:
            yield head
        head = b""  # let go of one part before the next is read


def _folders(path: Path) -> list[Path]:
    """The folders in ``path`` that are named by a UUID."""
    if not path.is_dir():
        return []
    with os.scandir(path) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False) and _is_uuid(entry.name)]


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
