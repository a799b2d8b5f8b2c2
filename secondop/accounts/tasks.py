"""Background work of accounts."""

from celery import shared_task

from .services import forget_sessions


@shared_task
def forget_ended_sessions() -> None:
    """Delete what is left of sessions that ended; beat sends it every hour."""
    forget_sessions()
