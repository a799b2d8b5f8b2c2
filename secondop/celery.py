"""The Celery application: three queues, all job state in PostgreSQL. Worker and beat refuse to start as the web server does."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

from secondop.web.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")

app = Celery("secondop")
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
