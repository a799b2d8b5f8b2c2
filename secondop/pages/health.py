"""Health for people and for whatever starts and watches the site: /healthz and /readyz."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from secondop.audit.chain import unsealed_since
from secondop.vault.errors import StorageDown, StorageFull
from secondop.vault.inspecting import newest
from secondop.vault.stores import store
from secondop.web.clock import now

BROKER_TIMEOUT = 1
BROKER_FOLDERS = ("data_folder_in", "data_folder_out", "control_folder")


class Unready(Exception):
    """A part that the site needs does not answer; says which symptom, no secret."""


def _database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure as error:
        connection.close()
        raise Unready("no answer") from error


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready")
            os.fsync(file.fileno())
    except OSError as error:
        raise Unready("not writable") from error


def _broker() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        for name in BROKER_FOLDERS:
            _writable(Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS[name])))
        return
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=BROKER_TIMEOUT, socket_connect_timeout=BROKER_TIMEOUT)
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        raise Unready("no answer") from error
    finally:
        client.close()


def _storage() -> None:
    try:
        store().try_out()
    except StorageFull as error:
        raise Unready("disk almost full") from error
    except StorageDown as error:
        raise Unready("not writable") from error


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "storage": _storage}


def _answer(check: Callable[[], None]) -> str:
    try:
        check()
    except Unready as symptom:
        return str(symptom)
    return "ok"


def _files() -> str:
    try:
        found = newest()
    except DatabaseFailure:
        return "unknown"
    if found is None:
        return "not all checked yet"
    faults = f"{len(found.faults)} faults" if found.faults else "all whole"
    return f"{found.files} checked from {found.begun_at:%Y-%m-%d %H:%M} on, {faults}"


def _audit_lag() -> str:
    try:
        since = unsealed_since()
    except DatabaseFailure:
        return "unknown"
    return f"{(now() - since).total_seconds():.0f} s unsealed" if since else "all sealed"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives; asks nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, broker and storage answer; otherwise 503 and which one does not.

    The audit's lag, and what the last look at all files met, are for information.
    """
    report = {name: _answer(check) for name, check in CHECKS.items()}
    status = 200 if set(report.values()) == {"ok"} else 503
    lag = _audit_lag() if report["database"] == "ok" else "unknown"
    files = _files() if report["database"] == "ok" else "unknown"
    return JsonResponse({**report, "audit": lag, "files": files}, status=status)
