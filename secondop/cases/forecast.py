"""When an opinion should be there, and saying so when that changes."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.timezone import localtime

from secondop.audit.services import record
from secondop.web.clock import now

from .answers import day
from .clocks import complete_since, due, expected, finish, stage_due, waiting_on
from .lifecycle import journal, lock
from .models import Case
from .states import OPEN, Party, State
from .statistics import known_times

if TYPE_CHECKING:
    from .models import JournalEntry

REASONS = {
    Party.PATIENT: "We wait for your answer.",
    Party.SPECIALIST: "The specialist needs more time.",
    Party.COORDINATOR: "Our team needs more time.",
}


class Forecast(NamedTuple):
    """When half of the cases like this one have their opinion, and nine in ten; ``opinions`` is how many stand behind it."""

    usually: datetime
    nearly_always: datetime
    opinions: int


def forecast(case: Case) -> Forecast | None:
    """The dates by this organisation's own times: from complete records on, or from asking while they are collected.

    ``None`` for a case that is not open, while too few opinions were delivered, and once the later date has passed.
    """
    if case.state not in OPEN:
        return None
    times = known_times()
    if times is None:
        return None
    ready = complete_since(case)
    start, spread = (ready, times.from_complete) if ready else (case.reopened_at or case.first_asked_at, times.from_asking)
    found = Forecast(start + spread.median, start + spread.p90, times.opinions)
    return found if found.nearly_always > now() else None


def if_sent_now() -> Forecast | None:
    """The dates for a request that is sent at this moment; ``None`` while too few opinions were delivered."""
    times = known_times()
    if times is None:
        return None
    start, spread = now(), times.from_asking
    return Forecast(start + spread.median, start + spread.p90, times.opinions)


def by_when(found: Forecast | None, target: datetime | None) -> str:
    """When the opinion should be there, said as what it is: measured by our own cases (``found``), else ``target``; empty without both."""
    if found:
        nearly = f"{'n' if found.usually > now() else 'N'}early always by {local_day(found.nearly_always)}"
        usually = f"Usually by {local_day(found.usually)}, " if found.usually > now() else ""
        return f"{usually}{nearly}. Our last {found.opinions} opinions tell us so."
    return f"We aim for {local_day(target)}. This is our target, not a promise." if target else ""


def expected_in_words(case: Case) -> str:
    """``by_when()`` for a case that was sent; empty once the opinion is there."""
    return by_when(forecast(case), expected(case))


def local_day(moment: datetime) -> str:
    """The day of ``moment`` with its weekday, in the reader's time zone."""
    return day(localtime(moment).date())


@transaction.atomic
def note_slip(case: Case) -> "JournalEntry | None":
    """Write into the journal that the present stage is late, why, and the new date; ``None`` when it is not late (any more)."""
    locked = lock(case)
    by_when = stage_due(locked)
    if locked.state not in OPEN or by_when is None or by_when >= now():
        return None
    reason = REASONS.get(waiting_on(locked).party, REASONS[Party.COORDINATOR])
    state = State(locked.state)
    date = localtime(finish(state, due(state, now()) or now()))
    entry = journal(locked, "slipped", None, party=Party.SYSTEM, note=f"{reason} Our new date is {date:%A} {date.day} {date:%B}.")
    record("case.slip", case_uid=locked.uid, patient_id=locked.patient_id)
    return entry


def note_slips() -> int:
    """``note_slip()`` for every open case whose stage is late; returns how many lines were written."""
    late = Case.objects.filter(state__in=OPEN, due_at__lt=now()).prefetch_related("journal")
    return sum(note_slip(case) is not None for case in late if (stage_due(case) or now()) < now())
