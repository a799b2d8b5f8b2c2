"""Rules that hold for every request and every response."""

from collections.abc import Callable, Iterable
from http import HTTPStatus

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.exception import response_for_exception
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from .lines import announced
from .text import has_bad_characters

TO_SWALLOW = 32 * settings.MIB
STEP = 256 * 1024
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class ContentPolicy:
    """Sends the content security policy of the settings with every answer that has none of its own.

    django-csp writes the policy down, once; its middleware would do so twice for each answer, which took as long as a statement of SQL.
    Where DEBUG is on, Django's own pages of errors go without: they hold their styles themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response, self.policy = get_response, build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not settings.DEBUG or response.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR):
            response.headers.setdefault(HEADER, self.policy)
        return response


class ResponseRules:
    """Refuses requests no view should see, and sets the headers every answer carries besides those of Django's own middleware.

    An unknown method is 405 (Django's function views would answer TRACE); a kind of content that cannot be read is 400, and so is a
    NUL or a lone surrogate in the address or in a urlencoded form, because PostgreSQL refuses both, and a form of which only a part
    came; whatever is shown to somebody with a session is not kept by the browser or by a proxy. Multipart bodies are not read here:
    an upload has gigabytes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = refusal(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if has_session(request, response):
            response.headers["Cache-Control"] = "no-store"
        return response


def refusal(request: HttpRequest) -> HttpResponseBase | None:
    """The answer to a request that no view should see; ``None`` for the others."""
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    if request.META.get("CONTENT_TYPE") and not request.content_type:
        return response_for_exception(request, BadRequest("What is sent cannot be told."))
    if request.encoding:
        request.encoding = "utf-8"  # as all our pages; with another charset that its sender names Django could not read the form
    try:
        if any(map(has_bad_characters, sent_text(request))):
            return response_for_exception(request, BadRequest("A character that cannot be stored was sent."))
        if is_form(request) and len(request.body) < announced(request.META):
            return response_for_exception(request, BadRequest("The line broke within a form."))
    except RequestDataTooBig as error:
        swallow(request)
        return response_for_exception(request, error)
    return None


def swallow(request: HttpRequest) -> None:
    """Read a form that is too large, and forget it: a browser whose form is not read to its end shows no answer at all."""
    for _ in range(TO_SWALLOW // STEP):
        if not request.read(STEP):
            return


def sent_text(request: HttpRequest) -> Iterable[str]:
    """Every name and value of the path, the query and a urlencoded body. Raises ``SuspiciousOperation`` if too large."""
    yield request.path
    forms = [request.GET]
    if is_form(request):
        forms.append(request.POST)
    for form in forms:
        for name, values in form.lists():
            yield name
            yield from values


def is_form(request: HttpRequest) -> bool:
    """Whether a form without files is sent."""
    return request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"


def has_session(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the visitor came with a session or leaves with one; asks no database."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies
