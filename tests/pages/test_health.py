"""/healthz and /readyz tell which part is away, quickly, and tell no secret."""

import os
import socket
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from secondop.audit.models import Entry
from secondop.pages.health import BROKER_TIMEOUT
from secondop.web.clock import now

REDIS = {"CELERY_BROKER_TRANSPORT_OPTIONS": {}}


@pytest.fixture
def silent():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def tries(server):
    """How many connections came to ``server``."""
    count = 0
    server.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def test_healthz_asks_nobody(client):
    assert client.get("/healthz").content == b"ok\n"  # without the db fixture any query would fail


@pytest.mark.django_db
def test_ready_when_all_parts_answer(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "storage": "ok", "audit": "all sealed", "files": "not all checked yet"}


@pytest.mark.django_db
def test_the_lag_of_the_seal_is_shown(client):
    with time_machine.travel("2026-03-04T05:06:07Z", tick=False):
        Entry.objects.create(at=now() - timedelta(seconds=90), action="case.read")
        assert client.get("/readyz").json()["audit"] == "90 s unsealed"


@pytest.mark.django_db
def test_a_broker_that_is_silent_is_named_within_two_seconds(client, silent):
    with override_settings(CELERY_BROKER_URL=f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0", **REDIS):
        response = client.get("/readyz")
    assert (BROKER_TIMEOUT, tries(silent)) == (1, 1), "one try, of a second for the line and another for the answer"
    assert response.status_code == 503
    assert response.json()["broker"] == "no answer"
    assert b"secret" not in response.content


@pytest.mark.django_db
def test_a_broker_that_answers_is_fine(client, redis_url):
    with override_settings(CELERY_BROKER_URL=redis_url, **REDIS):
        assert client.get("/readyz").json()["broker"] == "ok"


@pytest.mark.django_db
def test_storage_that_cannot_be_written_is_named(client, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with override_settings(VAULT_DIR=tmp_path / "file"):
        response = client.get("/readyz")
    assert (response.status_code, response.json()["storage"]) == (503, "not writable")


@pytest.mark.django_db
def test_a_full_disk_is_named(client, tmp_path, monkeypatch):
    monkeypatch.setattr("secondop.vault.stores.disk.LEAST_FREE_BYTES", os.statvfs(tmp_path).f_blocks * 10**9)
    assert client.get("/readyz").json()["storage"] == "disk almost full"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_named(client):
    before = connection.settings_dict["HOST"], connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT="9")
    try:
        response = client.get("/readyz")
    finally:
        connection.close()
        connection.settings_dict.update(HOST=before[0], PORT=before[1])
    assert response.status_code == 503
    assert response.json() == {"database": "no answer", "broker": "ok", "storage": "ok", "audit": "unknown", "files": "unknown"}
