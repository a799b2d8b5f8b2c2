"""What workers do for opinions: making PDFs, and going on without an answer."""

from celery import shared_task

from .services import documents, lapsing


@shared_task
def render(document_id: int) -> None:
    """Make one PDF."""
    documents.render(document_id)


@shared_task
def sweep() -> None:
    """Find PDFs whose time has come, or whose worker was lost."""
    documents.sweep()


@shared_task
def lapse_asks() -> None:
    """Let questions of specialists lapse that the patient did not answer in time."""
    lapsing.lapse_asks()
