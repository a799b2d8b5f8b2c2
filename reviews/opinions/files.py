"""Giving out the PDF of a version: decrypted on the way, never from a public address."""

from django.http import Http404, StreamingHttpResponse

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.models import Case
from secondop.vault import services as vault

from .models import Document, Opinion

HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", "Cache-Control": "no-store"}


def pdf_response(request: SignedIn, case: Case, opinion: Opinion) -> StreamingHttpResponse:
    """The PDF as a download, with a line in the audit log before the first byte. Raises ``Http404`` while there is none."""
    document = Document.objects.filter(opinion=opinion, status=Document.Status.READY).select_related("stored").first()
    if document is None or document.stored is None:
        raise Http404
    pieces = vault.read(document.stored)
    user = request.user
    record("opinion.download", by=user, case_uid=case.uid, patient_id=case.patient_id, target=str(opinion.uid), request=request)
    response = StreamingHttpResponse(pieces, content_type="application/pdf", headers=HEADERS)
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = f'attachment; filename="second-opinion-{case.reference}-v{opinion.version}.pdf"'
    return response
