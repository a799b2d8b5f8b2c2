"""Background work of the vault."""

from celery import shared_task

from . import services


@shared_task
def collect_abandoned() -> None:
    """Remove what interrupted uploads left behind; beat sends it every hour."""
    services.collect_abandoned()
