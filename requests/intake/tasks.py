"""Background work for requests that were not sent."""

from celery import shared_task

from . import drafts


@shared_task
def watch_drafts() -> None:
    """Remind of drafts, warn of their end, and delete those that nobody wants to keep."""
    drafts.watch()
