"""The signed copy that everybody gets of what they signed, as a PDF. A draft has none; its consents get theirs when it is sent."""

from collections.abc import Iterable

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
    if consent.case.state != State.DRAFT:
        order_each([consent])


def order_all(case: Case) -> None:
    """Have the copies made of all that was signed for a case that has just been sent."""
    found = list(case.consents.select_related("text"))
    for consent in found:
        consent.case = case
    order_each(found)


def order_each(found: Iterable[Consent]) -> None:
    """Have a copy made of each consent; the rows of all jobs are written at once, before those that say of what."""
    jobs = {consent: job_for(consent) for consent in found}
    Document.objects.bulk_create(jobs.values())
    for consent, job in jobs.items():
        copy = ConsentCopy(document_ptr=job, consent=consent, taken_back=consent.revoked_at is not None)
        copy.save_base(raw=True, force_insert=True)
        documents.order(job)


def job_for(consent: Consent) -> Document:
    """The row of the job that makes the copy."""
    what = consent.text.kind.replace("_", "-") + ("-taken-back" if consent.revoked_at else "")
    filename = f"consent-{consent.case.reference}-{consent.pk}-{what}.pdf"
    return Document(case=consent.case, kind=CONSENT, subject=f"consent:{consent.pk}", filename=filename)


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
