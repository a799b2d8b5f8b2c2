"""The broker in a folder: a reader that is always looking never meets half a message."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty

import pytest
from kombu import Connection

from secondop.celery import app
from secondop.web.folder_broker import Transport

MESSAGES, LETTERS = 400, 300_000


@pytest.fixture
def connection(tmp_path):
    """A way to a broker in a folder of its own."""
    folders = {name: str(tmp_path / name) for name in ("queue", "control")}
    for folder in folders.values():
        (tmp_path / folder).mkdir()
    options = {"data_folder_in": folders["queue"], "data_folder_out": folders["queue"], "control_folder": folders["control"]}
    with Connection("filesystem://localhost/", transport_options=options) as made:
        yield made


def test_the_site_uses_it():
    assert issubclass(app.connection_for_write().get_transport_cls(), Transport)


def test_a_message_is_there_once_it_is_whole(connection):
    def put_all():
        with connection.clone() as own, own.SimpleQueue("jobs") as jobs:
            for number in range(MESSAGES):
                jobs.put({"number": number, "text": "x" * LETTERS})

    met = []
    with ThreadPoolExecutor(1) as pool, connection.SimpleQueue("jobs") as jobs:
        written = pool.submit(put_all)
        is_over = False
        while not is_over:
            is_over = written.done()  # before the look, so that the last ones are not missed
            with suppress(Empty):
                while message := jobs.get_nowait():
                    met.append(message.payload["number"])
                    message.ack()
        written.result()
    assert sorted(met) == list(range(MESSAGES))
