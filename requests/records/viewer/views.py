"""The viewer of a series: its page, and what that page's script fetches."""

import logging
import struct
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.cases.verbs import attempt
from secondop.vault.services import VaultError

from . import pages
from .gate import may_see, stack_or_404
from .marking import again
from .models import Stack
from .sealed import Opened, Row

logger = logging.getLogger(__name__)
AT_ONCE = 32  # frames of one answer
ENOUGH = 12 * 1024**2  # bytes after which an answer ends; the script asks for the rest
LENGTH = struct.Struct("!I")


@login_required
@require_safe
def viewer(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """One series with its viewer; ``?image=23`` opens it at that image. htmx asks how far the preparation is."""
    stack = stack_or_404(request, uid, series_uid)
    template = "records/viewer/progress.html" if request.htmx else "records/viewer/page.html"
    return render(request, template, pages.of_series(request, stack))


@login_required
@require_POST
def prepare_again(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """Try again to prepare a series."""
    stack = stack_or_404(request, uid, series_uid)
    back = pages.address_of(stack.case, stack)
    return attempt(request, again, stack.case, back=back, done="We are preparing the images again.", stack=stack)


@login_required
@require_safe
def index(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """What the script has to know of all images, as JSON."""
    return answer(request, stack_or_404(request, uid, series_uid), index_of)


@login_required
@require_safe
def frames(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """Packed frames, each after its length (four bytes): ``count`` of them ``from`` an image on. For none it says that one may go on."""
    return answer(request, stack_or_404(request, uid, series_uid), frames_of)


@login_required
@require_safe
def picture(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """An image from the middle of the series as a PNG, for lists and for browsers without scripts."""
    return answer(request, stack_or_404(request, uid, series_uid), picture_of)


def answer(request: SignedIn, stack: Stack, content: Callable[[SignedIn, Stack, Opened], HttpResponse]) -> HttpResponse:
    """What ``content`` makes of the stack's file: 409 while there is none, or it holds what the person may not see; 503 out of order."""
    if stack.stored is None:
        return closed(HttpResponse(status=HTTPStatus.CONFLICT))
    try:
        return closed(content(request, stack, Opened(stack.stored, stack.layout)))
    except VaultError:
        logger.exception("stack %s cannot be read", stack.uid)
        return closed(HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE))


def index_of(request: SignedIn, stack: Stack, opened: Opened) -> HttpResponse:
    """The index, once every record behind it may be read."""
    if not may_see(request, opened.rows()):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    return HttpResponse(opened.index(), content_type="application/json")


def frames_of(request: SignedIn, stack: Stack, opened: Opened) -> HttpResponse:
    """The frames that were asked for, no more than one answer holds."""
    first, count = whole(request.GET.get("from", "0")), whole(request.GET.get("count", "1"))
    if first is None or count is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    rows = fitting(opened.rows(first, min(count, AT_ONCE)))
    if not may_see(request, rows):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    if not rows:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    pieces = (piece for row in rows for piece in (LENGTH.pack(row.length), opened.read(row.start, row.start + row.length)))
    return HttpResponse(b"".join(pieces), content_type="application/octet-stream")


def picture_of(request: SignedIn, stack: Stack, opened: Opened) -> HttpResponse:
    """The picture, if there is one of a record that may be read."""
    if "picture" not in stack.layout or not may_see(request, [Row(0, 0, stack.layout["picture"][2])]):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    return HttpResponse(opened.picture(), content_type="image/png")


def fitting(rows: list[Row]) -> list[Row]:
    """The first of ``rows`` that fit into one answer, at least one of them."""
    total = 0
    fit: list[Row] = []
    for row in rows:
        total += row.length
        if fit and total > ENOUGH:
            break
        fit.append(row)
    return fit


def whole(text: str) -> int | None:
    """A whole number that fits an address, ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None


def closed(response: HttpResponse) -> HttpResponse:
    """``response``, never kept and never shown by another site."""
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
