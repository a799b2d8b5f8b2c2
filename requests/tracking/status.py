"""Where a case stands, as a sentence with a person in it. The words follow the table of states in docs/architecture.md."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from records.models import RecordRequest
from secondop.cases.access import Access, CaseQuerySet, Moment, Right
from secondop.cases.models import Ask
from secondop.cases.services import OPEN_AFTER_DELIVERY, REOPEN_EXPIRED_WITHIN, is_past_reopening
from secondop.cases.states import State

KINDS = {
    State.DELIVERED: "done",
    State.CLOSED: "done",
    State.DECLINED: "stopped",
    State.WITHDRAWN: "stopped",
    State.EXPIRED: "stopped",
}
TEAM = "A care coordinator"


class Status(NamedTuple):
    """A sentence for the patient; ``kind`` is that of components/status.html."""

    sentence: str
    kind: str


def with_offer(cases: CaseQuerySet, at: Moment = None) -> CaseQuerySet:
    """``cases`` with the moment since when each is offered to somebody, now or ``at`` another moment."""
    offers = Access.objects.active(at).filter(case=OuterRef("pk"), right=Right.SUMMARY).order_by("since")
    return cases.annotate(offered_at=Subquery(offers.values("since")[:1]))


def with_facts(cases: CaseQuerySet, at: Moment = None) -> CaseQuerySet:
    """``cases`` with what a sentence needs besides the row: open asks, offers and requests for records that are out."""
    asks = Ask.objects.open().filter(case=OuterRef("pk")).order_by("opened_at")
    return with_offer(cases.select_related("owner", "specialist"), at).annotate(
        asked_at=Subquery(asks.values("opened_at")[:1]),
        asked_by_specialist=Subquery(asks.values("by_specialist")[:1]),
        is_fetching=Exists(RecordRequest.objects.sent().filter(case=OuterRef("pk"), by_patient=False)),
    )


def know_facts(case: Any) -> None:
    """Give ``case`` from ``with_offer``, whose asks and requests are loaded for its page, what ``with_facts`` gives to many."""
    ask = next((ask for ask in case.asks.all() if ask.status == Ask.Status.OPEN), None)
    case.asked_at, case.asked_by_specialist = (ask.opened_at, ask.by_specialist) if ask else (None, None)
    requests = case.record_requests.all() if case.state == State.SCREENING else ()
    case.is_fetching = any(request.is_out and not request.by_patient for request in requests)


def day(value: datetime | date) -> str:
    """A day with its weekday, in the reader's time zone."""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    return f"{local:%A} {local.day} {local:%B %Y}"


def status_of(case: Any) -> Status:
    """The status of a case that comes from ``with_facts``."""
    state = State(case.state)
    if case.asked_at and state not in KINDS:
        return Status(asking(case), "waiting")
    return Status(SENTENCES[state](case), KINDS.get(state, "waiting" if state == State.DRAFT else "progress"))


def asking(case: Any) -> str:
    """Something is needed from the patient."""
    if case.asked_by_specialist and case.specialist:
        return f"{case.specialist} has a question for you."
    return "We need something from you."


def screening(case: Any) -> str:
    """It is looked at, or records are on their way."""
    if case.is_fetching:
        return "We have your request. We are fetching your records."
    return f"We have your request. {case.owner or TEAM} checks that we can help."


def ready(case: Any) -> str:
    """All is there, and a specialist is being found."""
    return f"Your request is complete. {'A specialist is being asked.' if case.offered_at else 'We are choosing a specialist.'}"


def reviewing(case: Any) -> str:
    """A specialist works on it."""
    return f"{case.specialist or 'A specialist'} is reviewing your case."


def delivered(case: Any) -> str:
    """The opinion is there, unopened or opened."""
    if not case.opened_at:
        return "Your second opinion is ready."
    return f"You have your second opinion. Your case stays open until {day(case.delivered_at + OPEN_AFTER_DELIVERY)}."


def expired(case: Any) -> str:
    """Nothing came from the patient."""
    ended = "This request ended because we did not hear from you."
    if is_past_reopening(case):
        return f"{ended} You can start a new one at any time."
    return f"{ended} You can go on with it until {day(case.ended_at + REOPEN_EXPIRED_WITHIN)}."


SENTENCES = {
    State.DRAFT: lambda case: "Not sent yet.",
    State.SCREENING: screening,
    State.READY: ready,
    State.IN_REVIEW: reviewing,
    State.CHECKING: lambda case: f"Your opinion is written. {case.owner or TEAM} makes the final check.",
    State.DELIVERED: delivered,
    State.CLOSED: lambda case: "This case is closed. You can reopen it when there is something new.",
    State.DECLINED: lambda case: "We had to decline this request.",
    State.WITHDRAWN: lambda case: "This request was withdrawn.",
    State.EXPIRED: expired,
}
