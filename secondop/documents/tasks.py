"""What the clock does to documents; making one is a task of the app whose document it is."""

from celery import shared_task

from . import services


@shared_task
def sweep() -> None:
    """Find documents whose time has come, or whose worker was lost."""
    services.sweep()
