"""tus for an office: by its link, without an account, into the one case, with nothing to read but how far a file of its own is."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..admission import OTHER_SITE, TurnedAway, from_this_site
from ..gate import refused
from ..models import DropLink, Purpose
from ..sourcing import guesses, links
from ..sourcing.drop import TOO_MUCH, TOO_OFTEN
from ..sourcing.rules import live_link
from . import pages
from .page_views import MOST_ASKED
from .protocol import check_body, tus
from .senders import Sender
from .views import answered, begun

View = Callable[..., HttpResponse]


def of_office(view: View) -> View:
    """Make a view one for offices: it gets the link in place of the secret. Whoever makes the request is nobody there.

    Raises ``Http404`` for a link that takes nothing now, and ``TurnedAway``, in which nothing is told of how much is here already.
    """

    @wraps(view)
    def by_link(request: HttpRequest, drop_secret: str, **more: Any) -> HttpResponse:
        request.user = AnonymousUser()
        if guesses.are_over(request):
            raise TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN)
        link = link_or_404(request, drop_secret)
        if not from_this_site(request):
            raise TurnedAway(HTTPStatus.FORBIDDEN, OTHER_SITE)
        try:
            return view(request, link, **more)
        except TurnedAway as turned:
            if turned.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise TurnedAway(turned.status, TOO_MUCH, turned.case) from None
            raise

    return by_link


def link_or_404(request: HttpRequest, secret: str) -> DropLink:
    """The link that takes files now; a secret that is none is counted. Raises ``Http404``."""
    link = live_link(secret)
    if link is None:
        guesses.count(request)
        raise Http404
    return link


@tus("POST")
@of_office
def creation(request: HttpRequest, link: DropLink) -> HttpResponse:
    """Begin an upload, as ``views.creation()``."""
    check_body(request)
    if not links.count_use(link, 1):
        raise TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, TOO_OFTEN)
    return begun(request, Sender(None, link.request.case, Purpose.MEDICAL, link=link))


@tus("HEAD", "PATCH", "DELETE")
@of_office
def one(request: HttpRequest, link: DropLink, came_uid: UUID) -> HttpResponse:
    """An upload that began by this link, as ``views.one()``."""
    if request.method == "PATCH":
        check_body(request)
    upload = link.uploads.select_related("stored", "record").filter(uid=came_uid).first()
    if upload is None:
        raise refused(request, link.request.case.uid, came_uid)
    upload.case, upload.link = link.request.case, link
    return answered(request, upload)


@never_cache
@require_POST
def known(request: HttpRequest, drop_secret: str) -> HttpResponse:
    """For each fingerprint of a file that came by this link: nothing, or the address where the rest of it goes."""
    if guesses.are_over(request):
        raise Http404
    link = link_or_404(request, drop_secret)
    return JsonResponse(pages.known(link.request.case, link, request.POST.getlist("fingerprint")[:MOST_ASKED]))
