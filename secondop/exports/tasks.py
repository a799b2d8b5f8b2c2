"""Making copies in the background."""

from celery import shared_task

from . import making, services


@shared_task(time_limit=3600)
def make(pk: int) -> None:
    """Make one copy; sent twice it is made once. A case may hold 5 GiB, and a person several cases."""
    making.make(pk)


@shared_task
def sweep() -> None:
    """Find copies that wait or whose worker was lost, and throw away those whose week is over."""
    services.sweep()
