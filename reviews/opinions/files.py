"""Giving out the PDF of a version: decrypted on the way, never from a public address."""

import logging
from http import HTTPStatus

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.models import Case
from secondop.vault import services as vault

from .models import Document, Opinion

logger = logging.getLogger(__name__)
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", "Cache-Control": "no-store"}


def pdf_response(request: SignedIn, case: Case, opinion: Opinion, *, back: str) -> HttpResponseBase:
    """The PDF as a download, with a line in the audit log before the first byte. Raises ``Http404`` while there is none.

    When the vault cannot give it, a page says so and leads to ``back``, where the opinion can be read.
    """
    document = Document.objects.filter(opinion=opinion, status=Document.Status.READY).select_related("stored").first()
    if document is None or document.stored is None:
        raise Http404
    try:
        pieces = vault.read(document.stored)
    except vault.VaultError:
        logger.exception("the document of opinion %s cannot be read", opinion.uid)
        return render(request, "opinions/unavailable.html", {"back": back}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    user = request.user
    record("opinion.download", by=user, case_uid=case.uid, patient_id=case.patient_id, target=str(opinion.uid), request=request)
    response = StreamingHttpResponse(pieces, content_type="application/pdf", headers=HEADERS)
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = f'attachment; filename="second-opinion-{case.reference}-v{opinion.version}.pdf"'
    return response
