"""The signed copy that everybody gets of what they signed, as a PDF. A draft has none; its consents get theirs when it is sent."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from secondop.cases.models import Case, Consent
from secondop.cases.states import State
from secondop.documents import services as documents
from secondop.documents.kinds import CONSENT
from secondop.documents.models import Document
from secondop.notices.choices import zone_of

from .consents import patient_name, signer_line
from .models import ConsentCopy


def order(consent: Consent) -> None:
    """Have the copy of a consent made as it stands now: just signed, or just taken back. Not while its case is a draft."""
    case = consent.case
    if case.state == State.DRAFT:
        return
    is_over = consent.revoked_at is not None
    what = consent.text.kind.replace("_", "-") + ("-taken-back" if is_over else "")
    named = {"subject": f"consent:{consent.pk}", "filename": f"consent-{case.reference}-{consent.pk}-{what}.pdf"}
    documents.order(ConsentCopy.objects.create(consent=consent, taken_back=is_over, case=case, kind=CONSENT, **named))


def order_all(case: Case) -> None:
    """Have the copies made of all that was signed for a case that has just been sent."""
    for consent in case.consents.select_related("text"):
        consent.case = case
        order(consent)


def copy_of(document: Document) -> str:
    """The copy that a document is to hold, as one HTML page; its times are by the clock of the one who signed."""
    copy = ConsentCopy.objects.select_related("consent__text", "consent__by", "consent__revoked_by").get(pk=document.pk)
    consent, case = copy.consent, Case.objects.select_related("patient", "brief").get(pk=copy.case_id)
    context = {
        "copy": copy,
        "consent": consent,
        "case": case,
        "patient": patient_name(case),
        "signer": signer_of(copy, case),
        "organisation": settings.ORGANISATION,
    }
    with timezone.override(zone_of(consent.by)):
        return render_to_string("intake/consent_copy.html", context)


def signer_of(copy: ConsentCopy, case: Case) -> str:
    """Who signed, and with what authority; a case may have passed to another patient before its consent is taken back."""
    by = copy.consent.by
    return str(by) if copy.taken_back else signer_line(case, by)
