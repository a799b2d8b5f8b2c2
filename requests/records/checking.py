"""The check of records: a lease on each row, a child that parses them, each result written once."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from itertools import chain, groupby
from typing import cast

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from secondop.cases.checklists import refresh
from secondop.cases.lifecycle import Erased, lock
from secondop.cases.models import Case
from secondop.vault import services as vault
from secondop.vault.services import StoredFile
from secondop.web.clock import now
from secondop.web.queue import enqueue

from . import reasons, scanning
from .clinical.store import replace
from .formats.problems import Problem
from .imaging import filing
from .kinds import TOGETHER, Kind
from .models import WAITING, Purpose, Record, Status
from .previews.orders import order
from .removing import forget_old_refusals
from .sandbox import Upload, Verdict, examine_all
from .viewer.marking import mark

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
SENT_AGAIN_AFTER = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
BEGUN_WITHIN = 45.0  # seconds after which a batch begins no other file: with the longest one it ends before the lease
AT_ONCE = 200  # tasks that one sweep sends
SENT_AT_ONCE = 10_000  # records that they are for
QUIET = timedelta(seconds=1)  # without another file, after which no more seem to come
PARTS_IN_MEMORY = 4
WRITTEN = ("status", "reason", "facts", "taken_until", "stored", "scanned_at", "ready_at", "series", "position", "sop_uid", "identity")


def check(pk: int) -> int:
    """Find out whether the record ``pk``, and others of its case and kind that wait, are what they seem; returns how many it settled.

    The vault's errors and the scanner's go on to the caller: then nobody knows about the file yet, and the sweep brings it back later
    and later. The rest of its batch is given back. While the scanner is away nothing is begun.
    """
    if scanning.is_on() and not scanning.answers():
        logger.warning("the virus scanner does not answer: files wait for it")
        return 0
    claimed = claim(pk)
    read = reader()
    found: list[tuple[Record, Verdict]] = []
    untouched: list[Record] = []
    begun = time.monotonic()
    try:
        uploads = [Upload(record.size, partial(read, record.stored)) for record in claimed if record.stored]
        for record, verdict in zip(claimed, examine_all(claimed[0].kind, uploads) if claimed else (), strict=False):
            found.append((record, scanned(record, verdict, among=claimed)))
            if time.monotonic() - begun > BEGUN_WITHIN:
                break
        untouched = claimed[len(found) :]
    except (vault.VaultError, scanning.ScannerDown):
        untouched = claimed[len(found) + 1 :]
        raise
    finally:
        settled = settle(found)
        give_back(untouched)
    return settled


def scanned(record: Record, verdict: Verdict, *, among: list[Record]) -> Verdict:
    """The verdict on a readable file that a scanner has seen too, where there is one; the row notes it. Raises ``ScannerDown``.

    ``among`` are all that were claimed with it: they stay so while the scan of a large one goes beyond their lease.
    """
    if verdict.problem or not scanning.is_on() or record.stored is None:
        return verdict
    seconds = scanning.seconds_for(record.size)
    if seconds > scanning.SCAN_SECONDS:
        rows = Record.objects.filter(pk__in=[one.pk for one in among], attempts=record.attempts, status=Status.CHECKING)
        rows.update(taken_until=now() + timedelta(seconds=seconds) + LEASE)
    finding = scanning.scan(vault.read(record.stored), seconds)
    record.scanned_at = now() if finding == scanning.Finding.NOTHING else None
    return Verdict({}, Problem.HARMFUL) if finding == scanning.Finding.HARMFUL else verdict


def claim(pk: int) -> list[Record]:
    """Take the record for ``LEASE``, unless it has been checked or somebody else has it, and with it what may share its child.

    Those have been tried as often as it, so that a file which ends badly again and again comes to be alone.
    """
    with transaction.atomic():
        record = unclaimed(Record.objects.filter(pk=pk)).first()
        if record is None:
            return []
        like = Record.objects.filter(case_id=record.case_id, kind=record.kind, attempts=record.attempts, pk__gt=pk)
        taken = [record, *unclaimed(like)[: TOGETHER.get(Kind(record.kind), 1) - 1]]
        at, attempts = now(), record.attempts + 1
        wait = min(LEASE * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        rows = Record.objects.filter(pk__in=[one.pk for one in taken])
        rows.update(status=Status.CHECKING, attempts=attempts, taken_until=at + LEASE, next_try_at=at + wait)
    for one in taken:
        one.status, one.attempts = Status.CHECKING, attempts
    return taken


def unclaimed(records: QuerySet[Record]) -> QuerySet[Record]:
    """What of ``records`` waits in nobody's hands, locked, in the order they came."""
    free = Q(taken_until=None) | Q(taken_until__lt=now())
    waiting = records.filter(free, status__in=WAITING, stored__isnull=False)
    return waiting.select_for_update(skip_locked=True, of=("self",)).select_related("stored").order_by("pk")


