"""Giving a stored file's bytes back: whole or a range of them, as a download, never to be run or kept by the browser."""

import errno
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from . import services
from .models import StoredFile

LOOK_AGAIN_AFTER = 16 * settings.MIB
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class Span(NamedTuple):
    """Bytes from ``start`` up to, not including, ``end``."""

    start: int
    end: int


class NoSuchRange(Exception):
    """The range asked for begins beyond the end."""


def span_of(header: str, size: int) -> Span | None:
    """The single range of a Range header, or ``None`` for the whole (none, several or a malformed one). Raises ``NoSuchRange``.

    RFC 9110, section 14.2: a server may ignore the header, and has to where it is malformed.
    """
    found = _RANGE.match(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
        if not int(last):
            raise NoSuchRange
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise NoSuchRange
    return Span(start, end)


def respond(request: HttpRequest, stored: StoredFile, *, filename: str, media_type: str, may_go_on: Callable[[], bool]) -> HttpResponseBase:
    """The answer to a request for the bytes of ``stored``; raises what the vault raises before the first of them.

    ``may_go_on`` is asked every 16 MiB: once it says no, the connection breaks off, so that nobody takes the part for the whole.
    """
    tag = f'"{stored.sha256}"'
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        span = span_of(asked, stored.size)
    except NoSuchRange:
        headers = {"Content-Range": f"bytes */{stored.size}"}
        return _closed(HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers))
    start, end = span or Span(0, stored.size)
    response: HttpResponseBase = HttpResponse()
    if request.method != "HEAD":
        response = StreamingHttpResponse(_guarded(services.read(stored, start, end), may_go_on))
    response.status_code = HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK
    if span:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    response.headers["Content-Type"] = media_type
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Disposition"] = content_disposition_header(True, filename)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = tag
    return _closed(response)


def show(request: HttpRequest, stored: StoredFile, *, media_type: str) -> HttpResponse:
    """The answer to a request for a picture of our own making, to be seen in a page; raises what the vault raises."""
    tag = f'"{stored.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = HttpResponse(b"".join(services.read(stored)), content_type=media_type)
    response.headers["ETag"] = tag
    _closed(response)
    return response


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _guarded(pieces: Iterator[bytes], may_go_on: Callable[[], bool]) -> Iterator[bytes]:
    sent = 0
    for piece in pieces:
        if sent >= LOOK_AGAIN_AFTER:
            if not may_go_on():
                raise ConnectionResetError(errno.ECONNRESET, "the right to read this ended")
            sent = 0
        yield piece
        sent += len(piece)
