"""The request as it reaches our code. For type hints only."""

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
