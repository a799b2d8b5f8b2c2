"""Error pages that help. None of the pages for our own failures touches the database or the session."""

import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from secondop.cases.gate import OfAge
from secondop.vault.services import MasterKeyMissing, StorageDown
from secondop.web.context import installation
from secondop.web.typed import typed

RETRY_AFTER = "10"


def ways(request: HttpRequest) -> dict[str, Any]:
    """What an error page can do for its reader: ``again`` leads to what was asked for, ``back`` to our own page that led there.

    After a form was sent there are no ways, but what was ``typed``.
    """
    if request.method != "GET":
        return {"typed": typed(request)}
    return {"again": request.get_full_path(), "back": way_back(request)}


def way_back(request: HttpRequest) -> str:
    """The path of our own page that the browser names as the one that led here; empty for any other, and for what is no address."""
    try:
        came, own = urlsplit(request.headers.get("Referer", "")), urlsplit(settings.BASE_URL)
    except ValueError:
        return ""
    is_ours = came[:2] == own[:2] and not came.path.startswith("//")  # which would be an address elsewhere
    return came.path if is_ours and came.path != request.path else ""


def _without_request(request: HttpRequest, status: int, template: str = "", **context: object) -> HttpResponse:
    """A page drawn from settings only; the request gives nothing but addresses."""
    known = {**installation(), **ways(request), **context}
    return HttpResponse(render_to_string(template or f"{status}.html", known), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: something was sent that we cannot read; 413: too much of it. Says nothing about what; the details are in the log.

    A demo, which people reach at numbers such as 127.0.0.1 as well, names its address.
    """
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _without_request(request, 413, file_bytes=settings.UPLOAD_FILE_BYTES)
    if isinstance(exception, DisallowedHost) and settings.DEMO:
        return _without_request(request, 400, "400_host.html", site=settings.BASE_URL)
    return _without_request(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403; somebody whose child is an adult now is told so."""
    template = "cases/of_age.html" if isinstance(exception, OfAge) else "403.html"
    return render(request, template, ways(request), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what does not exist and for what is not for this person's eyes."""
    return render(request, "404.html", ways(request), status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: the same thing was tried too often."""
    return render(request, "429.html", ways(request), status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with a time to come back when database or storage are away, or what is asked is locked; 500 for a fault of ours.

    What the database refuses, such as a row that breaks a constraint, is a fault of ours.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
        return unavailable(request, "503_busy.html")
    if isinstance(error, OperationalError | InterfaceError | StorageDown | MasterKeyMissing):
        return unavailable(request)
    return _without_request(request, 500)


def unavailable(request: HttpRequest, template: str = "") -> HttpResponse:
    """503: a part we need does not answer."""
    response = _without_request(request, 503, template)
    response["Retry-After"] = RETRY_AFTER
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that came without its token: signed out meanwhile, cookies off, or sent from another site."""
    return _without_request(request, 403, "403_csrf.html")
