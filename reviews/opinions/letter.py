"""The opinion as a letter: HTML for the renderer. Nothing but the signed text, names and the reference goes in."""

from django.conf import settings
from django.template.loader import render_to_string

from .models import Opinion


def letter(opinion: Opinion) -> str:
    """The whole letter of a signed version as one HTML page, everything typed by people escaped."""
    case = opinion.case
    subject = case.brief.subject or str(case.patient)
    context = {"opinion": opinion, "case": case, "subject": subject, "organisation": settings.ORGANISATION}
    return render_to_string("opinions/pdf.html", context)
