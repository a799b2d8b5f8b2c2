"""What the clock does to cases by itself."""

from celery import shared_task

from . import asks, erasures, forecast, majority, services
from .lifecycle import Conflict, Refused


@shared_task
def expire_silent() -> None:
    """Remind patients of open asks, and end cases that stayed silent."""
    asks.remind()
    for case in services.silent_cases():
        try:
            services.expire(case)
        except (Conflict, Refused):
            continue


@shared_task
def note_slips() -> None:
    """Tell in the journal which cases take longer than planned, and why."""
    forecast.note_slips()


@shared_task
def erase_due() -> None:
    """Erase the cases whose patients asked for it a week ago."""
    erasures.carry_out_due()


@shared_task
def watch_majority() -> None:
    """Tell of children who are adults soon or now."""
    majority.watch()
