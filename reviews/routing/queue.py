"""The coordinator's queue: which cases, and what to do next with each. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Least
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from secondop.accounts.models import Role, User
from secondop.cases.access import Access, Right
from secondop.cases.clocks import Waiting, midnight, precedence
from secondop.cases.messages import with_unread
from secondop.cases.models import Ask, Case, JournalEntry
from secondop.cases.models.brief import ForWhom
from secondop.cases.states import ENDED, OPEN, STATE_LABELS, Party, State
from secondop.web.clock import now, today
from secondop.web.text import one_line

from .models import Decline, Offer
from .ordering import BY_SLACK, SORTS, ordered
from .services.screening import BEFORE_REVIEW

ROWS = 50
TABS: dict[str, tuple[str, tuple[State, ...]]] = {
    "open": ("All open", OPEN),
    **{str(state): (STATE_LABELS[state], (state,)) for state in (*OPEN, State.DELIVERED)},
    "ended": ("Ended", ENDED),
}
WHOSE = {"all": "Everybody’s", "mine": "Mine and unclaimed"}
OUT = ("sent", "acknowledged")  # a request for records that waits for its office
DESKS_TURN = (State.SCREENING, State.READY, State.CHECKING)


class Filters(NamedTuple):
    """What the address asks for; anything it does not know is as if it were not there."""

    state: str = "open"
    whose: str = "all"
    q: str = ""
    sort: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Filters":
        """The filters in a query string."""
        state, whose, sort = (query.get(name, "") for name in ("state", "whose", "sort"))
        return cls(
            state if state in TABS else "open",
            whose if whose in WHOSE else "all",
            one_line(query.get("q", ""), 80),
            sort if sort in SORTS else "",
        )

    def address(self) -> str:
        """The query string that asks for this."""
        return f"?{urlencode({name: value for name, value in self._asdict().items() if value})}"


class Tab(NamedTuple):
    """One tab above the queue."""

    key: str
    label: str
    number: int
    current: bool
    url: str


@dataclass
class Row:
    """A case of the queue, with what its row says."""

    case: Any
    waiting: Waiting
    needs_me: bool
    deadline: datetime | None
    action: str
    url: str
    verb: bool = False
    has_message: bool = False

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done by a date."""
        return self.case.state in OPEN

    @property
    def late(self) -> bool:
        """Whether its date has passed."""
        return self.is_open and self.deadline is not None and self.deadline < now()

    @property
    def waits_on(self) -> str:
        """The party that is waited on, by name where it has one."""
        case = self.case
        return {
            Party.PATIENT: "The patient",
            Party.SOURCE: "An office with records",
            Party.SPECIALIST: case.offered_to or str(case.specialist or "The specialist"),
            Party.COORDINATOR: str(case.owner or "The team"),
        }.get(self.waiting.party, "")


class Queue(NamedTuple):
    """One page of the queue, its tabs, and the words for its order."""

    rows: list[Row]
    page: Page
    tabs: list[Tab]
    order: str

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """The rows under their headings; those that somebody sorted stand together, without one."""
        if self.order != BY_SLACK:
            return [("", self.rows)]
        halves = [(True, "Needs you now"), (False, "Nothing to do for you right now")]
        groups = [(title, [row for row in self.rows if row.needs_me is needs]) for needs, title in halves]
        return [group for group in groups if group[1]]


class CountedPaginator(Paginator):
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: QuerySet, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.count = count


def read_queue(user: User, filters: Filters, page: str | None) -> Queue:
    """The page of the queue that ``filters`` ask for, in two queries: the counts of all tabs, and the rows."""
    cases = found(Case.objects.visible_to(user, Right.COORDINATE), user, filters)
    counts = cases.aggregate(**{key: Count("pk", filter=Q(state__in=states)) for key, (_, states) in TABS.items()})
    rows = with_facts(with_unread(cases, user).filter(state__in=TABS[filters.state][1]), user)
    rows = ordered(with_waiting(rows) if filters.sort.endswith("waits") else rows, user, filters.sort)
    shown = CountedPaginator(rows.select_related("patient", "owner", "specialist", "specialty"), ROWS, counts[filters.state])
    current = shown.get_page(page)
    tabs = [Tab(key, label, counts[key], key == filters.state, filters._replace(state=key).address()) for key, (label, _) in TABS.items()]
    return Queue([row_of(case, user) for case in current], current, tabs, SORTS[filters.sort])


def found(cases: QuerySet[Case], user: User, filters: Filters) -> QuerySet[Case]:
    """The cases that match the search and the choice of whose."""
    if filters.whose == "mine":
        cases = cases.filter(Q(owner=user) | Q(owner__isnull=True))
    if filters.q:
        about = Q(brief__for_whom=ForWhom.OTHER, brief__subject_name__icontains=filters.q)
        names = Q(patient__full_name__icontains=filters.q) | about
        cases = cases.filter(names | Q(reference__icontains=filters.q))
    return cases


