"""Error pages that help. None of the pages for our own failures touches the database or the session."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from secondop.vault.services import MasterKeyMissing, StorageDown

RETRY_AFTER = "10"


def _without_request(status: int, template: str = "") -> HttpResponse:
    context = {"organisation": settings.ORGANISATION, "demo": settings.DEMO}
    return HttpResponse(render_to_string(template or f"{status}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: something was sent that we cannot read. Says nothing about what; the details are in the log."""
    return _without_request(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what does not exist and for what is not for this person's eyes."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with a time to come back when database or storage are away, or what is asked is locked; 500 for a fault of ours.

    What the database refuses, such as a row that breaks a constraint, is a fault of ours.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
        return unavailable(request, "503_busy.html")
    if isinstance(error, OperationalError | InterfaceError | StorageDown | MasterKeyMissing):
        return unavailable(request)
    return _without_request(500)


def unavailable(request: HttpRequest, template: str = "") -> HttpResponse:
    """503: a part we need does not answer."""
    response = _without_request(503, template)
    response["Retry-After"] = RETRY_AFTER
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that came without its token: signed out meanwhile, cookies off, or sent from another site."""
    return _without_request(403, "403_csrf.html")
