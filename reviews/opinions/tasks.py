"""What workers do for opinions: making letters, and going on without an answer."""

from celery import shared_task

from secondop.documents import services as documents

from .letter import letter_of
from .services import lapsing


@shared_task
def render(document_id: int) -> None:
    """Make the PDF of one signed version."""
    documents.render(document_id, letter_of)


@shared_task
def lapse_asks() -> None:
    """Let questions of specialists lapse that the patient did not answer in time."""
    lapsing.lapse_asks()
