"""Background work for the patient's cases."""

from celery import shared_task

from .family import clock
from .leaving import accounts


@shared_task
def watch_family() -> None:
    """Remind of rights that end soon, and note those that have ended."""
    clock.watch()


@shared_task
def close_accounts() -> None:
    """Close the accounts whose people asked for it a week ago."""
    accounts.close_due()
