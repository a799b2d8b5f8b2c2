"""Unpacking an archive: its files are sealed into the vault as they come out of the child, and judged as any that arrive.

Every few files become rows together with the mark how far the archive is, so that whoever goes on after a kill begins there. A worker
does not unpack longer than ``SLICE`` without letting others have a turn. How much there is, is counted here, while it comes.
"""

import time
from contextlib import ExitStack
from functools import partial
from typing import Self

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from records import reasons
from records.arrivals import Arrivals, Skip
from records.checking import LEASE, claim, reader, settle
from records.formats.problems import Problem
from records.kinds import Kind
from records.models import Archive, Purpose, Record, Status
from records.names import clean_folder
from records.running import run
from records.sandbox import Limits, Upload, Verdict
from records.services import Sender, make_records, note_files, room_left
from secondop.audit.services import record as audit
from secondop.cases.lifecycle import Erased, lock
from secondop.vault import services as vault
from secondop.vault.services import StoredFile
from secondop.web.clock import now
from secondop.web.queue import enqueue

from .frames import Broken, Frame, Reader
from .models import NAME_LENGTH

MOST = 20_000  # files in what was sent, with all archives in it
DEEPEST = 2  # archives around an archive
DENSEST, UNDOUBTED = 100, 256 * settings.MIB  # how many bytes may come out of one, beyond those that any may have
AT_ONCE = 50  # files that become rows together
SLICE, RENEWED_EVERY = 60.0, 30.0  # seconds
DEATHS = 3
PROCESS = Limits(cpu=300, memory=512 * settings.MIB, wall=480)


class Lost(Exception):
    """The archive was taken out, or somebody else goes on with it."""


def unpack(pk: int) -> bool:
    """Unpack the archive that is the record ``pk``, or a part of it; returns whether this call got any further.

    The vault's errors go on to the caller, as those of a check do.
    """
    if not Record.objects.filter(pk=pk, kind=Kind.ZIP).exists():
        return False
    claimed = claim(pk)
    if not claimed or claimed[0].stored is None:
        return False
    record, stored = claimed[0], claimed[0].stored
    archive = archive_of(record)
    if archive.depth > DEEPEST:
        return refuse(record, Problem.TOO_DEEP)
    try:
        with Unpacking(record, archive) as unpacking:
            return unpacking.go_on(stored)
    except (Lost, Erased):
        return False


def archive_of(record: Record) -> Archive:
    """What is known of the archive that came as ``record``."""
    outer = record.archive
    columns = {
        "case_id": record.case_id,
        "root": (outer.root or outer) if outer else None,
        "depth": outer.depth + 1 if outer else 0,
        "name": clean_folder(f"{record.folder}/{record.name}", NAME_LENGTH),
        "purpose": record.purpose,
        "uploaded_by_id": record.uploaded_by_id,
        "size": record.size,
    }
    return Archive.objects.get_or_create(record=record, defaults=columns)[0]


