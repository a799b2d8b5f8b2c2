"""The check of a record: a lease on its row, a child that parses it, one result written once."""

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from django.db import transaction

from secondop.vault import services as vault
from secondop.vault.services import StoredFile
from secondop.web.clock import now
from secondop.web.queue import enqueue

from . import reasons
from .models import WAITING, Record, Status
from .sandbox import Verdict, examine

LEASE = timedelta(minutes=2)
SENT_AGAIN_AFTER = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
AT_ONCE = 200
PARTS_IN_MEMORY = 4


def check(pk: int) -> bool:
    """Find out whether the record ``pk`` is what it seems; returns whether this call did.

    The vault's errors go on to the caller: then nobody knows about the file yet, and the sweep brings it back later and later.
    """
    record = claim(pk)
    if record is None or record.stored is None:
        return False
    return settle(record, examine(record.kind, record.size, reader(record.stored)))


def claim(pk: int) -> Record | None:
    """Take the record for ``LEASE``, unless it has been checked or somebody else has it."""
    at = now()
    record = Record.objects.select_related("stored").filter(pk=pk, status__in=WAITING).first()
    if record is None or (record.taken_until and record.taken_until >= at):
        return None
    attempts = record.attempts + 1
    wait = min(LEASE * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    row = Record.objects.filter(pk=pk, attempts=record.attempts, status__in=WAITING)
    taken = row.update(status=Status.CHECKING, attempts=attempts, taken_until=at + LEASE, next_try_at=at + wait)
    record.attempts = attempts
    return record if taken else None


def settle(record: Record, verdict: Verdict) -> bool:
    """Write the verdict, if nobody has taken the record since; a refused file leaves the vault. Returns whether it was written."""
    reason = reasons.FOUND[verdict.problem] if verdict.problem else ""
    status = Status.REFUSED if reason else Status.READY
    columns = {"status": status, "reason": reason, "facts": verdict.facts, "taken_until": None}
    with transaction.atomic():
        row = Record.objects.filter(pk=record.pk, attempts=record.attempts, status=Status.CHECKING)
        if reason:
            columns["stored"] = None
        written = bool(row.update(**columns))
        if written and reason and record.stored:
            vault.discard(record.stored)
    return written


def sweep() -> int:
    """Send every record whose check is due and in nobody's hands to a worker; returns how many."""
    with transaction.atomic():
        due = Record.objects.due().select_for_update(skip_locked=True).order_by("next_try_at").values_list("pk", flat=True)
        found = list(due[:AT_ONCE])
        Record.objects.filter(pk__in=found).update(next_try_at=now() + SENT_AGAIN_AFTER)
        for pk in found:
            enqueue("records.tasks.check", pk)
    return len(found)


def reader(stored: StoredFile) -> Callable[[int, int], bytes]:
    """Reading a stored file by offsets, with its last few parts held in memory: parsers go back and forth in small steps."""
    size = stored.part_size

    @lru_cache(maxsize=PARTS_IN_MEMORY)
    def part(index: int) -> bytes:
        return b"".join(vault.read(stored, index * size, (index + 1) * size))

    def read(start: int, end: int) -> bytes:
        first, last = start // size, (end - 1) // size
        return b"".join(part(index) for index in range(first, last + 1))[start - first * size : end - first * size]

    return read
