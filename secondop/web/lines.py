"""Slow lines: how many of them the site's threads wait for at once, and how long each may keep one waiting.

A thread waits while the body of a request comes, and while a file goes out, so that a few telephones on a bad network would take the site
away from everybody. Whatever is longer than ``SHORT`` needs one of ``Places``, which are fewer than the threads; whoever finds none is told
to try again in a moment, as programs that speak tus do by themselves. The rest of the threads is for pages. A line that brings or
takes too little is ended: what has come of an upload by then is kept, and goes on from there.
"""

import socket
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from .address import client_address
from .context import installation

SHORT = 64 * 1024  # a form, which has to come within one step
FIRST, LEAST, MOST = 16 * 1024, 4 * 1024, 1024 * 1024  # bytes of a step
STEP_SECONDS = 30
OUTGOING = 256 * 1024  # bytes of a file that have to go out within one step
CROWDED_SECONDS = 60
RETRY_AFTER = "5"


class Places:
    """How many long bodies and answers this process is busy with at once: three quarters of its ``threads``, half for one address."""

    def __init__(self, threads: int) -> None:
        self.size = max(1, threads * 3 // 4)
        self._lock, self._taken, self._refused_at = threading.Lock(), Counter[str](), float("-inf")

    def take(self, address: str) -> bool:
        """Take a place, if there is one for this address."""
        with self._lock:
            if self._taken.total() >= self.size or self._taken[address] >= max(1, self.size // 2):
                self._refused_at = time.monotonic()
                return False
            self._taken[address] += 1
            return True

    def leave(self, address: str) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= Counter([address])

    def are_wanted(self) -> bool:
        """Whether somebody has found none of late: whoever has had one for long should let go of it."""
        return time.monotonic() - self._refused_at < CROWDED_SECONDS


class Watch:
    """Ends lines that take longer for a step than they may: whoever waits for one is told that nothing more comes."""

    def __init__(self) -> None:
        self._until: dict[socket.socket, tuple[float, int]] = {}
        self._lock, self._is_looking = threading.Lock(), False

    def begin(self, line: socket.socket, how: int) -> None:
        """A step on ``line`` begins; past its time the line is shut down as ``how`` says."""
        self._until[line] = (time.monotonic() + STEP_SECONDS, how)
        with self._lock:
            if not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look, daemon=True).start()

    def end(self, line: socket.socket) -> None:
        """The step is over."""
        self._until.pop(line, None)

    def _look(self) -> None:
        while True:
            time.sleep(1)
            for line, (until, how) in list(self._until.items()):
                if until < time.monotonic():
                    shut(line, how)


class Input(Protocol):
    """What a server gives as ``wsgi.input``."""

    def read(self, size: int) -> bytes: ...
    def readline(self, size: int) -> bytes: ...


class Body:
    """The body of a request of ``length`` bytes, read in steps that are as long as the line is fast; a line that is ended ends it."""

    def __init__(self, body: Input, line: socket.socket, length: int) -> None:
        self._body, self._line = body, line
        self._step = SHORT if length <= SHORT else FIRST

    def read(self, size: int) -> bytes:
        """So many bytes, or what there is before the end."""
        pieces = []
        while size:
            asked = min(size, self._step)
            piece = self._timed(self._body.read, asked)
            pieces.append(piece)
            size -= len(piece)
            if len(piece) < asked:
                break
        return b"".join(pieces)

    def readline(self, size: int) -> bytes:
        """One line, of so many bytes at most."""
        return self._timed(self._body.readline, min(size, self._step))

    def _timed(self, take: Callable[[int], bytes], size: int) -> bytes:
        begun = time.monotonic()
        watch.begin(self._line, socket.SHUT_RD)
        try:
            piece = take(size)
        finally:
            watch.end(self._line)
        is_fast = time.monotonic() - begun < 1
        self._step = min(MOST, self._step * 2) if is_fast else max(LEAST, self._step // 2)
        return piece


class Outgoing:
    """The pieces of a long answer; each has to go out within one step. ``leave`` is called once, at the end."""

    def __init__(self, pieces: Iterator[bytes], line: socket.socket, leave: Callable[[], None]) -> None:
        self._pieces = (piece[at : at + OUTGOING] for piece in pieces for at in range(0, len(piece), OUTGOING))
        self._line, self._leave = line, weakref.finalize(self, leave)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        watch.end(self._line)
        piece = next(self._pieces)
        watch.begin(self._line, socket.SHUT_RDWR)
        return piece

    def close(self) -> None:
        """Nothing more goes out."""
        watch.end(self._line)
        self._leave()


class SlowLines:
    """Lets long bodies in, and long answers out, as far as there are ``places``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if places is None:
            return self.get_response(request)
        address = client_address(request) or ""
        if announced(request.META) <= SHORT:
            return going_out(places, request, self.get_response(request), address)
        if not places.take(address):
            return turned_away(request)
        try:
            return self.get_response(request)
        finally:
            places.leave(address)


def going_out(places: Places, request: HttpRequest, response: HttpResponseBase, address: str) -> HttpResponseBase:
    """``response``, or if it is a long one for which there is no place, what says so."""
    line = request.META.get("gunicorn.socket")
    if line is None or not isinstance(response, StreamingHttpResponse) or int(response.get("Content-Length", str(MOST))) <= SHORT:
        return response
    if not places.take(address):
        response.close()
        return turned_away(request)
    response.streaming_content = Outgoing(iter(response), line, lambda: places.leave(address))
    return response


def turned_away(request: HttpRequest) -> HttpResponse:
    """503 with a time to come again; what is still coming is not waited for."""
    if line := request.META.get("gunicorn.socket"):
        shut(line, socket.SHUT_RD)
    page = render_to_string("503_crowded.html", installation())
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER})


def shut(line: socket.socket, how: int) -> None:
    """Let nothing more come from a line, or go to it."""
    with suppress(OSError):
        line.shutdown(how)


def announced(environ: dict[str, Any]) -> int:
    """How many bytes the body of a request is said to have."""
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0


def watched(environ: dict[str, Any]) -> dict[str, Any]:
    """The environment of a request, whose body is read as ``Body`` says."""
    line, length = environ.get("gunicorn.socket"), announced(environ)
    if line and length:
        environ["wsgi.input"] = Body(environ["wsgi.input"], line, length)
    return environ


def are_wanted() -> bool:
    """Whether others wait for a place in this process."""
    return places is not None and places.are_wanted()


def open_for(threads: int) -> None:
    """Let there be places: this process serves with so many threads."""
    global places
    places = Places(threads)


places: Places | None = None
watch = Watch()
