"""How views get at a record: through the rights of its case, with a line in the audit log before a byte goes out."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from secondop.accounts.signed_in import still_signed_in
from secondop.audit.services import record as audit
from secondop.cases.access import CaseQuerySet, Moment, Right
from secondop.cases.gate import case_or_404, refusal
from secondop.cases.models import Case
from secondop.cases.models.brief import ForWhom
from secondop.cases.states import State

from .models import Record


def case_with_records_or_404(request: HttpRequest, uid: UUID) -> Case:
    """The case for those who may read its records or add to them. Raises ``Http404``."""
    may_read = Case.objects.visible_to(request.user, Right.RECORDS).filter(uid=uid).exists()
    return case_or_404(request, uid, Right.RECORDS if may_read else Right.UPLOAD, action="record.list")


def case_with_papers_or_404(request: HttpRequest, uid: UUID) -> Case:
    """The case for those who show, or look at, by what right somebody asks for the patient. Raises ``Http404``."""
    decides = Case.objects.visible_to(request.user, Right.DECIDE).filter(uid=uid).exists()
    return case_or_404(request, uid, Right.DECIDE if decides else Right.COORDINATE, action="record.list", within=cases_with_papers)


def cases_with_papers(at: Moment) -> CaseQuerySet:
    """Where somebody asks for another person, or may still come to say so."""
    return Case.objects.filter(Q(brief__for_whom=ForWhom.OTHER) | Q(state=State.DRAFT))


def record_or_404(request: HttpRequest, uid: UUID, record_uid: UUID, action: str = "record.open") -> Record:
    """The record for those who may open it. Raises ``Http404``; both outcomes are written to the audit log, as ``action`` or a refusal."""
    openable = Record.objects.openable_by(request.user).select_related("case", "stored")
    found = openable.filter(case__uid=uid, uid=record_uid).first()
    by = request.user if request.user.is_authenticated else None
    if found is None:
        raise refused(request, uid, record_uid)
    audit(action, by=by, case_uid=uid, patient_id=found.case.patient_id, target=str(record_uid), request=request)
    return found


def listed_record_or_404(request: HttpRequest, case: Case, record_uid: UUID) -> Record:
    """The record of ``case`` if the signed-in person sees it in the list; otherwise ``Http404``, and a row in the audit log."""
    found = case.records.listed_to(request.user).filter(uid=record_uid).first()
    if found is None:
        raise refused(request, case.uid, record_uid)
    return found


def refused(request: HttpRequest, uid: UUID, target: UUID | str) -> Exception:
    """The answer about a record that is not this person's to see, after a row in the audit log."""
    by = request.user if request.user.is_authenticated else None
    audit("record.refused", by=by, case_uid=uid, target=str(target), outcome="refused", request=request)
    return refusal(request, uid)


def may_still_open(request: HttpRequest, record: Record) -> bool:
    """Whether whoever made this request could make it again now: same session, account and right."""
    user = still_signed_in(request)
    return bool(user and Record.objects.openable_by(user).filter(pk=record.pk).exists())
