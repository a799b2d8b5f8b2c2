"""The Celery application: three queues, all job state in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")

app = Celery("secondop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
