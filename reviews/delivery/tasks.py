"""What the clock does to delivered cases."""

from celery import shared_task

from . import services


@shared_task
def close_due() -> None:
    """Close cases 30 days after delivery."""
    services.close_due()
