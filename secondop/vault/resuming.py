"""Writing a file into the vault in several goes, over days: whatever breaks off, what was sealed before stays.

Every part but the last is full. What is left when a go ends is sealed as a short part, which the next go opens again and fills, so that
the finished file is like any other. The row in the database is the truth: a part is written while the row is locked, and the row says
how many bytes count. What a crash left on the disk beyond that is cut off, and written again; so is a short part that got damaged.
"""

import hashlib
import io
import logging
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from secondop.web.clock import now

from . import keys, parts
from .errors import Damaged, VaultError
from .models import CaseKey, Status, StoredFile, Unfinished
from .stores import store
from .writing import ensure_key, usable

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=1)
RENEW_AFTER = timedelta(seconds=20)


class Busy(VaultError):
    """Somebody else writes to the file just now."""


class Gone(VaultError):
    """The file is not being written any more: it is finished, was discarded, or somebody else has taken over."""


def begin(case_uid: UUID, length: int, keep_until: datetime) -> StoredFile:
    """Begin a file of ``length`` bytes that may be written until ``keep_until``. Raises as ``writer()``."""
    ensure_key(case_uid)
    with transaction.atomic():
        file = StoredFile.objects.create(case_uid=case_uid, part_size=parts.PART_SIZE)
        Unfinished.objects.create(file=file, length=length, keep_until=keep_until)
        store().begin(case_uid, file.uid)
    return file


class Filling:
    """One go at a file that was begun: ``write()``, then ``pause()``, or ``finish()`` once all of it is there.

    Making one takes the file for ``LEASE``, which goes on while bytes come; an older go that wakes up after that writes nothing.
    Raises ``Busy``, ``Gone``, and what ``writer()`` raises. As a context manager it pauses what was not finished.
    """

    def __init__(self, uid: UUID) -> None:
        self._unfinished = _take(uid)
        self.file, self.length = self._unfinished.file, self._unfinished.length
        key = usable(CaseKey.objects.get(case_uid=self.file.case_uid))
        self._cipher = keys.unwrap(keys.Wrapped(bytes(key.wrapped), key.master_id), self.file.case_uid)
        self._held = io.BytesIO()
        self._seen, self._is_over = now(), False
        self._held.write(self._whole_tail())
        self._hash = hashlib.sha256(self.held()) if self.file.size == self._held.tell() else None

    @property
    def offset(self) -> int:
        """How many bytes have come, those included that are not sealed yet."""
        return self.file.size // self.file.part_size * self.file.part_size + self._held.tell()

    @property
    def is_hashed(self) -> bool:
        """Whether its hash is being made as it comes."""
        return self._hash is not None

    def held(self) -> bytes:
        """The bytes after the last full part: all of the file, while it is shorter than one."""
        self._held.truncate()
        return self._held.getvalue()

    def write(self, data: bytes) -> None:
        """Add bytes, no more than were announced. Raises ``Gone`` and ``StorageDown``: then they do not count."""
        if self.offset + len(data) > self.length:
            raise ValueError("more bytes than were announced")
        if self._hash:
            self._hash.update(data)
        rest = memoryview(data)
        while rest:
            taken = rest[: self.file.part_size - self._held.tell()]
            self._held.write(taken)
            rest = rest[len(taken) :]
            if self._held.tell() == self.file.part_size:
                self._seal()
        if now() - self._seen > RENEW_AFTER:
            self._renew()

    def pause(self) -> int:
        """Seal what has come and let go of the file; returns how many bytes of it are there."""
        if not self._is_over:
            if self.offset > self.file.size:
                self._seal()
            self._let_go()
        return self.file.size

    def finish(self) -> StoredFile:
        """Seal the end and book the file as stored, once all of it is on the disk.

        Its hash was made as it came, when it came in one go, and is made from the sealed parts otherwise. Raises ``KeyDestroyed``,
        ``Gone``, ``Damaged`` and ``StorageDown``.
        """
        if self.offset != self.length:
            raise ValueError("not all of it is there")
        if self.offset > self.file.size:
            self._seal()
        sha256 = (self._hash or self._read_again()).hexdigest()
        with transaction.atomic():
            usable(CaseKey.objects.select_for_update().get(case_uid=self.file.case_uid))
            self._lock(sha256=sha256, status=Status.STORED)
            self._unfinished.delete()
        self._is_over = True
        self.file.sha256, self.file.status = sha256, Status.STORED
        return self.file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, VaultError):
            self._let_go()
        else:
            self.pause()

    def _let_go(self) -> None:
        self._is_over = True
        self._mine().update(taken_until=None)

    def _seal(self) -> None:
        size, index = self.offset, (self.offset - 1) // self.file.part_size
        count = index + 1 if size == self.length else 0
        with transaction.atomic():
            self._lock(size=size, parts=index + 1)
            parts.write(self._cipher, self.file.case_uid, self.file.uid, index, count, self.held())
            store().settle(self.file.case_uid, self.file.uid)
        self.file.size, self.file.parts = size, index + 1
        if size % self.file.part_size == 0:
            self._held.seek(0)  # its memory is used again: to grow to a whole part costs as much as to seal it

    def _lock(self, **columns: object) -> None:
        """Change the file's row, locked until the transaction ends, if it is still this go's to write."""
        written = StoredFile.objects.filter(uid=self.file.uid, status=Status.WRITING).update(**columns)
        if not written or not self._renew():
            raise Gone("Somebody else writes to the file, or it is no more.")

    def _renew(self) -> int:
        self._seen = now()
        return self._mine().update(taken_until=self._seen + LEASE)

    def _mine(self) -> QuerySet[Unfinished]:
        return Unfinished.objects.filter(file=self.file, turn=self._unfinished.turn)

    def _whole_tail(self) -> bytes:
        """``_tail()``, or nothing where that is damaged: the file then goes on after its last full part."""
        try:
            return self._tail()
        except Damaged:
            logger.exception("the end of the unfinished file %s is damaged: it has to come again", self.file.uid)
        index = self.file.size // self.file.part_size
        size = index * self.file.part_size
        with transaction.atomic():
            self._lock(size=size, parts=index)
        self.file.size, self.file.parts = size, index
        return b""

    def _tail(self) -> bytes:
        """What counts of the short part at the end; an end that was sealed, and not booked, is longer, and may be the last already."""
        index, length = divmod(self.file.size, self.file.part_size)
        if not length:
            return b""
        here = store().sizes(self.file.case_uid, self.file.uid).get(index, 0) - parts.OVERHEAD
        try:
            return self._part(index, 0, here)[:length]
        except Damaged:
            return self._part(index, index + 1, here)[:length]

    def _part(self, index: int, count: int, length: int) -> bytes:
        return parts.read(self._cipher, self.file.case_uid, self.file.uid, index, count, length)

    def _read_again(self) -> "hashlib._Hash":
        found, last = hashlib.sha256(), self.file.parts - 1
        for index in range(last):
            found.update(self._part(index, 0, self.file.part_size))
            if now() - self._seen > RENEW_AFTER:
                self._renew()
        found.update(self._part(last, last + 1, self.length - last * self.file.part_size))
        return found


def _take(uid: UUID) -> Unfinished:
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now())
    row = Unfinished.objects.filter(file_id=uid)
    is_taken = row.filter(free, file__status=Status.WRITING).update(turn=F("turn") + 1, taken_until=now() + LEASE)
    found = row.select_related("file").first()
    if found is None or found.file.status != Status.WRITING:
        raise Gone("The file is not being written.")
    if not is_taken:
        raise Busy("Somebody else writes to the file just now.")
    return found