def with_facts(cases: QuerySet[Case], user: User) -> QuerySet[Any]:
    """The facts of each row and those it is sorted by, computed by the database."""
    moves = JournalEntry.objects.filter(case=OuterRef("pk")).exclude(target="").order_by("-at", "-pk")
    asks = Ask.objects.open().filter(case=OuterRef("pk")).order_by("opened_at")
    offers = Access.objects.active().filter(case=OuterRef("pk"), right=Right.SUMMARY).order_by("since")
    dates = Offer.objects.filter(case=OuterRef("pk"), specialist=OuterRef("specialist"), status=Offer.Status.ACCEPTED)
    to_agree = dates.filter(proposed_due__isnull=False, due_answered_at__isnull=True, given_back_at__isnull=True)
    of_row = Case.objects.filter(pk=OuterRef("pk"))
    out = of_row.filter(record_requests__status__in=OUT, record_requests__by_patient=False)
    facts = cases.annotate(
        entered_at=Coalesce(Subquery(moves.values("at")[:1]), F("created_at")),
        asked_at=Subquery(asks.values("opened_at")[:1]),
        offered_at=Subquery(offers.values("since")[:1]),
        offered_to=Subquery(offers.values("user__full_name")[:1]),
        date_proposed=Exists(to_agree),
        requested_on=Subquery(out.order_by("record_requests__sent_on").values("record_requests__sent_on")[:1]),
        request_calls=Exists(of_row.filter(request_calls(), record_requests__by_patient=False)),
        decline_waits=Exists(Decline.objects.filter(case=OuterRef("pk"), status=Decline.Status.WAITING)),
        deadline=Least(F("due_at"), end_of_decision_day()),
    )
    return facts.annotate(needs=Q(needs_me(user)))


def with_waiting(cases: QuerySet[Any]) -> QuerySet[Any]:
    """``cases`` from ``with_facts()`` with how long each has waited, for those who sort by it."""
    elsewhere = models.Case(When(state=State.SCREENING, then=Cast("requested_on", models.DateTimeField())))
    since = Coalesce("asked_at", elsewhere, models.Case(When(state=State.READY, then="offered_at")), "entered_at")
    over = ~Q(state__in=OPEN)
    waiting_for = ExpressionWrapper(Value(now()) - models.Case(When(over, then="entered_at"), default=since), models.DurationField())
    return cases.annotate(waiting_for=waiting_for)


def request_calls() -> Q:
    """When a request for records needs somebody: files came, or its office is to be asked again."""
    due = Q(record_requests__chase_on__lte=today()) | Q(record_requests__due_on__lt=today())
    return (Q(record_requests__arrived_at__isnull=False) | due) & Q(record_requests__status__in=("to_send", *OUT))


def end_of_decision_day() -> models.Func:
    """The moment when the day is over by which the patient has to decide, in the organisation's time zone."""
    zone, midnight = Value(timezone.get_default_timezone_name()), F("decision_date") + timedelta(days=1)
    return models.Func(zone, midnight, function="timezone", output_field=models.DateTimeField())


def needs_me(user: User) -> Q:
    """When a row waits for ``user``: it is theirs or nobody's, and the desk's turn, late, or has something new.

    That is a message, a date to agree, files that an office sent, or an office to ask again.
    """
    turn = Q(state__in=DESKS_TURN, asked_at__isnull=True, decline_waits=False) & (~Q(state=State.READY) | Q(offered_at__isnull=True))
    turn &= ~Q(state=State.SCREENING, requested_on__isnull=False, acknowledged_at__isnull=False)
    late = Q(state__in=OPEN, deadline__isnull=False, deadline__lt=now())
    mine = (Q(owner=user) | Q(owner__isnull=True)) & (
        turn | late | Q(unread=True) | Q(state__in=OPEN, request_calls=True) | Q(state=State.IN_REVIEW, date_proposed=True)
    )
    if user.has_role(Role.LEAD):
        return mine | Q(state__in=BEFORE_REVIEW, decline_waits=True)
    return mine


def row_of(case: Any, user: User) -> Row:
    """One row, from a case with its facts."""
    offered = (case.offered_at, None) if case.offered_at else None
    waiting = precedence(case, case.entered_at, case.asked_at, offered, midnight(case.requested_on))
    action, url, verb = next_action(case, user)
    return Row(case, waiting, case.needs, case.deadline, action, url, verb, has_message(case, user))


def next_action(case: Any, user: User) -> tuple[str, str, bool]:
    """What to do next with a case: the words, where, and whether that is a verb, to be posted."""
    page = reverse("routing:case", args=[case.uid])
    if to_claim(case, user):
        return "Claim", reverse("routing:claim", args=[case.uid]), True
    if case.state in BEFORE_REVIEW and case.decline_waits and user.has_role(Role.LEAD):
        return "Confirm or reject", page, False
    if to_offer(case):
        return "Choose a specialist", reverse("routing:offer", args=[case.uid]), False
    if has_message(case, user) and case.state not in DESKS_TURN:
        return "Read the message", reverse("routing:messages", args=[case.uid]), False
    if case.state == State.CHECKING:
        return "Check the opinion", reverse("opinions:check", args=[case.uid]), False
    return page_action(case), page, False


def to_claim(case: Any, user: User) -> bool:
    """Whether the case waits for ``user`` to acknowledge it."""
    return case.state == State.SCREENING and not case.acknowledged_at and case.owner in (None, user)


def to_offer(case: Any) -> bool:
    """Whether a specialist is to be chosen now."""
    return case.state == State.READY and not (case.offered_at or case.decline_waits)


def has_message(case: Any, user: User) -> bool:
    """Whether a message waits for ``user``, as the case's owner or while it has none."""
    return case.unread and case.owner in (None, user)


def page_action(case: Any) -> str:
    """The words on a link to the case page."""
    if case.state == State.IN_REVIEW and case.date_proposed:
        return "Answer the proposed date"
    if case.state == State.SCREENING and not case.asked_at:
        return "Check the records"
    return "Open"
