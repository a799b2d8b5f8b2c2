"""How long people stay signed in: not long after the last thing they did, and never longer than half a day.

What a person does is: to open a page, and to send something, which autosave does only after they typed. What a page fetches
by itself (parts of it, pictures, what it asks every few seconds) is nothing they did, and so it keeps nobody signed in.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from secondop.web.clock import now

from .models import User
from .session_store import SessionEnd, SessionStore
from .signed_in import SignedIn

HEALTH = {"healthz", "readyz"}  # answered without the database, whoever asks
BEGAN = "signed_in_at"
ROUGHLY = 30  # the end is moved only by more than this part of the limit, so that not every page writes


def idle_limit(user: User) -> timedelta:
    """How long ``user`` may do nothing."""
    return timedelta(seconds=settings.SESSION_IDLE_SECONDS_STAFF if user.roles else settings.SESSION_IDLE_SECONDS)


def last_moment(session: SessionStore) -> datetime:
    """When the session ends whatever its person does."""
    return datetime.fromtimestamp(session.get(BEGAN, 0), UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)


def begin(session: SessionStore, user: User) -> None:
    """Start both limits: ``user`` has just signed in."""
    session[BEGAN] = now().timestamp()
    session.end_at(min(now() + idle_limit(user), last_moment(session)))


def go_on(session: SessionStore, user: User) -> None:
    """Move the end: ``user`` has done something."""
    wanted = min(now() + idle_limit(user), last_moment(session))
    if not session.ends_at or abs(wanted - session.ends_at) > idle_limit(user) / ROUGHLY:
        session.end_at(wanted)


def end_of(session: SessionStore, user: User) -> SessionEnd:
    """When the session of ``user`` ends."""
    last = last_moment(session)
    at = session.ends_at or last
    return SessionEnd(
        seconds=max(0, int((at - now()).total_seconds())),
        at=at,
        is_last=at >= last,
        last=last,
        who=salted_hmac("session", str(user.pk)).hexdigest()[:16],
        idle_minutes=int(idle_limit(user).total_seconds()) // 60,
        warning=settings.SESSION_WARNING_SECONDS,
    )


def is_act(request: HttpRequest) -> bool:
    """Whether a person has caused the request, as far as the browser says."""
    if request.method == "POST":
        return True
    if request.method != "GET" or "Sec-Purpose" in request.headers or "HX-Request" in request.headers:
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is None:  # a browser too old to say: it asks for pages by this, and for everything else by another
        return "text/html" in request.headers.get("Accept", "")
    return mode == "navigate" and request.headers.get("Sec-Fetch-Dest", "document") == "document"


class SessionLimits:
    """Moves the end of a session when its person does something, and lets the pages know when it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(self, request: SignedIn, view, args, kwargs) -> None:
        """A view will answer, so that the request was not refused: see what it means for the session."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in HEALTH or not request.session.session_key or not request.user.is_authenticated:
            return
        if is_act(request):
            go_on(request.session, request.user)
        request.session_end = end_of(request.session, request.user)
