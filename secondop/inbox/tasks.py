"""Background work of the inbox."""

from celery import shared_task

from . import digest


@shared_task
def send_digests() -> None:
    """Send the summaries whose hour has come; beat sends it every few minutes."""
    digest.send_due()
