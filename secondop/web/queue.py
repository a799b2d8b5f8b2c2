"""Handing work to Celery without ever failing the request that asked for it."""

import logging
import time
from functools import partial

from celery import Task
from django.db import transaction
from kombu.exceptions import KombuError

from secondop.celery import app

logger = logging.getLogger(__name__)
SILENT = 0.5  # seconds after which a failed send counts as one to a broker that does not answer at all
PAUSE = 5.0


class _Broker:
    """The broker as this process last found it: until when nothing is sent, so that a request that tells five people waits once."""

    silent_until = 0.0


def enqueue(task: Task | str, *ids: str | int) -> None:
    """Send ``task`` with ``ids`` as its arguments once the current transaction has committed.

    ``task`` is a Celery task or the dotted name of one (for a service whose task module imports the service). A broker
    that is away costs at most about a second (the time-outs are in the settings), and that once in five, and never raises: the row
    that the ids name is the truth, and the app's sweep finds it. Raises ``TypeError`` for arguments that are not ids, because what
    is sent is kept by the broker in plain text.
    """
    name = task if isinstance(task, str) else task.name
    if not all(isinstance(value, str | int) for value in ids):
        raise TypeError(f"{name} takes ids only (str or int)")
    send = partial(app.send_task, task) if isinstance(task, str) else task.apply_async

    def publish() -> None:
        begun = time.monotonic()
        if begun < _Broker.silent_until:
            return
        try:
            send(args=ids, retry=False)
        except (KombuError, OSError) as error:
            if time.monotonic() - begun > SILENT:
                _Broker.silent_until = time.monotonic() + PAUSE
            logger.warning("%s was not sent (%s); its sweep will find the work", name, type(error).__name__)

    transaction.on_commit(publish, robust=True)
