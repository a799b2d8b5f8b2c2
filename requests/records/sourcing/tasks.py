"""Letters made, and chases told of, in the background."""

from celery import shared_task

from secondop.documents import services as documents

from . import watching
from .letters import letter_of


@shared_task
def render(document_id: int) -> None:
    """Make a letter of a request; sent twice it is made once."""
    documents.render(document_id, letter_of)


@shared_task
def watch() -> None:
    """Every quarter of an hour by beat."""
    watching.watch()
