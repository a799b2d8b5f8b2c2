"""Background work for the patient's cases."""

from celery import shared_task

from .family import clock


@shared_task
def watch_family() -> None:
    """Remind of rights that end soon, and note those that have ended."""
    clock.watch()
