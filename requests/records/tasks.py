"""Checking uploads in the background."""

from celery import shared_task

from . import checking
from .archives import unpacking
from .previews import jobs
from .sourcing.tasks import render, watch
from .tus import services as uploads
from .viewer import stacks

__all__ = ["check", "finish_upload", "prepare_series", "preview", "render", "sweep", "sweep_series", "sweep_uploads", "unpack", "watch"]


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
    """Send waiting records to be checked, and previews to be made: after every upload, and every 15 seconds by beat."""
    checking.sweep()
    jobs.sweep()


@shared_task
def preview(pk: int) -> None:
    """Make what one preview lacks; sent twice it is made once."""
    jobs.make(pk)


@shared_task
def finish_upload(pk: int) -> None:
    """Make the record of an upload that has come whole; sent twice it is made once."""
    uploads.finish(pk)


@shared_task
def sweep_uploads() -> None:
    """Finish uploads that a crash left whole and without a record, and forget those that are over; beat sends it every minute."""
    uploads.sweep()


@shared_task(time_limit=3600)
def prepare_series(pk: int) -> None:
    """Prepare one series for the viewer; sent twice it is prepared once."""
    stacks.prepare(pk)


@shared_task
def sweep_series() -> None:
    """Send series that changed to be prepared: every 15 seconds by beat."""
    stacks.sweep()
