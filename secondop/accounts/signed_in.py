"""The request as it reaches our code. For type hints only."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class Asked(HttpRequest):
    """A request that knows whether htmx has made it."""

    htmx: HtmxDetails


class SignedIn(Asked):
    """The request that a view behind ``login_required`` gets: its person is known."""

    user: User
