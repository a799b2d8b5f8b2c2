"""The letters of a request as PDFs: what the office is asked, and the authorization that the patient has signed."""

import base64
import importlib
import io

from django.conf import settings
from django.template.loader import render_to_string

from secondop.cases.models import Case, Consent
from secondop.cases.models.brief import ForWhom
from secondop.documents import services as documents
from secondop.documents.kinds import REQUEST
from secondop.documents.models import Document
from secondop.web.clock import at_organisation, today

from . import links
from .law import rule_for
from .models import DropLink, RecordRequest, RequestLetter

Part = RequestLetter.Part


def order(request: RecordRequest, link: DropLink, consent: Consent | None) -> None:
    """Have the letters of a request made, with ``link`` in them; the authorization only where there is one."""
    parts = [Part.COVER, *([Part.AUTHORIZATION] if consent else [])]
    for part in parts:
        named = {"kind": REQUEST, "subject": f"request:{request.pk}", "filename": f"{request.code}-{part}.pdf"}
        documents.order(RequestLetter.objects.create(request=request, part=part, case=request.case, consent=consent, **named))


def newest(request: RecordRequest) -> dict[str, RequestLetter]:
    """The newest letter of each part."""
    return {letter.part: letter for letter in request.letters.order_by("pk")}


def letter_of(document: Document) -> str:
    """What a document of a request holds, as one HTML page."""
    related = ("request__created_by", "consent__by", "consent__text")
    letter = RequestLetter.objects.select_related(*related).get(pk=document.pk)
    case = Case.objects.select_related("patient", "brief", "owner").get(pk=letter.case_id)
    request, link = letter.request, links.live(letter.request)
    address, rule = links.address_of(link) if link else "", rule_for(case.brief.country)
    sent_on = request.sent_on or today()
    context = {
        "request": request,
        "case": case,
        "consent": letter.consent,
        "patient": patient_name(case),
        "born": case.brief.birth_date,
        "asker": asker(request, case),
        "for_somebody": case.brief.for_whom == ForWhom.OTHER,
        "address": address,
        "address_begin": address[: address.rstrip("/").rfind("/") + 1],
        "address_end": address[address.rstrip("/").rfind("/") + 1 :],
        "link_until": at_organisation(link.expires_at).date() if link else None,
        "qr": qr_code(address) if address else "",
        "rule": rule,
        "written_on": today(),
        "due_on": request.due_on or rule.due(sent_on),
        "organisation": settings.ORGANISATION,
        "contact": settings.CONTACT_EMAIL,
    }
    return render_to_string(f"records/sourcing/{letter.part}_pdf.html", context)


def asker(request: RecordRequest, case: Case) -> str:
    """Whose name stands below the letter."""
    return str(case.patient) if request.by_patient else str(case.owner or request.created_by)


def patient_name(case: Case) -> str:
    """The person whose records are asked for."""
    return case.brief.subject or case.patient.full_name


def qr_code(address: str) -> str:
    """``address`` as a QR code: a picture in a ``data:`` address."""
    # Imported here: it loads Pillow and lxml as well, 8 MB that most web workers never need.
    qrcode, svg = importlib.import_module("qrcode"), importlib.import_module("qrcode.image.svg")
    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_M, image_factory=svg.SvgPathFillImage)
    code.add_data(address)
    written = io.BytesIO()
    code.make_image().save(written)
    return f"data:image/svg+xml;base64,{base64.b64encode(written.getvalue()).decode()}"
