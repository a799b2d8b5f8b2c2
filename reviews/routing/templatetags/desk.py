"""Template tags of the clinic's pages."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django import template
from django.db.models import Count

from routing.words import span
from routing.words import time_left as words_left
from secondop.cases.models import Case
from secondop.web.clock import now

register = template.Library()
KINDS = {
    "pdf": "PDF",
    "jpeg": "photo or scan (JPEG)",
    "png": "picture (PNG)",
    "tiff": "scan (TIFF)",
    "heic": "photo (HEIC)",
    "dicom": "imaging file (DICOM)",
    "fhir": "health record (FHIR)",
    "ccda": "health record (C-CDA)",
    "text": "text",
}
# The tag that goes with a status of a checklist item, an offer, or an ask.
TAGS = {
    "missing": "warning",
    "arrived": "success",
    "sent": "info",
    "accepted": "success",
    "lapsed": "warning",
    "open": "info",
    "answered": "success",
}
SOON = timedelta(hours=12)


class KindCount(NamedTuple):
    """How many records of one kind a case holds."""

    kind: str
    number: int


@register.filter
def time_left(at: datetime | None) -> str:
    """``at`` as the time that is left until then, or how late it is."""
    return words_left(at) if at else ""


@register.filter
def how_long(since: datetime | None) -> str:
    """How long ago ``since`` was, as a span."""
    return span(now() - since) if since else ""


@register.simple_tag
def record_counts(case: Case) -> list[KindCount]:
    """How many records of which kind the case holds, and nothing else of them: what somebody may know before accepting it."""
    found = case.records.for_review().values("kind").annotate(number=Count("pk")).order_by("kind")
    return [KindCount(KINDS.get(row["kind"], row["kind"]), row["number"]) for row in found]


@register.filter
def status_kind(status: str) -> str:
    """The kind of tag that goes with a status."""
    return TAGS.get(status, "neutral")


@register.filter
def due_kind(at: datetime) -> str:
    """The kind of tag that goes with a due date: late, soon, or neither."""
    left = at - now()
    return "danger" if left < timedelta(0) else "warning" if left < SOON else "info"
