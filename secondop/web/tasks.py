"""Background work of the site itself."""

from celery import shared_task

from . import cache


@shared_task
def forget_expired() -> None:
    """Delete rows of the cache that ran out; beat sends it every hour."""
    cache.forget_expired()
