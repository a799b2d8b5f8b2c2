"""How views get at a request: through the rights on its case, with a line in the audit log."""

from uuid import UUID

from django.http import Http404

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record as audit
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case

from .models import RecordRequest


def case_with_requests_or_404(request: SignedIn, uid: UUID) -> Case:
    """The case for the patient's side that decides on it, and for coordinators. Raises ``Http404``."""
    decides = Case.objects.visible_to(request.user, Right.DECIDE).filter(uid=uid).exists()
    return case_or_404(request, uid, Right.DECIDE if decides else Right.COORDINATE, action="request.read")


def request_or_404(request: SignedIn, uid: UUID, request_uid: UUID) -> RecordRequest:
    """One request of the case ``uid``, for the same people. Raises ``Http404``, and writes a refusal of a foreign one."""
    case = case_with_requests_or_404(request, uid)
    found = case.record_requests.select_related("source").filter(uid=request_uid).first()
    if found is None:
        raise refused(request, RecordRequest(uid=request_uid, case=case))
    found.case = case
    return found


def refused(request: SignedIn, found: RecordRequest) -> Http404:
    """The answer about what of a request is not this person's to have, after a row in the audit log."""
    audit("request.refused", by=request.user, case_uid=found.case.uid, target=str(found.uid), outcome="refused", request=request)
    return Http404()
