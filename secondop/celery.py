"""The Celery application: four queues, all job state in PostgreSQL. Worker and beat refuse to start as the web server does."""

import os
from typing import Any, Self

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from secondop.web import folder_broker
from secondop.web.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")

PAUSES = {"interval_start": 1, "interval_step": 1, "interval_max": 3}


class SteadyConnection(Connection):
    """A way to the broker that is tried every three seconds however long the broker was away; kombu's pauses grow to half a minute."""

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Self:
        """Connect, trying again until it works."""
        return super().ensure_connection(*args, **{**PAUSES, **kwargs})


class SteadyAmqp(AMQP):
    """Celery's messages over such connections."""

    Connection = SteadyConnection


folder_broker.use()
app = Celery("secondop", amqp=SteadyAmqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def check_settings(**_: Any) -> None:
    """End the process when the settings are wrong; SystemExit, because Celery only logs what its signals' receivers raise."""
    try:
        refuse_to_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
