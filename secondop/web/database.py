"""Waiting for PostgreSQL, with an end.

The server's own time-outs (settings.DATABASES) end a slow statement or a wait for a lock. They do not help where the server
cannot act: stopped, its disk hanging, its packets dropped. libpq then waits for as long as TCP allows, or for ever. So we wait
ourselves, through psycopg2's wait callback, which adds about 1 µs of CPU time to a statement (measured).
"""

import select
import threading
import time
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from psycopg2 import OperationalError, extensions

CONNECTING = 20  # libpq's time-out for it does not hold while we wait ourselves; psycopg2 names no constant for this status
ONCE_SILENT = 0.5  # seconds to wait while the database was silent a moment ago: otherwise requests queue up behind each other
MEMORY = 10.0


class _Request(threading.local):
    """How long the request that this thread answers has waited for the database; ``None`` outside of requests."""

    waited: float | None = None


class _Server:
    """The database server as this process last found it."""

    silent_until = 0.0


_request = _Request()


def wait(connection: Any) -> None:
    """Wait until ``connection`` has done what was asked of it.

    Raises ``OperationalError``, whereupon psycopg2 closes the connection, when that takes longer than DATABASE_SECONDS and one
    more (so that the server's own time-out comes first), all waits of one request taken together, or than the time to connect.
    """
    begun = time.monotonic()
    limit = _limit(connection, begun)
    try:
        while (state := connection.poll()) != extensions.POLL_OK:
            if not _is_ready(connection, state, None if limit is None else begun + limit):
                _Server.silent_until = time.monotonic() + MEMORY
                raise OperationalError("the database does not answer in time")
        _Server.silent_until = 0.0
    finally:
        if _request.waited is not None:
            _request.waited += time.monotonic() - begun


def _is_ready(connection: Any, state: int, deadline: float | None) -> bool:
    """Whether the socket of ``connection`` becomes ready for what it waits for before the ``deadline``."""
    left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
    return bool(poller.poll(left))


def _limit(connection: Any, at: float) -> float | None:
    if not settings.DATABASE_SECONDS:
        return None
    limits = [settings.DATABASE_SECONDS + 1 - (_request.waited or 0.0)]
    if connection.status == CONNECTING:
        limits.append(settings.DATABASE_CONNECT_SECONDS)
    if at < _Server.silent_until:
        limits.append(ONCE_SILENT)
    return max(0.0, min(limits))


def _begin(**_: Any) -> None:
    _request.waited = 0.0


def _end(**_: Any) -> None:
    _request.waited = None


def wait_ourselves() -> None:
    """Put ``wait()`` under every connection of this process."""
    request_started.connect(_begin, dispatch_uid="database waits begin")
    request_finished.connect(_end, dispatch_uid="database waits end")
    extensions.set_wait_callback(wait)
