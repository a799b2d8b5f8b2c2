"""Who is waited on and since when, the two clocks, and how long each stage took: facts computed from rows and dates."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.utils import timezone

from secondop.catalog.calendar import add_working_days
from secondop.web.clock import now

from .access import Access, Right
from .states import ENDED, Party, State

if TYPE_CHECKING:
    from secondop.accounts.models import User

    from .models import Case

STATE_WAITS_ON = {
    State.DRAFT: Party.PATIENT,
    State.SCREENING: Party.COORDINATOR,
    State.READY: Party.COORDINATOR,
    State.IN_REVIEW: Party.SPECIALIST,
    State.CHECKING: Party.COORDINATOR,
}


class Waiting(NamedTuple):
    """The one party a case waits on, since when, and the person where there is one."""

    party: Party
    since: datetime
    person: "User | None" = None


class Stage(NamedTuple):
    """A stretch of time in one state; ``end`` is ``None`` for the state the case is in now."""

    state: State
    start: datetime
    end: datetime | None

    def length(self, at: datetime) -> timedelta:
        """How long the stage took, counted up to ``at`` where it has not ended."""
        return (self.end or at) - self.start


def waiting_on(case: "Case") -> Waiting:
    """Who the case waits on, read from its rows; ``precedence`` says who comes first."""
    ask = next((a for a in case.asks.all() if a.status == "open"), None)
    offer = None
    if case.state == State.READY:
        offer = Access.objects.active().filter(case=case, right=Right.SUMMARY).select_related("user").order_by("since").first()
    offered = (offer.since, offer.user) if offer else None
    return precedence(case, stages(case)[-1].start, ask.opened_at if ask else None, offered, asked_elsewhere(case))


def asked_elsewhere(case: "Case") -> datetime | None:
    """Since when the case waits for records that the care team asked an office for; only while records are collected."""
    if case.state != State.SCREENING:
        return None
    out = [asked.sent_on for asked in case.record_requests.all() if asked.is_out and not asked.by_patient]
    return midnight(min(filter(None, out), default=None))


def midnight(day: date | None) -> datetime | None:
    """The moment when ``day`` begins in the organisation's time zone."""
    return datetime.combine(day, time(), timezone.get_default_timezone()) if day else None


def precedence(
    case: "Case",
    entered: datetime,
    asked_at: datetime | None,
    offered: "tuple[datetime, User | None] | None",
    requested_at: datetime | None = None,
) -> Waiting:
    """Who is waited on: the patient's open ask first, then the office that holds records, the offered specialist, the state's own party.

    For readers of many cases, who have the facts already: since when the case is in its state (``entered``), since when
    an ask is open, since when it is offered, to whom, and since when records are asked for elsewhere.
    """
    state = State(case.state)
    if state in ENDED or state == State.DELIVERED:
        return Waiting(Party.NOBODY, entered)
    if asked_at:
        return Waiting(Party.PATIENT, asked_at, case.patient)
    if requested_at and state == State.SCREENING:
        return Waiting(Party.SOURCE, requested_at)
    if offered and state == State.READY:
        return Waiting(Party.SPECIALIST, *offered)
    party = STATE_WAITS_ON[state]
    person = {Party.PATIENT: case.patient, Party.COORDINATOR: case.owner, Party.SPECIALIST: case.specialist}[party]
    return Waiting(party, entered, person)


def stages(case: "Case") -> list[Stage]:
    """The states the case has been in, oldest first; their lengths add up to the time since it was created."""
    moves = [line for line in case.journal.all() if line.target]
    starts = [(State.DRAFT, case.created_at), *((State(line.target), line.at) for line in moves)]
    ends = [start for _, start in starts[1:]] + [None]
    return [Stage(state, start, end) for (state, start), end in zip(starts, ends, strict=True)]


def complete_since(case: "Case") -> datetime | None:
    """Since when the records are complete: the start of the second clock. ``None`` while they are collected, also once more."""
    collected = [stage.start for stage in stages(case) if stage.state == State.SCREENING]
    return case.ready_at if case.ready_at and case.ready_at >= max(collected) else None


def due(state: State, since: datetime) -> datetime | None:
    """When a case that came into ``state`` at ``since`` should leave it, by the targets; ``None`` for a state without one.

    Working days per stage come from ``settings.STAGE_TARGET_DAYS``. They are targets of the organisation, not measured
    times, and pages say so.
    """
    days = settings.STAGE_TARGET_DAYS.get(state)
    return add_working_days(since, days) if days else None


def stage_due(case: "Case") -> datetime | None:
    """When the present stage should end: its date, or once the journal says that it slipped, its target anew from then on."""
    slips = [line.at for line in case.journal.all() if line.event == "slipped" and case.due_at and line.at >= case.due_at]
    return due(State(case.state), slips[-1]) if slips else case.due_at


def expected(case: "Case") -> datetime | None:
    """When the opinion should be there by the targets: the present stage's date, and the targets of those that follow.

    ``None`` before the request is sent and once the opinion is there. Never a date that has passed.
    """
    by_when = stage_due(case)
    if case.state not in settings.STAGE_TARGET_DAYS or by_when is None:
        return None
    return max(finish(State(case.state), by_when), now())


def finish(state: State, by_when: datetime) -> datetime:
    """When the opinion is there if the stage ``state`` ends at ``by_when`` and those that follow keep to their targets."""
    path = list(settings.STAGE_TARGET_DAYS)
    return add_working_days(by_when, sum(settings.STAGE_TARGET_DAYS[later] for later in path[path.index(state) + 1 :]))
