"""Background work of the outbox."""

from celery import shared_task

from . import delivery, phones
from .models import Channel


@shared_task
def deliver(notice_id: str) -> None:
    """Send one notice."""
    delivery.deliver(notice_id)


@shared_task
def sweep() -> None:
    """Send the mails that wait; beat sends it every few seconds."""
    delivery.sweep()


@shared_task
def sweep_texts() -> None:
    """Send the text messages that wait, and forget numbers that nobody confirmed; beat sends it every few seconds."""
    delivery.sweep(Channel.TEXT)
    phones.forget_unconfirmed()
