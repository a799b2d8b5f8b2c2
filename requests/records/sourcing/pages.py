"""What the pages about requests show. Reads only, with as many queries for one request as for a hundred."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Case as Choice
from django.db.models import Count, F, Q, Value, When
from django.urls import reverse

from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.models import Case, Source
from secondop.cases.states import OPEN
from secondop.documents.models import Document
from secondop.web.clock import today

from . import letters, links
from .acts import ACTS, acts_for
from .law import rule_for
from .models import DropLink, RecordRequest
from .rules import COLLECTING, authorized_sources, is_allowed, runs, takes_requests
from .words import sentence, standing, tag, time_left

ON_A_PAGE = 50
STATUS_KINDS = {
    RecordRequest.Status.RECEIVED: "done",
    RecordRequest.Status.REFUSED: "stopped",
    RecordRequest.Status.CANCELLED: "stopped",
}


class Row(NamedTuple):
    """A request as a list shows it: the patient's sentence, what staff look at first, and whether the reader runs it."""

    request: RecordRequest
    sentence: str
    until: str
    standing: str
    kind: str
    label: str
    tag: str
    mine: bool
    sign_url: str

    @property
    def says_all(self) -> bool:
        """Whether what staff look at first is what the label says, in other words."""
        return self.request.is_open and bool(self.request.arrived_at or not self.request.is_out)


def for_patient(case: Case, rights: Iterable[Right]) -> dict[str, Any]:
    """What the patient's pages show while records come: the checklist with what is missing, and who was asked; nothing to others."""
    if Right.DECIDE not in set(rights) or case.state not in COLLECTING:
        return {}
    items = list(case.checklist.all())
    missing = [item for item in items if item.required and item.status == item.Status.MISSING]
    return {"case": case, "items": items, "missing": len(missing), "rows": rows_of(case, rights), "is_staff": False}


def rows_of(case: Case, rights: Iterable[Right]) -> list[Row]:
    """Every request of ``case``, those that are open first."""
    found = sorted(case.record_requests.all(), key=lambda request: (not request.is_open, request.pk))
    allowed, held = authorized_sources(case) if found else set(), set(rights)
    return [row_of(request, case, request.by_patient or request.source_id in allowed, held) for request in found]


def row_of(request: RecordRequest, case: Case, allowed: bool, rights: set[Right]) -> Row:
    """One request of ``case`` for somebody with ``rights``."""
    words, kind = standing(request)
    wants = request.status == RecordRequest.Status.TO_SEND and not (allowed or request.arrived_at) and Right.DECIDE in rights
    sign = reverse("tracking:consents", args=[case.uid]) if wants else ""
    said, until = sentence(request, allowed=allowed), time_left(request, case.brief.country)
    return Row(request, said, until, words, kind, *tag(request), runs(request, rights), sign)


def sources_to_ask(case: Case, by_patient: bool) -> Any:
    """The places that the patient named and that may be asked now: those to fetch from by the care team, the others by the patient."""
    how = Source.How.UPLOAD if by_patient else Source.How.FETCH
    return case.sources.filter(how=how).exclude(pk__in=case.record_requests.open().filter(source__isnull=False).values("source"))


def sources_waiting(case: Case) -> Any:
    """The places that the patient wants us to fetch records from and that nobody was ever asked, while records may be asked for."""
    found = case.sources.filter(how=Source.How.FETCH, requests=None)
    return found if takes_requests(case, by_patient=False) else found.none()


def of_case(case: Case, user: User) -> dict[str, Any]:
    """Everything on the page of a case's requests, for the patient's side or the care team."""
    rights = rights_of(user, case)
    is_staff = Right.COORDINATE in rights
    may_ask = takes_requests(case, by_patient=not is_staff)
    return {
        "case": case,
        "rows": rows_of(case, rights),
        "is_staff": is_staff,
        "wanted": sources_waiting(case),
        "may_ask": may_ask,
        "back": back_of(case, is_staff),
    }


def back_of(case: Case, is_staff: bool) -> tuple[str, str]:
    """Where the reader came from."""
    if is_staff:
        return reverse("routing:case", args=[case.uid]), "The case"
    return reverse("records:list", args=[case.uid]), "Records"


def of_request(request: RecordRequest, user: User) -> dict[str, Any]:
    """Everything on the page of one request; notes, letters and the link are for whoever runs it."""
    case = request.case
    rights = rights_of(user, case)
    allowed, mine = is_allowed(request), runs(request, rights)
    link = links.live(request) if mine and allowed else None
    names = acts_for(request, allowed=allowed, has_link=bool(link)) if mine and takes_requests(case, request.by_patient) else []
    row = row_of(request, case, allowed, rights)
    return {
        "case": case,
        "request_row": row,
        "status": status_of(row, allowed=allowed, is_staff=Right.COORDINATE in rights),
        "is_staff": Right.COORDINATE in rights,
        "record_request": request,
        "allowed": allowed,
        "mine": mine,
        "events": list(request.events.select_related("by")),
        **letters_part(request if mine and allowed else None),
        **link_part(link),
        "acts": [(name, ACTS[name], ACTS[name].form(request=request, auto_id=f"{name}_%s")) for name in names],
        "rule": rule_for(case.brief.country),
        "came": request.records.filter(status="ready").count(),
    }


def status_of(row: Row, *, allowed: bool, is_staff: bool) -> tuple[str, str]:
    """How the status of a request looks, and its second line: for who runs it first what they have to do, where that waits."""
    is_due = row.request.is_open and row.mine and allowed and row.kind in ("warning", "danger")
    first = f"{row.standing}." if is_staff and is_due and row.request.is_out and not row.standing.endswith("?") else ""
    kind = "waiting" if row.sign_url or is_due else STATUS_KINDS.get(RecordRequest.Status(row.request.status), "progress")
    return kind, f"{first} {row.until}".strip()


def letters_part(request: RecordRequest | None) -> dict[str, Any]:
    """The letters of a request that its reader may have, and whether one of them is being made."""
    found = list(letters.newest(request).values()) if request else []
    return {"letters": found, "letters_coming": any(each.status == Document.Status.QUEUED for each in found)}


def link_part(link: DropLink | None) -> dict[str, Any]:
    """The link for the office, if there is one, as an address and as a picture."""
    address = links.address_of(link) if link else ""
    return {"link": link, "address": address, "qr": letters.qr_code(address) if address else ""}


def ledger(user: User, page: str | None) -> tuple[Page, int]:
    """Every open request of the care team on cases that ``user`` coordinates, what is late first; and how many need somebody today.

    Three queries, however many there are.
    """
    cases = Case.objects.visible_to(user, Right.COORDINATE).filter(state__in=OPEN).values("pk")
    found = RecordRequest.objects.open().filter(case__in=cases, by_patient=False).select_related("case__owner", "case__brief")
    due = Q(chase_on__lte=today()) | Q(due_on__lt=today()) | Q(arrived_at__isnull=False) | Q(status=RecordRequest.Status.TO_SEND)
    rank = Choice(When(arrived_at__isnull=False, then=Value(0)), When(due_on__lt=today(), then=Value(1)), default=Value(2))
    ranked = found.annotate(rank=rank).order_by("rank", F("chase_on").asc(nulls_last=True), "due_on", "pk")
    number = found.aggregate(due=Count("pk", filter=due))["due"]
    return Paginator(ranked, ON_A_PAGE).get_page(page), number
