"""Background work of the vault."""

from celery import shared_task

from . import inspecting, services


@shared_task
def collect_abandoned() -> None:
    """Remove what interrupted uploads left behind; beat sends it every hour."""
    services.collect_abandoned()


@shared_task
def inspect() -> None:
    """Read some of the stored files again; beat sends it every hour."""
    inspecting.go_on()
