"""How views get at what was made of a record: by the right to open the record itself, written down before a byte goes out."""

from uuid import UUID

from django.http import Http404, HttpRequest

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record_once

from ..gate import refused
from ..models import Record, Status
from .models import Preview, Rendition


def shown_record_or_404(request: SignedIn, uid: UUID, record_uid: UUID) -> Record:
    """The record for those who may open it, if there is something to look at. Raises ``Http404``; a look is written down once a sitting."""
    found = _ready(request, uid, record_uid)
    _note("record.view", request, found, str(record_uid))
    return found


def rendition_or_404(request: SignedIn, uid: UUID, record_uid: UUID, kind: Rendition.Kind, index: int) -> Rendition:
    """What was made of a record, for those who may open that. Raises ``Http404`` as ``shown_record_or_404``.

    The small pictures of a list are noted once a case, because one look at the list fetches all of them.
    """
    found = _ready(request, uid, record_uid)
    rendition = found.renditions.select_related("stored").filter(kind=kind, index=index).first()
    if rendition is None:
        raise Http404
    if kind == Rendition.Kind.THUMBNAIL:
        _note("record.thumbnail", request, found, "")
    else:
        _note("record.view", request, found, str(record_uid))
    rendition.record = found
    return rendition


def _ready(request: HttpRequest, uid: UUID, record_uid: UUID) -> Record:
    openable = Record.objects.openable_by(request.user).select_related("case", "stored", "preview")
    ready = openable.filter(status=Status.READY, preview__status=Preview.Status.READY)
    found = ready.filter(case__uid=uid, uid=record_uid).first()
    if found is None:
        raise refused(request, uid, record_uid)
    return found


def _note(action: str, request: SignedIn, record: Record, target: str) -> None:
    case = record.case
    record_once(action, by=request.user, case_uid=case.uid, patient_id=case.patient_id, target=target, request=request)
