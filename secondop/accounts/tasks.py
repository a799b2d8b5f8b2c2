"""Background work of accounts."""

from celery import shared_task

from . import files
from .services import forget_sessions


@shared_task
def forget_ended_sessions() -> None:
    """Delete what is left of sessions that ended; beat sends it every hour."""
    forget_sessions()


@shared_task
def tell_of_damage() -> None:
    """Write to the administrators about files that do not open any more; beat sends it every fifteen minutes."""
    files.tell_of_damage()
