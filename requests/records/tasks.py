"""Checking uploads in the background."""

from celery import shared_task

from . import checking
from .archives import unpacking
from .sourcing.tasks import render, watch

__all__ = ["check", "render", "sweep", "unpack", "watch"]


@shared_task
def check(pk: int) -> None:
    """Check one record; sent twice it is checked once."""
    checking.check(pk)


@shared_task
def unpack(pk: int) -> None:
    """Unpack one archive, or go on with it; sent twice it is unpacked once."""
    unpacking.unpack(pk)


@shared_task
def sweep() -> None:
    """Send waiting records to be checked: after every upload, and every 15 seconds by beat."""
    checking.sweep()
