"""Making previews: a lease on the row, children that draw and clean, one result written once."""

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django.db import transaction

from secondop.cases.checklists import refresh
from secondop.cases.lifecycle import Erased, lock
from secondop.web.clock import now
from secondop.web.queue import enqueue

from ..checking import reader
from ..kinds import Kind
from ..models import Record
from ..running import run
from ..sandbox import Limits, Upload
from . import frames, words
from .models import PageText, Preview, Rendition
from .orders import CLEANED_BY, DRAWN_BY, READ_BY
from .outputs import Outputs

LEASE = timedelta(minutes=8)  # longer than the three children of a first turn may take
SENT_AGAIN_AFTER = timedelta(minutes=1)
AT_ONCE = 200
AT_FIRST, AT_A_TIME = 5, 10  # pages drawn when the record is ready, and whenever somebody comes near the next ones
TRIES = 2
LIMITS = Limits(cpu=60, memory=1024**3, wall=120)


class Turn(NamedTuple):
    """One worker's turn at a preview: the pages it is to draw, and whether nothing has been drawn so far."""

    preview: Preview
    pages: list[int]
    is_first: bool

    @property
    def makes_all(self) -> bool:
        """Whether text and safe copy are made as well: at first, not again and again for pages that cannot be drawn."""
        return self.is_first and self.preview.attempts <= 2 * TRIES


class Made(NamedTuple):
    """What came of a turn."""

    drawn: Outputs
    read: Outputs
    cleaned: Outputs


def make(pk: int) -> bool:
    """Make what the preview ``pk`` lacks; returns whether this call wrote something.

    The vault's errors go on to the caller: the sweep brings the preview back when the lease is over.
    """
    turn = claim(pk)
    if turn is None:
        return False
    record, kind = turn.preview.record, Kind(turn.preview.record.kind)
    uid = record.case.uid
    with Outputs(uid, set(turn.pages)) as drawn, Outputs(uid, set()) as read, Outputs(uid, set()) as cleaned:
        if turn.pages and kind in DRAWN_BY:
            work(DRAWN_BY[kind], record, drawn, [",".join(map(str, turn.pages))])
        if turn.makes_all and kind in READ_BY and not record.texts.exists():
            work(READ_BY[kind], record, read, [])
        if turn.makes_all and kind in CLEANED_BY and not record.renditions.filter(kind=Rendition.Kind.SAFE).exists():
            work(CLEANED_BY[kind], record, cleaned, [])
        return settle(turn, Made(drawn, read, cleaned))


def work(task: str, record: Record, outputs: Outputs, more: list[str]) -> None:
    """Have a child do ``task``; a child that dies leaves what it handed over before, and ``outputs`` not done."""
    if record.stored is None:
        return
    upload = Upload(record.size, partial(reader(), record.stored))
    status = run("records.previews.child", [task, *more], upload, outputs.take, LIMITS)
    outputs.done = outputs.done and status == 0
    if outputs.done:
        outputs.finish()


def claim(pk: int) -> Turn | None:
    """Take the preview for ``LEASE``, unless it has nothing to make or somebody else has it."""
    at = now()
    preview = Preview.objects.unmade().select_related("record__case", "record__stored").filter(pk=pk).first()
    if preview is None or (preview.taken_until and preview.taken_until >= at):
        return None
    row = Preview.objects.filter(pk=pk, attempts=preview.attempts)
    preview.attempts += 1
    if not row.update(attempts=preview.attempts, taken_until=at + LEASE, next_try_at=at + LEASE):
        return None
    return Turn(preview, pages_to_draw(preview), preview.status == Preview.Status.QUEUED)


def pages_to_draw(preview: Preview) -> list[int]:
    """The first pages, or those from the one that somebody waits for, without those that are there or cannot be drawn."""
    begin, count, last = preview.wanted or 1, AT_A_TIME, preview.pages
    if preview.wanted is None:
        count, last = AT_FIRST, pages_of(preview.record)
    asked = range(begin, min(begin + count - 1, last) + 1)
    there = preview.record.renditions.filter(kind=Rendition.Kind.PAGE, index__in=asked).values_list("index", flat=True)
    without = {*there, *preview.broken}
    return [number for number in asked if number not in without]


def pages_of(record: Record) -> int:
    """How many pages of the record can be looked at, by its check."""
    return min(int(record.facts.get("pages", 1)), frames.MOST_PAGES)


@transaction.atomic
def settle(turn: Turn, made: Made) -> bool:
    """Write what came of a turn, if nobody has taken the preview since; returns whether it was written."""
    record = turn.preview.record
    try:
        lock(record.case)
    except Erased:
        return False
    row = Preview.objects.select_for_update().filter(pk=turn.preview.pk, attempts=turn.preview.attempts).first()
    if row is None:
        return False
    for outputs in (made.drawn, made.cleaned):
        Rendition.objects.bulk_create([Rendition(record=record, **vars(part)) for part in outputs.parts])
        outputs.kept.update(part.stored.uid for part in outputs.parts)
    texts = [PageText(record=record, number=number, text=text, search=words.vector(text)) for number, text in made.read.texts.items()]
    PageText.objects.bulk_create(texts, batch_size=200)
    refresh(record.case)
    if record.kind in DRAWN_BY:
        stand(row, turn, made.drawn)
    else:
        stand_as_text(row, made.read)
    row.taken_until, row.next_try_at = None, now()
    row.save()
    if row.status == Preview.Status.QUEUED or row.wanted is not None:
        enqueue("records.tasks.preview", row.pk)
    return True


def stand(row: Preview, turn: Turn, drawn: Outputs) -> None:
    """Set on the row how far it came after a turn. A page that brought nothing ``TRIES`` times in a row is left out from then on."""
    there = [part for part in drawn.parts if part.kind == Rendition.Kind.PAGE]
    count_failures(row, turn.pages if not there else [])
    lacking = pages_to_draw(row)
    if turn.is_first and (there or not lacking):
        row.status, row.pages = outcome(turn.preview.record), drawn.pages or pages_of(turn.preview.record)
    if row.wanted not in lacking:
        row.wanted = None


def outcome(record: Record) -> str:
    """How a record's preview stands once the first turn is over: of use as soon as there is a picture or a word."""
    return Preview.Status.READY if record.renditions.exists() or record.texts.exists() else Preview.Status.FAILED


def count_failures(row: Preview, missed: list[int]) -> None:
    """Count a turn that brought none of the pages ``missed``, the first of which is given up in time; without any the count begins anew."""
    row.failures = row.failures + 1 if missed else 0
    if row.failures >= TRIES:
        row.broken, row.failures = sorted({*row.broken, missed[0]}), 0


def stand_as_text(row: Preview, read: Outputs) -> None:
    """Set on the row of a plain text, which has no pictures, how far it came."""
    row.status = Preview.Status.READY if read.texts else Preview.Status.FAILED
    row.pages, row.is_text = max(read.texts, default=0), True


def sweep() -> int:
    """Send every preview that is due and in nobody's hands to a worker; returns how many."""
    with transaction.atomic():
        due = Preview.objects.due().select_for_update(skip_locked=True).order_by("next_try_at").values_list("pk", flat=True)
        found = list(due[:AT_ONCE])
        Preview.objects.filter(pk__in=found).update(next_try_at=now() + SENT_AGAIN_AFTER)
        for pk in found:
            enqueue("records.tasks.preview", pk)
    return len(found)
