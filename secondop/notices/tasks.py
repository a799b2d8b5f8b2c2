"""Background work of the outbox."""

from celery import shared_task

from . import delivery


@shared_task
def deliver(notice_id: str) -> None:
    """Send one notice."""
    delivery.deliver(notice_id)


@shared_task
def sweep() -> None:
    """Send what waits; beat sends it every few seconds."""
    delivery.sweep()
