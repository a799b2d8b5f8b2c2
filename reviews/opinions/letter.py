"""The opinion as a letter: HTML for the renderer. Nothing but the signed text, names and the reference goes in."""

from django.conf import settings
from django.template.loader import render_to_string

from secondop.documents.models import Document

from .models import Opinion


def letter(opinion: Opinion) -> str:
    """The whole letter of a signed version as one HTML page, everything typed by people escaped."""
    case = opinion.case
    subject = case.brief.subject or str(case.patient)
    context = {"opinion": opinion, "case": case, "subject": subject, "organisation": settings.ORGANISATION}
    return render_to_string("opinions/pdf.html", context)


def letter_of(document: Document) -> str:
    """The letter that a document is to hold."""
    return letter(Opinion.objects.select_related("case__patient", "case__brief").get(document=document.pk))
