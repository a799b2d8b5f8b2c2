"""The page behind the link that an office gets: files in, nothing out."""

import logging
from http import HTTPStatus

from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from secondop.cases.lifecycle import Erased
from secondop.vault.services import KeyDestroyed, StorageFull, VaultError

from .. import reasons
from ..admission import OTHER_SITE, TurnedAway, admit_body, from_this_site
from ..arrivals import Arrivals
from ..kinds import TAKEN
from ..multipart import Counted, IntoTheVault
from ..services import room_left
from . import guesses, links
from .models import DropLink
from .rules import live_link

logger = logging.getLogger(__name__)
TOO_OFTEN = "This link has been used very often in the last hour. Please try again later."
CUT_OFF = "The connection broke off before everything had arrived. Nothing was kept: please send the files again."
NO_ROOM = "We cannot store files just now. Nothing of this was kept: please try again later."
TOO_MUCH = "This is more than we can take at once. Please send fewer files, or call the care team."  # not how much is here already
LIMITS = {"file": settings.UPLOAD_FILE_BYTES, "count": settings.UPLOAD_FILES_PER_REQUEST}
NO_FILES = "Please choose at least one file first."


@csrf_exempt  # the check reads the whole body: receive() has it, behind what the head tells
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: HttpRequest, drop_secret: str) -> HttpResponse:
    """Take files from an office. A link that does not take any is answered like one that never was."""
    if guesses.are_over(request):
        return respond_429(request)
    link = live_link(drop_secret)
    if link is None:
        guesses.count(request)
        return over(request)
    try:
        return sent(request, link) if request.method == "POST" else page(request, link)
    except TurnedAway as turned:
        return page(request, link, turned.status, problem=TOO_MUCH if turned.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else str(turned))
    except TooManyFilesSent:
        return page(request, link, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problem=reasons.far_over_count())
    except (links.LinkOver, Erased, KeyDestroyed):
        return over(request)
    except VaultError as error:
        logger.exception("the vault did not take what an office sent")
        status = HTTPStatus.INSUFFICIENT_STORAGE if isinstance(error, StorageFull) else HTTPStatus.SERVICE_UNAVAILABLE
        return page(request, link, status, problem=NO_ROOM)


def over(request: HttpRequest) -> HttpResponse:
    """The answer at a link that takes no files, whether it ended or never was: whom to ask for another."""
    return render(request, "records/sourcing/over.html", status=HTTPStatus.NOT_FOUND)


def sent(request: HttpRequest, link: DropLink) -> HttpResponse:
    """Files that are sent. Raises ``TurnedAway`` for what its head tells, before a byte of the body is read."""
    if not from_this_site(request):
        raise TurnedAway(HTTPStatus.FORBIDDEN, OTHER_SITE)
    case = link.request.case
    admit_body(request, case)
    if not links.count_use(link, settings.UPLOAD_FILES_PER_REQUEST):
        raise TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN)
    with Arrivals(case.uid, room_left(case)) as arrivals:
        request.upload_handlers = [IntoTheVault(request, arrivals)]
        return receive(request, link, arrivals, Counted(request))


@csrf_protect
def receive(request: HttpRequest, link: DropLink, arrivals: Arrivals, body: Counted) -> HttpResponse:
    """Keep what has arrived, once it is certain that it is all there, and say how many files this time brought."""
    if not body.is_whole():
        raise TurnedAway(HTTPStatus.BAD_REQUEST, CUT_OFF)
    if not arrivals.arrived and not arrivals.turned_back:
        raise TurnedAway(HTTPStatus.UNPROCESSABLE_ENTITY, NO_FILES)
    added = links.receive(link, arrivals)
    return page(request, link, came=len(added.records) + added.known, refused=added.turned_back)


def page(request: HttpRequest, link: DropLink, status: int = 200, **said: object) -> HttpResponse:
    """The one page there is: it knows the request's reference, and what was sent just now."""
    shown = {"code": link.request.code, "secret": links.secret_of(link), "taken": TAKEN, "limits": LIMITS, **said}
    response = render(request, "records/sourcing/drop.html", shown, status=status)
    response["Referrer-Policy"] = "strict-origin"  # the address is the secret; without an origin no form could be sent
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
