"""Background work of the audit log."""

from celery import shared_task

from . import services


@shared_task
def seal() -> None:
    """Seal what has been written since the last run; beat sends it every half minute."""
    while services.seal():
        pass
