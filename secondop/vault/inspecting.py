"""Reading everything again: does every stored file still open, and is it what was written?

A round goes through all files, a slice of it at a time; ``manage.py check_vault`` does the same at once.
"""

import hashlib
import time
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from secondop.web.clock import now

from . import services
from .errors import Damaged, KeyDestroyed, MasterKeyMissing
from .models import Round, Status, StoredFile
from .stores import store

DAMAGED, MISSING, LOCKED, UNOWNED, STRAY = "damaged", "missing", "locked", "unowned", "stray"
SLICE_SECONDS, SLICE_RATE = 120, 50 * settings.MIB
LEASE = timedelta(minutes=15)
EVERY = timedelta(days=1)
# What was begun so long ago, and is in nobody's hands, is left over and not under way.
UNDER_WAY = timedelta(days=1)


class Fault(NamedTuple):
    """Something that is not as it should be: its kind, the case and the file by uid, and a few words."""

    kind: str
    case: str
    file: str
    words: str


class Pace:
    """Holds whoever reads back to so many bytes a second; 0: as fast as it goes."""

    def __init__(self, rate: int) -> None:
        self.rate, self.read, self.begun = rate, 0, time.monotonic()

    def count(self, size: int) -> None:
        """Count bytes, and sleep while they are ahead of the time."""
        self.read += size
        if self.rate and (ahead := self.read / self.rate - (time.monotonic() - self.begun)) > 0:
            time.sleep(ahead)


def examine(stored: StoredFile, pace: Pace) -> Fault | None:
    """Open every part of a file and compare size and hash; ``None`` when it is whole, or was let go meanwhile. Raises ``StorageDown``."""
    found, size = hashlib.sha256(), 0
    try:
        for piece in services.read(stored):
            found.update(piece)
            size += len(piece)
            pace.count(len(piece))
        if (size, found.hexdigest()) == (stored.size, stored.sha256):
            return None
        kind, words = DAMAGED, "the bytes are others than were written"
    except Damaged as error:
        lost = set(range(stored.parts)) - set(store().sizes(stored.case_uid, stored.uid))
        kind, words = MISSING if lost else DAMAGED, str(error)
    except MasterKeyMissing as error:
        kind, words = LOCKED, str(error)
    except KeyDestroyed as error:
        kind, words = DAMAGED, str(error)
    if not StoredFile.objects.filter(pk=stored.pk, status=Status.STORED).exists():
        return None
    return _fault(kind, stored, words)


def unowned() -> QuerySet[StoredFile]:
    """Stored files, of more than a day ago, that no row of any app points to."""
    relations = [field for field in StoredFile._meta.get_fields(include_hidden=True) if field.auto_created and not field.concrete]
    found = StoredFile.objects.filter(status=Status.STORED, created_at__lt=now() - UNDER_WAY)
    for relation in relations:
        pointing = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})  # type: ignore[union-attr]
        found = found.filter(~Exists(pointing))
    return found


def left_over() -> Iterator[Fault]:
    """Files that nothing points to, and parts that no file owns. Raises ``StorageDown``."""
    for stored in unowned():
        yield _fault(UNOWNED, stored, "no record, document or copy points to it")
    for lying in services.strays(now() - UNDER_WAY):
        yield Fault(STRAY, str(lying.case_uid), str(lying.file_uid), "parts that no file owns")


def go_on() -> Round | None:
    """Check the next slice of the round, which begins a day after the last one began; ``None`` when there is nothing to do.

    What is missing or damaged is in the round's faults. Raises ``StorageDown``: the slice is checked again later.
    """
    found = _take()
    if found is None:
        return None
    pace = Pace(SLICE_RATE)
    limit = time.monotonic() + SLICE_SECONDS
    for stored in StoredFile.objects.filter(pk__gt=found.after, status=Status.STORED).order_by("pk").iterator():
        if fault := examine(stored, pace):
            found.faults.append(fault._asdict())
        found.after, found.files, found.size = stored.pk, found.files + 1, found.size + stored.size
        if time.monotonic() > limit:
            break
        if found.files % 100 == 0:
            found.taken_until = now() + LEASE
            found.save()
    else:
        _end(found)
    found.taken_until = None
    found.save()
    return found


@transaction.atomic
def _take() -> Round | None:
    last = Round.objects.select_for_update().order_by("-begun_at").first()
    if last is None or (last.ended_at and last.begun_at < now() - EVERY):
        last = Round()
    if last.ended_at or (last.taken_until and last.taken_until > now()):
        return None
    last.taken_until = now() + LEASE
    last.save()
    return last


def _end(found: Round) -> None:
    """Close the round. A file that nothing pointed to a round ago, and still nothing points to, is discarded."""
    before = Round.objects.filter(ended_at__isnull=False).order_by("-begun_at").first()
    old = set(before.unowned) if before else set()
    for stored in unowned():
        if str(stored.pk) in old:
            services.discard(stored)
        else:
            found.unowned.append(str(stored.pk))
    found.ended_at = now()
    Round.objects.filter(begun_at__lt=now() - timedelta(days=90)).delete()


def note(begun: datetime, files: int, size: int, met: Collection[Fault]) -> None:
    """Keep what somebody found who read all files at once, as a round: it takes the place of the last one."""
    unowned_ones = [fault.file for fault in met if fault.kind == UNOWNED]
    faults = [fault._asdict() for fault in met if fault.kind not in (UNOWNED, STRAY)]
    Round.objects.create(
        begun_at=begun, ended_at=now(), files=files, size=size, faults=faults, unowned=unowned_ones, told_at=now() if faults else None
    )


def newest() -> Round | None:
    """The last round that came to its end, or a later one that has met a fault already."""
    return Round.objects.filter(Q(ended_at__isnull=False) | ~Q(faults=[])).order_by("-begun_at").first()


def _fault(kind: str, stored: StoredFile, words: str) -> Fault:
    return Fault(kind, str(stored.case_uid), str(stored.uid), words)
