"""What the audit log keeps about copies."""

from django.http import HttpRequest

from secondop.accounts.models import User
from secondop.audit.services import record

from .models import Export


def note(export: Export, what: str, by: User | None, request: HttpRequest | None = None) -> None:
    """Write down what happened to a copy: one row a case that is in it, so that its patient finds it, or one in all."""
    cases = list(export.cases.all())
    for case in cases:
        uid, patient = case.uid, case.patient_id
        record(f"export.{what}", by=by, case_uid=uid, patient_id=patient, target=str(export.uid), request=request)
    if not cases:
        record(f"export.{what}", by=by, target=str(export.uid), request=request)
