"""What workers do for requests: looking after those that were not sent, and making signed copies of consents."""

from celery import shared_task

from secondop.documents import services as documents

from . import drafts
from .copies import copy_of


@shared_task
def watch_drafts() -> None:
    """Remind of drafts, warn of their end, and delete those that nobody wants to keep."""
    drafts.watch()


@shared_task
def render(document_id: int) -> None:
    """Make the signed copy of one consent."""
    documents.render(document_id, copy_of)
