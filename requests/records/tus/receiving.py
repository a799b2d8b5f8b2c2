"""The body of a request, sealed into the vault as it comes."""

from collections.abc import Iterator
from http import HTTPStatus
from time import monotonic
from typing import cast

from django.http import HttpRequest

from secondop.accounts.limits import go_on
from secondop.accounts.signed_in import SignedIn
from secondop.vault import services as vault
from secondop.web.lines import are_wanted

from ..admission import TurnedAway
from ..arrivals import Arrivals, Skip
from ..kinds import HEAD, NotTaken, judge
from ..models import Record
from ..names import ending_of
from . import services
from .models import Upload
from .protocol import body_length
from .senders import Sender

PIECE = 512 * 1024  # what is read at a time: smaller pieces cost more, larger ones are no faster
TURN = 60  # seconds after which whoever sends lets go of a thread that others wait for
HASHED_AT_ONCE = 64 * 1024**2
BROKE_OFF = "The connection broke off before everything had arrived. Please send the file again."


def pieces(request: HttpRequest) -> Iterator[bytes]:
    """What comes of the body, as much as was announced at most; a line that breaks ends it. Its sender's session goes on meanwhile.

    Where others wait for a thread it ends after ``TURN``: what has come is kept, and its sender goes on from there a little later.
    """
    left, begun = body_length(request), monotonic()
    while left and not (monotonic() - begun > TURN and are_wanted()):
        try:
            data = request.read(min(PIECE, left))
        except OSError:
            return
        if not data:
            return
        left -= len(data)
        if request.user.is_authenticated and request.session.session_key and "Authorization" not in request.headers:
            go_on(cast(SignedIn, request).session, cast(SignedIn, request).user)
        yield data


def whole(request: HttpRequest, sender: Sender, name: str) -> Record | None:
    """The record of a file that comes whole with the request that announces it; ``None`` where an office sends what is here already.

    Raises ``TurnedAway`` with the reason when it is not taken, and nothing is kept of a part of it.
    """
    case, announced = sender.case, body_length(request)
    with Arrivals(case.uid, announced) as arrivals:
        arrived = 0
        try:
            arrivals.begin(name)
            for data in pieces(request):
                arrived += len(data)
                arrivals.write(data)
            if arrived < announced:
                raise TurnedAway(HTTPStatus.BAD_REQUEST, BROKE_OFF)
            arrivals.end()
        except Skip:
            pass
        services.check_token(sender.token)
        added = services.keep(case, arrivals, sender)
    if added.turned_back:
        raise services.turned_back(case, added.turned_back[0].reason)
    return added.records[0] if added.records else None


def part(request: HttpRequest, upload: Upload, offset: int) -> int:
    """Add the body to what is here of ``upload``, whose bytes end at ``offset``; returns where they end now.

    The last part makes the record. Raises ``TurnedAway`` when the file ends elsewhere or is not taken, and what the vault raises.
    """
    if upload.stored is None:
        raise vault.Gone
    try:
        with vault.Filling(upload.stored.uid) as filling:
            if filling.offset != offset:
                raise TurnedAway(HTTPStatus.CONFLICT, f"The file is here up to byte {filling.offset}.")
            if offset + body_length(request) > upload.length:
                raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is more than the file was said to have.")
            fill(upload, filling, pieces(request))
            is_soon_hashed = filling.is_hashed or upload.length <= HASHED_AT_ONCE
            if filling.offset == upload.length and is_soon_hashed:
                filling.finish()
            arrived = filling.offset
    except (NotTaken, vault.Damaged) as error:
        raise services.refuse(upload, error) from error
    if arrived == upload.length:
        services.complete(upload) if is_soon_hashed else services.finish_later(upload)
    return arrived


def fill(upload: Upload, filling: vault.Filling, body: Iterator[bytes]) -> None:
    """Write ``body``; the first bytes of the file are judged as soon as they are here. Raises ``NotTaken``."""
    for data in body:
        if filling.offset < HEAD:
            head = (filling.held() + data)[:HEAD]
            if len(head) == min(HEAD, upload.length):
                services.is_of_kind(upload, judge(head, ending_of(upload.name)))
        filling.write(data)
