"""What tus 1.0 says about every request and answer: headers, their forms, and the answers when one is wrong."""

import base64
import binascii
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from secondop.cases.lifecycle import Conflict, Erased, NotAllowed
from secondop.vault.services import Busy, Gone, KeyDestroyed, StorageFull, VaultError
from secondop.web.middleware import TO_SWALLOW, swallow

from ..admission import TurnedAway

logger = logging.getLogger(__name__)
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration"
BODY = "application/offset+octet-stream"
LONGEST_METADATA = 4096
MADE_WRONG = "Upload-Metadata is not made as tus 1.0 says."
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+\Z")
TOLD = {
    Busy: (HTTPStatus.LOCKED, "This file is being sent already. Please try again in a minute."),
    Gone: (HTTPStatus.GONE, "This upload has ended. Please send the file again."),
    StorageFull: (HTTPStatus.INSUFFICIENT_STORAGE, "We cannot store files just now. Please try again later."),
}
DOWN = (HTTPStatus.SERVICE_UNAVAILABLE, "We cannot store files just now. Please try again later.")


def tus(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Make a view speak the protocol; it knows ``methods``, and OPTIONS. CSRF is the business of ``senders``."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.method = asked(request)
            if request.method == "OPTIONS":
                return options()
            if request.method not in methods:
                response: HttpResponse = HttpResponseNotAllowed([*methods, "OPTIONS"])
            else:
                response = tell(request, view, *args, **kwargs)
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer

    return decorate


def asked(request: HttpRequest) -> str:
    """The method of a request; a program that can only POST names it in a header."""
    return request.headers.get("X-HTTP-Method-Override", "POST").upper() if request.method == "POST" else str(request.method)


def options() -> HttpResponse:
    """What this server can do."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.UPLOAD_FILE_BYTES),
    }
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)


def tell(request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer of ``view``, or in plain words why there is none."""
    if request.headers.get("Tus-Resumable") != VERSION:
        return words(HTTPStatus.PRECONDITION_FAILED, f"This server speaks tus {VERSION}.", {"Tus-Version": VERSION})
    try:
        return view(request, *args, **kwargs)
    except TurnedAway as turned:
        if turned.case:
            read_to_the_end(request)
        return words(turned.status, str(turned), {"WWW-Authenticate": "Bearer"} if turned.status == HTTPStatus.UNAUTHORIZED else {})
    except (Http404, NotAllowed, Erased, KeyDestroyed):
        return words(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
    except Conflict as conflict:
        read_to_the_end(request)
        return words(HTTPStatus.CONFLICT, str(conflict))
    except PermissionDenied:
        return words(HTTPStatus.FORBIDDEN, "This is not open to you.")
    except VaultError as error:
        if type(error) not in (Busy, Gone):
            logger.exception("the vault did not take a part of an upload")
        read_to_the_end(request)
        return words(*TOLD.get(type(error), DOWN))


def read_to_the_end(request: HttpRequest) -> None:
    """Read what is not taken of somebody we know, and forget it: a browser that is still sending would show no answer."""
    if body_length(request) <= TO_SWALLOW:
        with suppress(OSError):
            swallow(request)


def words(status: HTTPStatus, text: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """A short answer in words."""
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def body_length(request: HttpRequest) -> int:
    """How many bytes the body announces; 0 without a header that says so."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if _NUMBER.match(length) else 0


def check_body(request: HttpRequest) -> None:
    """A body is of the one kind the protocol knows, and says how long it is. Raises ``TurnedAway``."""
    if "Transfer-Encoding" in request.headers:
        raise TurnedAway(HTTPStatus.LENGTH_REQUIRED, "Please say in Content-Length how many bytes you send.")
    is_sent = body_length(request) > 0 or request.method == "PATCH"
    if is_sent and request.content_type != BODY:
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body has to be of the kind {BODY}.")


def number(request: HttpRequest, header: str) -> int:
    """The number in a header. Raises ``TurnedAway``."""
    text = request.headers.get(header, "")
    if not _NUMBER.match(text):
        raise TurnedAway(HTTPStatus.BAD_REQUEST, f"{header} is missing, or no number.")
    return int(text)


def metadata(request: HttpRequest) -> dict[str, str]:
    """What the sender says of a file. Raises ``TurnedAway``."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > LONGEST_METADATA:
        raise TurnedAway(HTTPStatus.BAD_REQUEST, MADE_WRONG)
    found: dict[str, str] = {}
    for pair in text.split(",") if text else []:
        key, _, value = pair.strip(" ").partition(" ")
        if not _KEY.match(key) or key in found:
            raise TurnedAway(HTTPStatus.BAD_REQUEST, MADE_WRONG)
        try:
            found[key] = base64.b64decode(value, validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            raise TurnedAway(HTTPStatus.BAD_REQUEST, MADE_WRONG) from None
    return found
