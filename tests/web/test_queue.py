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
import json, sys, django
django.setup()
from secondop.notices.tasks import deliver
from secondop.web.queue import enqueue
done = []
sys.addaudithook(lambda name, arguments: done.append(name) if name in ("socket.connect", "time.sleep") else None)
tried = []
for task in (deliver, "secondop.notices.tasks.deliver"):
    enqueue(task, "some-id")
    tried.append(done.copy())
    done.clear()
print(json.dumps(tried))
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


def send_to(url: str) -> tuple[list[list[str]], str]:
    """What each of two sends to the broker ``url`` did under the real settings that may take long, and what was logged."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE], env={**os.environ, "REDIS_URL": url}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), result.stderr


@pytest.mark.django_db
def test_a_refusing_broker_costs_no_time_and_raises_nothing():
    tried, logged = send_to(f"redis://127.0.0.1:{free_port()}/0")
    assert tried in ([["socket.connect"], ["socket.connect"]], [["socket.connect"], []]), "no pause, no second try"
    assert logged.count("secondop.notices.tasks.deliver was not sent") == sum(map(len, tried))
    assert "some-id" not in logged


@pytest.mark.django_db
def test_a_silent_broker_costs_a_second_once_and_raises_nothing():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        tried, logged = send_to(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    assert tried == [["socket.connect"], []], "one wait, and the next one does not wait again"
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
