"""enqueue(): after the commit only, never in the way of a request, whatever the broker does."""

import base64
import json
import os
import socket
import subprocess
import sys

import pytest
import redis
from celery import Celery
from django.db import transaction

from secondop.celery import app
from secondop.web.queue import enqueue
from tests.servers import free_port

# Run in a process of its own, because which broker is used is decided when the settings are read.
PROBE = """
import json, time, django
django.setup()
from secondop.notices.tasks import deliver
from secondop.web.queue import enqueue
took = []
for task in (deliver, "secondop.notices.tasks.deliver"):
    begin = time.monotonic()
    enqueue(task, "some-id")
    took.append(time.monotonic() - begin)
print(json.dumps(took))
"""


@pytest.fixture
def task_on(redis_server):
    """A task on a real Redis, and that Redis."""
    app = Celery("probe", broker=redis_server.url, set_as_current=False)

    @app.task(name="probe.noop", shared=False)
    def noop(*ids):
        """Do nothing."""

    with redis.Redis.from_url(redis_server.url) as client:
        yield noop, client


@pytest.mark.django_db(transaction=True)
def test_sent_after_the_commit_and_not_after_a_rollback(task_on):
    task, client = task_on
    with transaction.atomic():
        enqueue(task, "a-1", 7)
        assert client.llen("celery") == 0
    assert client.llen("celery") == 1
    arguments, _, _ = json.loads(base64.b64decode(json.loads(client.lindex("celery", 0))["body"]))
    assert arguments == ["a-1", 7]
    with transaction.atomic():
        enqueue(task, "b-2")
        transaction.set_rollback(True)
    assert client.llen("celery") == 1


@pytest.mark.django_db
def test_only_ids_are_sent(task_on):
    task, _ = task_on
    for value in ({"diagnosis": "x"}, ["x"], None, 1.5):
        with pytest.raises(TypeError):
            enqueue(task, value)


def send_to(url: str) -> tuple[list[float], str]:
    """How long two sends to the broker ``url`` took under the real settings, and what was logged."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE], env={**os.environ, "REDIS_URL": url}, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), result.stderr


@pytest.mark.django_db
def test_a_refusing_broker_costs_no_time_and_raises_nothing():
    took, logged = send_to(f"redis://127.0.0.1:{free_port()}/0")
    assert max(took) < 1
    assert logged.count("secondop.notices.tasks.deliver was not sent") == 2
    assert "some-id" not in logged


@pytest.mark.django_db
def test_a_silent_broker_costs_a_second_once_and_raises_nothing():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        took, logged = send_to(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    assert 0.5 < took[0] < 2
    assert took[1] < 0.1, "the next one does not wait again"
    assert logged.count("was not sent") == 1


def test_a_worker_looks_for_its_broker_every_three_seconds_however_long_it_was_away(monkeypatch):
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    pauses = []

    def failed(error, pause):
        pauses.append(pause)
        if len(pauses) == 6:
            raise StopIteration

    connection = app.amqp.Connection(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(StopIteration):
        connection.ensure_connection(failed, None)
    assert isinstance(app.connection_for_read(), type(connection))
    assert pauses == [1, 2, 3, 3, 3, 3]
