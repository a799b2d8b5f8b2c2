"""The vault: every file of a case sealed with the case's own key, readable by range, gone when the key is destroyed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from tink import aead

from secondop.web.clock import now

from . import keys, parts
from .errors import Damaged, KeyDestroyed, MasterKeyMissing, StorageDown, StorageFull, VaultError
from .models import Bond, CaseKey, Status, StoredFile
from .resuming import Busy, Filling, Gone, begin
from .stores import Lying, store
from .writing import Writer, ensure_key, usable

__all__ = [
    "Busy",
    "Damaged",
    "Filling",
    "Gone",
    "KeyDestroyed",
    "MasterKeyMissing",
    "StorageDown",
    "StorageFull",
    "StoredFile",
    "VaultError",
    "Writer",
    "begin",
    "bind",
    "collect_abandoned",
    "destroy_key",
    "discard",
    "discard_all",
    "ensure_key",
    "put",
    "read",
    "strays",
    "writer",
]

ABANDONED_AFTER = timedelta(days=1)


def writer(case_uid: UUID, part_size: int = parts.PART_SIZE) -> Writer:
    """Begin a file of the case, sealed in parts of ``part_size``. Raises ``KeyDestroyed``, ``MasterKeyMissing`` or ``StorageDown``."""
    return Writer(case_uid, part_size)


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
            transaction.on_commit(partial(store().remove, uid))


def discard(stored: StoredFile) -> None:
    """Take one file out of the vault; its parts are removed when the transaction commits."""
    StoredFile.objects.filter(uid=stored.uid).update(status=Status.DISCARDED)
    stored.status = Status.DISCARDED
    transaction.on_commit(partial(store().remove, stored.case_uid, stored.uid))


def discard_all(files: Iterable[StoredFile]) -> None:
    """``discard()`` for many files, in one statement."""
    found = list(files)
    StoredFile.objects.filter(uid__in=[stored.uid for stored in found]).update(status=Status.DISCARDED)
    for stored in found:
        stored.status = Status.DISCARDED
        transaction.on_commit(partial(store().remove, stored.case_uid, stored.uid))


def collect_abandoned() -> int:
    """Discard files whose writing began more than a day ago, unless they may be resumed, and remove what lies there and no file owns.

    Returns how many of these.
    """
    before = now() - ABANDONED_AFTER
    over = Q(unfinished=None) | Q(unfinished__keep_until__lt=now())
    StoredFile.objects.filter(over, status=Status.WRITING, created_at__lt=before).update(status=Status.DISCARDED)
    removed, place = 0, store()
    for lying in strays(before):
        place.remove(lying.case_uid, lying.file_uid)
        removed += 1
    return removed


def strays(before: datetime) -> Iterator[Lying]:
    """What lies in the store since ``before``, and belongs to no file. Raises ``StorageDown``."""
    for case_uid, group in groupby(store().lying(), attrgetter("case_uid")):
        wanted = set(StoredFile.objects.filter(case_uid=case_uid).exclude(status=Status.DISCARDED).values_list("uid", flat=True))
        yield from (lying for lying in group if lying.file_uid not in wanted and lying.changed_at < before)


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
    return parts.read(cipher, stored.case_uid, stored.uid, index, stored.parts if is_last else 0, length)


def _pieces(stored: StoredFile, cipher: aead.Aead, head: bytes, indexes: range, start: int, end: int) -> Iterator[bytes]:
    for index in indexes:
        if index > indexes.start:
            head = _part(stored, cipher, index)
        offset = index * stored.part_size
        head = head[max(0, start - offset) : end - offset]
        if head:
            yield head
        head = b""  # let go of one part before the next is read
