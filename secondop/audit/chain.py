"""The hash chain over the audit log: sealing entries in batches, and checking every one of them."""

import hashlib
import json
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection, transaction

from secondop.web.clock import now

from .models import Entry, Seal

BEGINNING = "0" * 64
ROW = struct.Struct(">Q32s")
SEALING = 0x5EA1  # the advisory lock of whoever is sealing
PATIENCE = 3.0  # seconds to wait for writers that may still commit a lower number
FIELDS = ("seq", "at", "actor_id", "action", "case_uid", "patient_id", "target", "outcome", "ip", "agent", "detail")


def seal(limit: int = 10_000, patience: float = PATIENCE) -> int:
    """Seal the oldest unsealed entries, at most about ``limit``, and return how many.

    Numbers are given out before transactions commit, so a low one may appear after a higher one. Therefore we choose
    the last number first and then wait until every transaction that was writing to the log at that moment is over. A
    writer that outlasts ``patience`` leaves the work to the next run; a second sealer finds the lock taken. Both get 0.
    """
    with transaction.atomic():
        if not _only_sealer():
            return 0
        newest = Seal.objects.order_by("-last_seq").first()
        unsealed = Entry.objects.filter(seq__gt=newest.last_seq if newest else 0).order_by("seq")
        seqs = unsealed.values_list("seq", flat=True)[:limit]
        last = max(seqs, default=0)
        if not last or not _writers_gone(patience):
            return 0
        rows = [(entry.seq, digest(entry)) for entry in unsealed.filter(seq__lte=last).iterator()]
        previous, index = newest.hash if newest else BEGINNING, b"".join(ROW.pack(*row) for row in rows)
        Seal.objects.create(
            at=now(),
            first_seq=rows[0][0],
            last_seq=last,
            count=len(rows),
            index=index,
            previous=previous,
            hash=chain(previous, index),
        )
        return len(rows)


def verify() -> list[str]:
    """Recompute the whole chain; one sentence for each seal or entry that is altered, missing or inserted, oldest first."""
    problems: list[str] = []
    previous, after = BEGINNING, 0
    for one in Seal.objects.order_by("last_seq").iterator(chunk_size=20):
        index = bytes(one.index)
        if one.previous != previous:
            problems.append(f"the seal before seal {one.pk} ({one.first_seq} to {one.last_seq}) is missing or altered")
        if not _consistent(one, index):
            problems.append(f"seal {one.pk} ({one.first_seq} to {one.last_seq}) is altered")
        else:
            problems.extend(_differences(index, after, one.last_seq))
        previous, after = one.hash, one.last_seq
    return problems


def unsealed_since() -> datetime | None:
    """The moment of the oldest entry that no seal holds yet, or ``None``."""
    newest = Seal.objects.order_by("-last_seq").first()
    entry = Entry.objects.filter(seq__gt=newest.last_seq if newest else 0).order_by("seq").first()
    return entry.at if entry else None


def digest(entry: Entry) -> bytes:
    """The SHA-256 of an entry's content, as canonical JSON (sorted keys, no spaces, UTC times)."""
    content = {name: getattr(entry, name) for name in FIELDS}
    content["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    content["case_uid"] = str(entry.case_uid) if entry.case_uid else None
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()).digest()


def chain(previous: str, index: bytes) -> str:
    """The hash of a seal over its index and the seal before it."""
    return hashlib.sha256(previous.encode() + index).hexdigest()


def _consistent(one: Seal, index: bytes) -> bool:
    if not index or len(index) % ROW.size or one.hash != chain(one.previous, index):
        return False
    first, last = ROW.unpack_from(index)[0], ROW.unpack_from(index, len(index) - ROW.size)[0]
    return (one.first_seq, one.last_seq, one.count) == (first, last, len(index) // ROW.size)


def _differences(index: bytes, after: int, last: int) -> Iterator[str]:
    """What is wrong with the entries numbered above ``after`` up to ``last``, by their seal's index."""
    sealed: dict[int, bytes] = dict(ROW.iter_unpack(index))
    found = {entry.seq: digest(entry) for entry in Entry.objects.filter(seq__gt=after, seq__lte=last).iterator()}
    for seq in sorted(sealed.keys() | found.keys()):
        if seq not in found:
            yield f"entry {seq} is missing"
        elif seq not in sealed:
            yield f"entry {seq} was inserted afterwards"
        elif sealed[seq] != found[seq]:
            yield f"entry {seq} is altered"


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALING])
        return cursor.fetchone()[0]


def _writers() -> set[str]:
    """The transactions of others that hold the lock every insert into the log takes (as CREATE INDEX CONCURRENTLY does)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT virtualtransaction FROM pg_locks
               WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND pid IS DISTINCT FROM pg_backend_pid()""",
            [Entry._meta.db_table],
        )
        return {row[0] for row in cursor.fetchall()}


def _writers_gone(patience: float) -> bool:
    """Wait until every transaction that writes to the log at this moment is over; ``False`` when that takes too long."""
    waiting, deadline = _writers(), time.monotonic() + patience
    while waiting:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
        waiting &= _writers()
    return True
