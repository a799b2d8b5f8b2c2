"""Giving out documents: decrypted on the way, never from a public address."""

import logging
from http import HTTPStatus

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.vault import services as vault

from .models import Document

logger = logging.getLogger(__name__)
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", "Cache-Control": "no-store"}


def pdf_response(request: SignedIn, document: Document | None, *, back: str, back_label: str) -> HttpResponseBase:
    """The PDF as a download, with a line in the audit log before the first byte. Raises ``Http404`` while there is none.

    The caller has looked at what the person may do with it. When the vault cannot give it, a page says so and leads to ``back``,
    where the same words can be read.
    """
    if document is None or document.status != Document.Status.READY or document.stored is None:
        raise Http404
    case = document.case
    try:
        pieces = vault.read(document.stored)
    except vault.VaultError:
        logger.exception("document %s (%s) cannot be read", document.pk, document.kind)
        context = {"back": back, "back_label": back_label}
        return render(request, "documents/unavailable.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    action = f"{document.kind}.download"
    record(action, by=request.user, case_uid=case.uid, patient_id=case.patient_id, target=document.subject, request=request)
    response = StreamingHttpResponse(pieces, content_type="application/pdf", headers=HEADERS)
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{document.filename}"'
    return response
