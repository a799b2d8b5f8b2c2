"""The request as it reaches our code, and whether its person is still there."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User
from .session_store import SessionEnd, SessionStore


class Asked(HttpRequest):
    """A request that knows whether htmx has made it."""

    htmx: HtmxDetails
    session: SessionStore


class SignedIn(Asked):
    """The request that a view behind ``login_required`` gets: its person is known."""

    user: User
    session_end: SessionEnd


def still_signed_in(request: HttpRequest) -> User | None:
    """Whoever made this request, if they could make it again now: the same session, and an account that is there."""
    if not request.user.is_authenticated or not request.session.session_key or not request.session.exists(request.session.session_key):
        return None
    return User.objects.filter(pk=request.user.pk, is_active=True).first()