def give_back(records: list[Record]) -> None:
    """Let go of claimed records that nobody has looked at; they are sent again at once."""
    if not records:
        return
    attempts = records[0].attempts
    rows = Record.objects.filter(pk__in=[record.pk for record in records], attempts=attempts, status=Status.CHECKING)
    with transaction.atomic():
        rows.update(status=Status.RECEIVED, attempts=attempts - 1, taken_until=None, next_try_at=now() + SENT_AGAIN_AFTER)
        enqueue("records.tasks.check", records[0].pk)


def settle(found: list[tuple[Record, Verdict]]) -> int:
    """Write the verdicts on records of one case that nobody has taken since; refused files leave the vault. Returns how many."""
    if not found:
        return 0
    with transaction.atomic():
        try:
            case = lock(Case(pk=found[0][0].case_id))
        except Erased:
            return 0
        rows = Record.objects.select_for_update().filter(pk__in=[record.pk for record, _ in found], status=Status.CHECKING)
        attempts = dict(rows.values_list("pk", "attempts"))
        current = [(record, verdict) for record, verdict in found if attempts.get(record.pk) == record.attempts]
        for record, verdict in current:
            write(record, verdict)
        filing.file(case, [record for record, _ in current])
        save([record for record, _ in current])
        follow(case, [record for record, _ in current])
    return len(current)


def save(records: list[Record]) -> None:
    """Write what a check changes of ``records``, which are locked; so each is there, and none is made.

    ``bulk_update()`` would say every column of every row as a case of its own, which takes longer than to file an image.
    """
    Record.objects.bulk_create(records, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN)


def follow(case: Case, records: list[Record]) -> None:
    """Do what follows from the verdicts on ``records`` of ``case``, which is locked."""
    for record in records:
        order(record)
    if any(record.status == Status.REFUSED for record in records):
        forget_old_refusals(case)
    refresh(case)
    mark(records, more_may_come=True)
    look_for_more(case, records)


def look_for_more(case: Case, records: list[Record]) -> None:
    """Have what came after ``records`` to share a child checked, if it seems to be all: otherwise the clock's sweep takes it with more."""
    shared = {record.kind for record in records} & TOGETHER.keys()
    last = case.records.due().filter(kind__in=shared).aggregate(last=Max("created_at"))["last"] if shared else None
    if last and last < now() - QUIET:
        enqueue("records.tasks.sweep")


def write(record: Record, verdict: Verdict) -> None:
    """Put the verdict into the row (not saved); the bytes of a refused file leave the vault.

    What a health document says becomes rows of its own, where it is for the review.
    """
    record.reason = reasons.FOUND[verdict.problem] if verdict.problem else ""
    record.status, record.ready_at = (Status.REFUSED, None) if record.reason else (Status.READY, now())
    facts = dict(verdict.facts)
    entries = cast(list[dict[str, str]] | None, facts.pop("entries", None))
    record.facts, record.taken_until = facts, None
    if entries is not None and record.purpose == Purpose.MEDICAL:
        replace(record, entries)
    if record.reason and record.stored:
        vault.discard(record.stored)
        record.stored = None


def sweep() -> int:
    """Send every record whose check is due and in nobody's hands to a worker, those that share a child together; returns how many tasks."""
    with transaction.atomic():
        due = Record.objects.due().select_for_update(skip_locked=True).order_by("next_try_at", "pk")
        groups = groupby(sorted(due.values_list("case_id", "kind", "attempts", "pk")[:SENT_AT_ONCE]), key=lambda row: row[:3])
        batches = [(kind, batch) for (_, kind, _), rows in groups for batch in split([row[3] for row in rows], TOGETHER.get(Kind(kind), 1))]
        sent = batches[:AT_ONCE]
        Record.objects.filter(pk__in=chain.from_iterable(batch for _, batch in sent)).update(next_try_at=now() + SENT_AGAIN_AFTER)
        for kind, batch in sent:
            enqueue("records.tasks.unpack" if kind == Kind.ZIP else "records.tasks.check", batch[0])
    return len(sent)


def split(pks: list[int], most: int) -> list[list[int]]:
    """``pks`` in pieces of at most so many."""
    return [pks[first : first + most] for first in range(0, len(pks), most)]


def reader() -> Callable[[StoredFile, int, int], bytes]:
    """Reading stored files by offsets, with the last few parts held in memory: parsers go back and forth in small steps."""

    @lru_cache(maxsize=PARTS_IN_MEMORY)
    def part(stored: StoredFile, index: int) -> bytes:
        return b"".join(vault.read(stored, index * stored.part_size, (index + 1) * stored.part_size))

    def read(stored: StoredFile, start: int, end: int) -> bytes:
        size = stored.part_size
        first, last = start // size, (end - 1) // size
        return b"".join(part(stored, index) for index in range(first, last + 1))[start - first * size : end - first * size]

    return read
