"""Background work of the site itself."""

from celery import shared_task
from django.core.management import call_command

from . import cache


@shared_task
def forget_expired() -> None:
    """Delete sessions, and rows of the cache, that ran out; beat sends it every hour."""
    call_command("clearsessions")
    cache.forget_expired()
