"""Checking uploads in the background."""

from celery import shared_task

from . import checking
from .sourcing.tasks import render, watch

__all__ = ["check", "render", "sweep", "watch"]


@shared_task
def check(pk: int) -> None:
    """Check one record; sent twice it is checked once."""
    checking.check(pk)


@shared_task
def sweep() -> None:
    """Send waiting records to be checked: after every upload, and every 15 seconds by beat."""
    checking.sweep()
