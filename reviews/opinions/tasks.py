"""What workers do for opinions: making PDFs."""

from celery import shared_task

from .services import documents


@shared_task
def render(document_id: int) -> None:
    """Make one PDF."""
    documents.render(document_id)


@shared_task
def sweep() -> None:
    """Find PDFs whose time has come, or whose worker was lost."""
    documents.sweep()
