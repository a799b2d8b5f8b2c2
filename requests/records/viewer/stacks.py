"""Preparing stacks: marked when a series changes, taken by one worker at a time, made anew as a whole, tried again with growing pauses."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction

from secondop.vault import services as vault
from secondop.web.clock import now
from secondop.web.queue import enqueue

from ..checking import reader
from ..kinds import Kind
from ..models import WAITING, Record, Status
from ..sandbox import Upload
from .decoder import Decoder
from .models import DUE, Stack
from .problems import Problem
from .sealed import FORMAT, PART_SIZE, Sealing

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
SENT_AGAIN_AFTER = timedelta(minutes=1)
FIRST_PAUSE = timedelta(seconds=30)
TRIES = 5
STILL_COMING = timedelta(minutes=10)  # a check that takes longer holds up no series
AT_ONCE = 50
MAX_IMAGES = 20_000
BEAT = 2.0


def sweep() -> int:
    """Send every stack that is due to a worker, unless more of its case's scans are being checked; returns how many."""
    forget_outdated()
    arriving = Record.objects.filter(status__in=WAITING, kind=Kind.DICOM, created_at__gt=now() - STILL_COMING)
    with transaction.atomic():
        due = Stack.objects.due().complete(arriving).select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at")
        found = list(due.values_list("pk", flat=True)[:AT_ONCE])
        Stack.objects.filter(pk__in=found).update(next_try_at=now() + SENT_AGAIN_AFTER)
        for pk in found:
            enqueue("records.tasks.prepare_series", pk)
    return len(found)


def forget_outdated() -> None:
    """Have stacks made anew whose files another release wrote: the viewer of this one cannot read them, so they go at once."""
    with transaction.atomic():
        rows = Stack.objects.outdated(FORMAT).select_for_update(skip_locked=True, of=("self",)).select_related("stored")
        found = {stack.pk: stack.stored for stack in rows[:AT_ONCE] if stack.stored}
        fresh: dict[str, Any] = {
            "stored": None,
            "layout": {},
            "images": 0,
            "files_done": 0,
            "files_total": 0,
            "attempts": 0,
            "next_try_at": now(),
        }
        Stack.objects.filter(pk__in=found).update(status=Stack.Status.QUEUED, **fresh)
        vault.discard_all(found.values())


def claim(pk: int) -> Stack | None:
    """Take the stack for ``LEASE``, unless it needs nothing, somebody else has it, or it was tried too often."""
    with transaction.atomic():
        stack = Stack.objects.select_for_update(of=("self",)).select_related("case").filter(pk=pk).filter(DUE).first()
        if stack is None or (stack.taken_until and stack.taken_until >= now()):
            return None
        stack.claims += 1
        stack.attempts += 1
        if stack.attempts > TRIES:
            stack.status, stack.taken_until = Stack.Status.FAILED, None
        else:
            pause = FIRST_PAUSE * 4 ** (stack.attempts - 1)
            stack.status, stack.taken_until, stack.next_try_at = Stack.Status.PREPARING, now() + LEASE, now() + pause
        stack.files_done = 0
        stack.save()
    return stack if stack.status == Stack.Status.PREPARING else None


def prepare(pk: int) -> bool:
    """Make the file of the stack ``pk`` from what the case has of its series now; returns whether this call did.

    A failure leaves the stack to the sweep, and after the fifth it says so itself. What was there before stays until then.
    """
    stack = claim(pk)
    if stack is None:
        return False
    try:
        return Preparing(stack).run()
    except (vault.VaultError, OSError):
        logger.exception("stack %s could not be prepared", stack.uid)
        Stack.objects.filter(pk=pk, claims=stack.claims).update(taken_until=None)
        return False


def files_of(stack: Stack) -> list[Record]:
    """The records whose images belong into the stack, by their numbers."""
    usable = Record.objects.medical().kept().filter(series=stack.series_id, case=stack.case_id, kind=Kind.DICOM, status=Status.READY)
    return list(usable.select_related("stored").order_by("position", "name", "pk")) if stack.series_id else []


class Lost(Exception):
    """The case was erased, or another worker has the stack: what was made is of no use."""


class Preparing:
    """One go at a stack that was claimed."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.left_out: list[tuple[int, str]] = []
        self.beaten = now()

    def run(self) -> bool:
        """Decode, seal, and name the file on the row; whether it is there. Raises what the vault raises, and ``OSError``."""
        files = files_of(self.stack)
        if not files:
            return self.drop()
        try:
            self.beat(0, len(files), at_once=True)
            with vault.writer(self.stack.case.uid, PART_SIZE) as writer:
                sealing = Sealing(writer)
                self.decode(files, sealing)
                made = sealing.finish() if sealing.entries else None
            return self.keep(len(files), made)
        except Lost:
            return False

    def decode(self, files: list[Record], sealing: Sealing) -> None:
        """Add every frame of every file; what cannot be shown is named. Raises as ``run()``, and ``Lost``."""
        read = reader()
        with Decoder() as decoder:
            for done, record in enumerate(files):
                self.beat(done, len(files))
                if record.stored is None:
                    continue
                if len(sealing.entries) >= MAX_IMAGES:
                    self.left_out.append((record.pk, Problem.TOO_MANY))
                    continue
                try:
                    for frame in decoder.decode(Upload(record.size, partial(read, record.stored)), preview=done == len(files) // 2):
                        sealing.add(record.pk, frame.info, frame.packed, frame.preview)
                        self.beat(done, len(files))
                    problem = decoder.problem
                except vault.Damaged:
                    decoder.close()
                    problem = Problem.DAMAGED
                if problem:
                    self.left_out.append((record.pk, problem))

    def beat(self, done: int, total: int, *, at_once: bool = False) -> None:
        """Say how far it is, and keep the lease. Raises ``Lost``."""
        at = now()
        if not at_once and (at - self.beaten).total_seconds() < BEAT:
            return
        self.beaten = at
        row = Stack.objects.filter(pk=self.stack.pk, claims=self.stack.claims)
        if not row.update(files_done=done, files_total=total, taken_until=at + LEASE):
            raise Lost

    def drop(self) -> bool:
        """Nothing is left of the series: forget the stack, unless something came meanwhile."""
        with transaction.atomic():
            row = Stack.objects.select_for_update(of=("self",)).select_related("stored").filter(pk=self.stack.pk).first()
            if row is None or row.claims != self.stack.claims:
                return False
            if row.changes != self.stack.changes:
                Stack.objects.filter(pk=row.pk).update(taken_until=None, next_try_at=now())
                return False
            row.delete()
            if row.stored:
                vault.discard(row.stored)
        return True

    def keep(self, total: int, made: tuple[vault.StoredFile, dict[str, Any]] | None) -> bool:
        """Put the new file in the place of the old one; where files changed meanwhile, it is made once more after this."""
        stored, layout = made or (None, {})
        with transaction.atomic():
            row = Stack.objects.select_for_update(of=("self",)).select_related("stored").filter(pk=self.stack.pk).first()
            if row is None or row.claims != self.stack.claims:
                if stored:
                    vault.discard(stored)
                return False
            before, row.stored = row.stored, stored
            row.layout, row.images = layout, layout.get("images", 0)
            row.left_out, row.made_of = self.left_out, self.stack.changes
            row.files_done = row.files_total = total
            row.status = Stack.Status.READY if row.changes == self.stack.changes else Stack.Status.QUEUED
            row.attempts, row.taken_until, row.next_try_at = 0, None, now()
            row.save()
            if before:
                vault.discard(before)
        return True