class Unpacking:
    """One go at an archive. As a context manager it discards, at its end, what has not become a record."""

    def __init__(self, record: Record, archive: Archive) -> None:
        self.record, self.archive = record, archive
        self.frames, self.held = Reader(), ExitStack()
        self.arrivals: Arrivals | None = None  # the files since the last time
        self.looked_at = 0  # as many as these
        self.in_file = self.skipped = self.is_counted = self.is_over = False
        self.problem: Problem | None = None
        others = (
            Archive.objects.tree(archive.root or archive).exclude(pk=archive.pk).aggregate(files=Sum("total"), inflated=Sum("inflated"))
        )
        self.most = MOST - (others["files"] or 0)
        sent = archive.root or archive
        self.inflatable = max(UNDOUBTED, DENSEST * sent.size) - (others["inflated"] or 0)
        self.begun = self.renewed = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.close()

    def go_on(self, stored: StoredFile) -> bool:
        """Unpack from where the archive stands. Raises ``Lost``, and what the vault raises; returns whether there was progress."""
        limits = [str(settings.UPLOAD_FILE_BYTES), str(max(0, self.most))]
        status: int | None
        try:
            program, first = "records.archives.child", str(self.archive.done)
            status = run(program, [first, *limits], Upload(self.record.size, partial(reader(), stored)), self.take, PROCESS)
        except Broken:
            status = None
        is_whole = self.is_counted and self.archive.done + self.looked_at >= self.archive.total
        if self.problem is None and not self.is_over and not is_whole:
            self._died(status)
        self.book()
        if self.problem:
            return refuse(self.record, self.problem)
        return self._finish(stored) if self.archive.done >= self.archive.total else self._let_others()

    def take(self, piece: bytes) -> bool:
        """A piece of the child's output; returns whether it should go on. Raises ``Broken``, ``Lost``, and what the vault raises."""
        for what, data in self.frames.feed(piece):
            self.STEPS[what](self, data)
            if self.problem or self.is_over:
                return False
        return True

    def _count(self, data: bytes) -> None:
        if self.is_counted or not data.isdigit() or len(data) > 9:
            raise Broken
        self.is_counted, self.archive.total = True, int(data)
        if not self.archive.total:
            self.problem = Problem.NO_FILES

    def _begin(self, data: bytes) -> None:
        if self.in_file or not self.is_counted or self.archive.done + self.looked_at >= self.archive.total:
            raise Broken
        path = data.decode(errors="replace").replace("\\", "/")
        folder, _, name = path.rpartition("/")
        if self.arrivals is None:
            room = room_left(self.record.case, unpacking=True)
            self.arrivals = self.held.enter_context(Arrivals(self.record.case.uid, room))
        self.in_file = True
        self._step(self.arrivals.begin, name, clean_folder(f"{self.archive.name}/{folder}", NAME_LENGTH))

    def _data(self, data: bytes) -> None:
        if not self.in_file or self.arrivals is None:
            raise Broken
        self.archive.inflated += len(data)
        if self.archive.inflated > self.inflatable:
            self.problem = Problem.TOO_DENSE
            self.arrivals.interrupt()
            return
        if time.monotonic() - self.renewed > RENEWED_EVERY:
            self._renew()
        if not self.skipped:
            self._step(self.arrivals.write, data)

    def _end(self, data: bytes) -> None:
        if not self.in_file or self.arrivals is None:
            raise Broken
        if not self.skipped:
            problem = as_problem(data) if data else None
            self._step(*(self.arrivals.refuse, reasons.FOUND[problem]) if problem else (self.arrivals.end,))
        self.in_file, self.skipped = False, False
        self.looked_at += 1
        self.is_over = time.monotonic() - self.begun > SLICE
        if self.looked_at >= AT_ONCE:
            self.book()

    def _refused(self, data: bytes) -> None:
        self.problem = as_problem(data)

    STEPS = {Frame.COUNT: _count, Frame.BEGIN: _begin, Frame.DATA: _data, Frame.END: _end, Frame.PROBLEM: _refused}

    def _step(self, step, *arguments: object) -> None:
        try:
            step(*arguments)
        except Skip:
            self.skipped = True

    def _died(self, status: int | None) -> None:
        """The child ended by itself: the file that it was at is refused, and after three of these the rest of the archive."""
        if not self.is_counted:
            self.problem = Problem.DAMAGED if status == 1 else Problem.LIMITS
            return
        if self.in_file:
            self._end(Problem.LIMITS.encode())
        self.archive.failures += 1
        if self.archive.failures >= DEATHS:
            self.problem = Problem.LIMITS

    def _renew(self) -> None:
        """Keep others away for another while. Raises ``Lost``."""
        until = now() + LEASE
        if not self._row().update(taken_until=until, next_try_at=until):
            raise Lost
        self.renewed = time.monotonic()

    def _row(self):
        """The record, while it is this call's."""
        return Record.objects.filter(pk=self.record.pk, attempts=self.record.attempts, status=Status.CHECKING)

    def book(self) -> None:
        """Make rows of the files since the last time, and mark how far the archive is. Raises ``Lost``."""
        archive = self.archive
        with transaction.atomic():
            case = lock(self.record.case)
            self._renew()
            if self.arrivals:
                sender = Sender(self.record.uploaded_by, self.record.request)
                added = make_records(case, self.arrivals, sender, Purpose(self.record.purpose), archive)
                archive.taken += sum(record.kind != Kind.ZIP for record in added.records)
                archive.refused += len(added.turned_back)
                archive.known += added.known
            archive.done += self.looked_at
            archive.save(update_fields=["total", "done", "taken", "refused", "known", "inflated", "failures"])
        self.held.close()
        self.arrivals, self.looked_at = None, 0

    def _let_others(self) -> bool:
        """Give the archive back, to be gone on with."""
        with transaction.atomic():
            self._row().update(taken_until=None, next_try_at=now())
            enqueue("records.tasks.unpack", self.record.pk)
        return True

    def _finish(self, stored: StoredFile) -> bool:
        """All that is in it has come: the archive itself goes."""
        archive = self.archive
        if archive.known and not archive.taken and not archive.refused:
            return refuse(self.record, Problem.ALL_HERE)
        with transaction.atomic():
            case = lock(self.record.case)
            self._renew()
            if archive.taken:
                note_files(case, archive.taken, self.record.uploaded_by, Purpose(self.record.purpose))
            counts = {"added": archive.taken, "turned_back": archive.refused, "known": archive.known}
            audit("record.unpack", by=self.record.uploaded_by, case_uid=case.uid, patient_id=case.patient_id, detail=counts)
            self.record.delete()
            vault.discard(stored)
        return True


def refuse(record: Record, problem: Problem) -> bool:
    """Say of the archive itself why it, or the rest of it, was not taken; returns whether it was written."""
    return bool(settle([(record, Verdict({}, problem))]))


def as_problem(code: bytes) -> Problem:
    """The problem of this code. Raises ``Broken``."""
    try:
        return Problem(code.decode())
    except ValueError:
        raise Broken from None
