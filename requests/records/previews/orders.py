"""Ordering previews: of which kinds of records there are any, and who has them made."""

from typing import TYPE_CHECKING

from secondop.web.clock import now
from secondop.web.queue import enqueue

from ..kinds import Kind
from .models import Preview

if TYPE_CHECKING:
    from ..models import Record

# What draws a kind, and what else is made of it: its text, and a copy without what can act. Another kind has no preview of ours.
DRAWN_BY = {Kind.PDF: "pdf", Kind.JPEG: "jpeg", Kind.PNG: "png", Kind.TIFF: "tiff", Kind.HEIC: "heic"}
READ_BY = {Kind.PDF: "text", Kind.TEXT: "words"}
CLEANED_BY = {Kind.PDF: "clean"}


def order(record: "Record") -> None:
    """Have previews made of a record that was checked, if it is ready and of a kind that has any. Call it in that transaction."""
    if record.status == "ready" and (record.kind in DRAWN_BY or record.kind in READ_BY):
        preview, _ = Preview.objects.get_or_create(record_id=record.pk)
        enqueue("records.tasks.preview", preview.pk)


def want(preview: Preview, number: int) -> None:
    """Have page ``number`` drawn, unless another one is on its way."""
    row = Preview.objects.filter(pk=preview.pk, status=Preview.Status.READY, wanted=None)
    if row.update(wanted=number, next_try_at=now()):
        enqueue("records.tasks.preview", preview.pk)
