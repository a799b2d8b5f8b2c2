"""Who may send a body of gigabytes: everything that can be known from a request's head, decided before a byte of its body is read.

Django reads and parses a whole form before it compares the CSRF token, because the token is in the form. So the sender, the
right, the case, the origin and the length are checked here first.
"""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from secondop.cases.models import Case

from .services import CLOSED_TO_RECORDS, room_left, takes_records

SLACK = settings.MIB  # the form's own lines around the files
OWN_SITES = {"same-origin", "none"}
OTHER_SITE = "Files are taken from our own page only. Please open the page again and send them there."


class TurnedAway(Exception):
    """The body is not read; ``status`` and the message are the answer, ``case`` is the one whose page may show it."""

    def __init__(self, status: HTTPStatus, message: str, case: Case | None = None) -> None:
        self.status, self.case = status, case
        super().__init__(message)


def admit(request: HttpRequest, uid: UUID, load: Callable[[HttpRequest, UUID], Case]) -> Case:
    """The case that this request may bring files to, by ``load``. Raises ``TurnedAway``, and ``Http404`` for those who may not."""
    if not request.user.is_authenticated:
        raise TurnedAway(HTTPStatus.UNAUTHORIZED, "You have been signed out. Please sign in again, then send your files once more.")
    if not from_this_site(request):
        raise TurnedAway(HTTPStatus.FORBIDDEN, OTHER_SITE)
    case = load(request, uid)
    if not takes_records(case):
        raise TurnedAway(HTTPStatus.CONFLICT, CLOSED_TO_RECORDS, case)
    admit_body(request, case)
    return case


def admit_body(request: HttpRequest, case: Case) -> None:
    """Look at what the head says of the body. Raises ``TurnedAway`` where it is no form with files, or more than ``case`` has room for."""
    if request.content_type != "multipart/form-data":
        raise TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Please choose your files on this page and send them with its button.", case)
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise TurnedAway(HTTPStatus.LENGTH_REQUIRED, "Your browser did not say how much it sends. Please use another one.", case)
    room = room_left(case)
    if int(length) > room + SLACK:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_much(int(length), room), case)


def from_this_site(request: HttpRequest) -> bool:
    """Whether the browser says that the request comes from a page of ours; one that says nothing is left to the CSRF token."""
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)


def too_much(length: int, room: int) -> str:
    """What to say to more than there is room for."""
    total = filesizeformat(settings.UPLOAD_CASE_BYTES)
    left = filesizeformat(room) if room else "nothing"
    return (
        f"You are sending {filesizeformat(length)}. One case takes {total} in all, and {left} of that is left. Please choose fewer files."
    )
