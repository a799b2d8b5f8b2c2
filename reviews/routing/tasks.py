"""What the clock does at the desk by itself."""

from celery import shared_task

from .services import offers, screening


@shared_task
def lapse_offers() -> None:
    """Let offers lapse whose time is over."""
    offers.lapse()


@shared_task
def watch_unacknowledged() -> None:
    """Tell the leads of requests nobody has acknowledged in time."""
    screening.tell_leads_of_unacknowledged()
