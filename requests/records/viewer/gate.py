"""How views get at a stack: by the right to the records of its case, one row in the audit log a sitting."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record_once
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case

from ..gate import refused
from ..kinds import Kind
from ..models import Record, RecordQuerySet
from .models import Stack
from .sealed import Row

VIEW = "series.view"


def stack_or_404(request: SignedIn, uid: UUID, series_uid: UUID) -> Stack:
    """The stack of a series for those who may read a record of it. Raises ``Http404``, and writes to the audit log."""
    case = case_or_404(request, uid, Right.RECORDS, action=VIEW, is_logged_by_verb=True)
    stack = Stack.objects.select_related("stored", "series").filter(case=case, series__uid=series_uid).first()
    if stack is None or not readable(request, case).filter(series=stack.series_id).exists():
        raise refused(request, uid, series_uid)
    stack.case = case
    record_once(VIEW, by=request.user, case_uid=uid, patient_id=case.patient_id, target=str(series_uid), request=request)
    return stack


def readable(request: HttpRequest, case: Case) -> RecordQuerySet:
    """The images of the case that the person may read."""
    return Record.objects.readable_by(request.user).medical().filter(case=case, kind=Kind.DICOM)


def may_see(request: HttpRequest, rows: Iterable[Row]) -> bool:
    """Whether the person may read, now, every record that these frames were made from."""
    needed = {row.record for row in rows}
    return Record.objects.readable_by(request.user).medical().filter(pk__in=needed).count() == len(needed)
