"""Who brings a file: somebody signed in at a browser, or a program with a token. All of it is known before a body is read."""

from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case

from ..admission import TurnedAway, from_this_site
from ..gate import case_with_papers_or_404, refused
from ..models import DropLink, Purpose
from .models import Upload, UploadToken
from .tokens import token_of

SIGNED_OUT = "Please sign in, or send the token of this case."
ELSEWHERE = "Files are taken from our own pages only, or with a token."
READ_ONLY = ("HEAD", "OPTIONS")


class Sender(NamedTuple):
    """A person, the case they may send files to, and the token when a program sends in their name; or an office, by its link."""

    user: User | None
    case: Case
    purpose: Purpose
    token: UploadToken | None = None
    link: DropLink | None = None


class CsrfHeader(CsrfViewMiddleware):
    """Django's check of the token in the header, asked by us: bodies that are not forms are not read for it."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def sender_of(request: HttpRequest, uid: UUID, purpose: Purpose, *, is_logged_by_verb: bool = False) -> Sender:
    """Who makes this request about the case ``uid``; raises ``TurnedAway``, and ``Http404`` for those who may not send files to it."""
    token = None
    if "Authorization" in request.headers:
        token = token_of(request)
        request.user = token.made_by
        if token.case.uid != uid or token.purpose != purpose:
            raise refused(request, uid, token.uid)
    elif not request.user.is_authenticated:
        raise TurnedAway(HTTPStatus.UNAUTHORIZED, SIGNED_OUT)
    elif request.method not in READ_ONLY and not is_from_our_page(request):
        raise TurnedAway(HTTPStatus.FORBIDDEN, ELSEWHERE)
    if purpose == Purpose.AUTHORITY:
        case = case_with_papers_or_404(request, uid)
    else:
        case = case_or_404(request, uid, Right.UPLOAD, action="record.upload", is_logged_by_verb=is_logged_by_verb, related=("patient",))
    return Sender(request.user, case, purpose, token)


def upload_of(request: HttpRequest, uid: UUID, upload_uid: UUID) -> tuple[Sender, Upload]:
    """An upload of whoever makes this request; a program sees its own only. Raises as ``sender_of()``."""
    found = Upload.objects.select_related("stored", "token").filter(case__uid=uid, uid=upload_uid).first()
    purpose = Purpose(found.purpose) if found else Purpose.MEDICAL
    sender = sender_of(request, uid, purpose, is_logged_by_verb=True)
    if found is None or found.sender_id != request.user.pk or (sender.token and found.token != sender.token):
        raise refused(request, uid, upload_uid)
    found.case, found.sender = sender.case, sender.user
    return sender, found


def is_from_our_page(request: HttpRequest) -> bool:
    """Whether a page of ours made the request: its origin, and the CSRF token in the header."""
    check = CsrfHeader(nothing)
    check.process_request(request)
    return from_this_site(request) and check.process_view(request, nothing, (), {}) is None


def nothing(request: HttpRequest) -> HttpResponse:
    """Stands in for the view that the check wants to know."""
    return HttpResponse()
