"""What people do about records that others hold: ask an office, say that it was sent, chase it, say what came. Atomic verbs."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.access import rights_of
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, journal, lock, recipients
from secondop.cases.models import Case, Source
from secondop.cases.states import ENDED, Party
from secondop.documents import services as documents
from secondop.notices.services import tell
from secondop.web.clock import now, today

from . import letters, links
from .law import rule_for
from .models import CHASE_DAYS, RecordRequest, RequestEvent
from .rules import authorization, is_allowed, runs, takes_requests

Status, What = RecordRequest.Status, RequestEvent.What
NOT_AUTHORIZED = "The patient has not signed an authorization for this place, or has taken it back. Nobody may ask it for records now."
MOVED_ON = "This request has moved on since you opened the page."
OLDEST_SENT = timedelta(days=90)


@transaction.atomic
def ask(
    case: Case,
    *,
    by: User,
    by_patient: bool,
    source: Source | None = None,
    office: str = "",
    place: str = "",
    what: str = "",
    contact: str = "",
) -> RecordRequest:
    """Begin a request to an office: one the patient named (``source``), or another one.

    Where the care team names a new one the patient has to authorize it first, and is told. The letters are made as soon as that is
    not wanting. Asked twice it is the same request. Raises ``NotAllowed`` and ``Refused``.
    """
    locked = lock(case)
    request = RecordRequest(case=locked, by_patient=by_patient, created_by=by, contact=contact)
    if not runs(request, rights_of(by, locked)):
        raise NotAllowed("only the patient's side and the care team ask for records")
    check_place(locked, by_patient, source, office)
    documents.check_pace(locked)
    source = source or named(locked, by_patient, office.strip(), place.strip(), what.strip())
    if found := locked.record_requests.open().filter(source=source).first():
        return found
    request.source, request.office = source, source.name
    request.place, request.what = source.place, what.strip() or source.what
    request.save()
    note(request, What.MADE, by)
    if is_allowed(request):
        make(request)
    else:
        tell_to_sign(request)
    return request


def check_place(case: Case, by_patient: bool, source: Source | None, office: str) -> None:
    """Raise ``Refused`` where nobody can be asked now, or not this place."""
    if not takes_requests(case, by_patient):
        raise Refused("Records cannot be asked for now.")
    if source is None and not office.strip():
        raise Refused("Please choose a place, or write the name of one.")
    if source and not by_patient and source.how != Source.How.FETCH:
        raise Refused("The patient brings these records. To ask for them all the same, write the name of the place.")


def named(case: Case, by_patient: bool, office: str, place: str, what: str) -> Source:
    """The source of that name, or a new one: as one to fetch it brings an authorization for the patient to sign."""
    how = Source.How.UPLOAD if by_patient else Source.How.FETCH
    found = case.sources.filter(name__iexact=office, place__iexact=place, how=how).first()
    return found or case.sources.create(name=office[:160], place=place[:160], what=what[:300], how=how)


def tell_to_sign(request: RecordRequest) -> None:
    """Tell the patient that an authorization waits for their signature."""
    link = reverse("tracking:consents", args=[request.case.uid])
    for person in recipients(request.case, Party.PATIENT):
        tell(person, "authorization_wanted", case=request.case, link=link, key=f"authorize:{request.pk}:{person.pk}")


def make(request: RecordRequest) -> None:
    """Have the letters made, with a new link in them."""
    link = links.renew(request)
    letters.order(request, link, authorization(request))


@transaction.atomic
def make_letters(case: Case, *, by: User, asked: RecordRequest) -> RecordRequest:
    """Make the letters anew, with a new link; the old one ends. Raises ``Refused`` without an authorization, and after too many."""
    locked = locked_request(case, by, asked, RecordRequest.OPEN, allowed=True)
    documents.check_pace(locked.case)
    make(locked)
    note(locked, What.LETTERS, by)
    return locked


@transaction.atomic
def send(case: Case, *, by: User, asked: RecordRequest, sent_on: date, how: str, contact: str = "", remark: str = "") -> RecordRequest:
    """Note that the request went out on a day, today or before: the office's time and the chases begin with it."""
    locked = locked_request(case, by, asked, (Status.TO_SEND,), allowed=True)
    if not today() - OLDEST_SENT <= sent_on <= today():
        raise Refused("Please give the day on which it was sent: today, or at most 90 days ago.")
    locked.status, locked.sent_on, locked.how = Status.SENT, sent_on, how
    locked.contact = contact.strip() or locked.contact
    locked.due_on = rule_for(locked.case.brief.country).due(sent_on)
    locked.chase_on = sent_on + timedelta(days=CHASE_DAYS[0])
    locked.save()
    note(locked, What.SENT, by, remark)
    journal(locked.case, "records_requested", by)
    return locked


