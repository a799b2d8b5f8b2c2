"""Ordering previews: of which kinds of records there are any, and who has them made."""

from typing import TYPE_CHECKING

from django.db import transaction

from secondop.accounts.models import User
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
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


@transaction.atomic
def again(case: Case, *, by: User, record: "Record") -> None:
    """Make the preview of a record of ``case`` that failed once more. Raises ``Refused`` when it has not failed, or somebody was faster.

    That ``by`` did so is written down where the record was found for them.
    """
    failed = Preview.objects.filter(record_id=record.pk, status=Preview.Status.FAILED)
    if not failed.update(status=Preview.Status.QUEUED, failures=0, next_try_at=now(), tried_again=True):
        raise Refused("The pictures of this file are being made, or are there already.")
    enqueue("records.tasks.preview", record.preview.pk)


def want(preview: Preview, number: int) -> None:
    """Have page ``number`` drawn, unless another one is on its way."""
    row = Preview.objects.filter(pk=preview.pk, status=Preview.Status.READY, wanted=None)
    if row.update(wanted=number, next_try_at=now()):
        enqueue("records.tasks.preview", preview.pk)
