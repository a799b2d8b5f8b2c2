"""What may be done about a request now: whether the patient allows it, who runs it, and whether its link takes files. Reads only."""

from collections.abc import Iterable

from secondop.cases.access import Right
from secondop.cases.consents import in_force
from secondop.cases.handover import waits_for_owner
from secondop.cases.models import Case, Consent
from secondop.cases.states import State
from secondop.catalog.models import ConsentText

from .models import DropLink, RecordRequest

Status = RecordRequest.Status
COLLECTING = (State.SCREENING, State.READY, State.IN_REVIEW)


def authorization(request: RecordRequest) -> Consent | None:
    """The authorization by which the care team asks this office, if it holds now. Patients need none to ask for themselves."""
    if request.source is None:
        return None
    return in_force(request.case, ConsentText.Kind.SOURCE, request.source)


def is_allowed(request: RecordRequest) -> bool:
    """Whether the office may be asked now: by the patient always, by the care team while the patient's authorization holds."""
    return request.by_patient or authorization(request) is not None


def authorized_sources(case: Case) -> set[int]:
    """The sources of ``case`` whose authorization holds now; one query, as many as there may be."""
    newest: dict[int, Consent] = {}
    found = case.consents.filter(text__kind=ConsentText.Kind.SOURCE, source__isnull=False).select_related("text")
    for consent in found.order_by("at", "pk"):
        consent.case = case
        newest[consent.source_id or 0] = consent
    return {pk for pk, consent in newest.items() if consent.holds}


def runs(request: RecordRequest, rights: Iterable[Right]) -> bool:
    """Whether somebody with ``rights`` acts for whoever asks: the patient's side on its own requests, the care team on the others."""
    return (Right.DECIDE if request.by_patient else Right.COORDINATE) in set(rights)


def takes_requests(case: Case, by_patient: bool) -> bool:
    """Whether records of ``case`` may be asked for now."""
    return case.state in COLLECTING or (by_patient and case.state == State.DRAFT)


def live_link(secret: str) -> DropLink | None:
    """The link of ``secret`` if it takes files now; ``None`` alike for one that is unknown, over, closed, or not allowed any more.

    Reads the patient's authorization each time: an office sends nothing more from the moment it is taken back.
    """
    related = ("request__source", "request__case__brief", "request__case__patient", "request__case__erasure")
    links = DropLink.objects.live().of_secret(secret).select_related(*related)
    link = links.filter(request__status__in=RecordRequest.OPEN, request__case__erasure__isnull=True).first()
    return link if link and is_usable(link.request) else None


def is_usable(request: RecordRequest) -> bool:
    """Whether the case takes files of this request: it is open, the patient allows it, and the case is somebody's."""
    case = request.case
    return takes_requests(case, request.by_patient) and is_allowed(request) and not waits_for_owner(case)