@transaction.atomic
def acknowledge(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that the office has the request. It is still chased."""
    locked = locked_request(case, by, asked, (Status.SENT,))
    locked.status = Status.ACKNOWLEDGED
    return changed(locked, What.ACKNOWLEDGED, by, remark)


@transaction.atomic
def chase(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that the office was asked again; the next chase is the first of its days that is still to come."""
    locked = locked_request(case, by, asked, RecordRequest.OUT, allowed=True)
    locked.chase_on = next_chase(locked)
    return changed(locked, What.CHASED, by, remark)


@transaction.atomic
def extend(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that the office has said why it needs longer: the law lets it once."""
    locked = locked_request(case, by, asked, RecordRequest.OUT)
    if locked.is_extended or locked.due_on is None:
        raise Refused("The law lets an office take longer once only.")
    locked.due_on = rule_for(locked.case.brief.country).extended(locked.due_on)
    locked.is_extended, locked.chase_on = True, locked.chase_on or locked.due_on
    return changed(locked, What.EXTENDED, by, remark)


@transaction.atomic
def more_to_come(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that what came was looked at, and that it is not all."""
    locked = locked_request(case, by, asked, RecordRequest.OPEN)
    locked.arrived_at = None
    return changed(locked, What.PARTLY, by, remark)


@transaction.atomic
def receive(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that all has come; the link takes no more."""
    return finish(locked_request(case, by, asked, RecordRequest.OPEN), Status.RECEIVED, What.RECEIVED, by, remark)


@transaction.atomic
def refuse(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Note that the office said no."""
    return finish(locked_request(case, by, asked, RecordRequest.OUT), Status.REFUSED, What.REFUSED, by, remark)


@transaction.atomic
def cancel(case: Case, *, by: User, asked: RecordRequest, remark: str = "") -> RecordRequest:
    """Give the request up; the link takes no more."""
    return finish(locked_request(case, by, asked, RecordRequest.OPEN), Status.CANCELLED, What.CANCELLED, by, remark)


@transaction.atomic
def close_link(case: Case, *, by: User, asked: RecordRequest) -> RecordRequest:
    """Let the link take no more, as after a letter went to a wrong number. Raises ``Refused`` when it is closed already."""
    locked = locked_request(case, by, asked, tuple(Status))
    if not links.close(locked):
        raise Refused("The link is closed already.")
    note(locked, What.CLOSED, by)
    return locked


def locked_request(case: Case, by: User, request: RecordRequest, within: Sequence[str], *, allowed: bool = False) -> RecordRequest:
    """The request, locked with its case. Raises ``NotAllowed`` for those who do not run it, ``Conflict`` when it stands elsewhere.

    With ``allowed`` raises ``Refused`` where the patient does not allow the care team to ask (any more).
    """
    locked = lock(case)
    found = locked.record_requests.select_for_update(of=("self",)).select_related("source").get(pk=request.pk)
    found.case = locked
    if not runs(found, rights_of(by, locked)):
        raise NotAllowed("this request is not this person's to run")
    if found.status not in within or locked.state in ENDED:
        raise Conflict(locked, MOVED_ON)
    if allowed and not is_allowed(found):
        raise Refused(NOT_AUTHORIZED)
    return found


def next_chase(request: RecordRequest) -> date | None:
    """The first day of the ladder that is still to come; then the last day of a longer time, if the office has one."""
    days = [request.sent_on + timedelta(days=days) for days in CHASE_DAYS] if request.sent_on else []
    days += [request.due_on] if request.is_extended and request.due_on else []
    return min((day for day in days if day > today()), default=None)


def finish(request: RecordRequest, status: str, what: str, by: User | None, remark: str = "") -> RecordRequest:
    """End a request one way or the other."""
    request.status, request.ended_at, request.chase_on, request.arrived_at = status, now(), None, None
    links.close(request)
    return changed(request, what, by, remark)


def changed(request: RecordRequest, what: str, by: User | None, remark: str = "") -> RecordRequest:
    """Save the request and write what happened to it."""
    request.save()
    note(request, what, by, remark)
    return request


def note(request: RecordRequest, what: str, by: User | None, remark: str = "") -> None:
    """Write what happened to a request, on it and in the audit log."""
    request.events.create(what=what, by=by, note=remark.strip()[:500])
    case = request.case
    audit(f"request.{what}", by=by, case_uid=case.uid, patient_id=case.patient_id, target=f"request:{request.pk}")
