"""The request that a view behind ``login_required`` gets."""

from django.http import HttpRequest

from .models import User


class SignedIn(HttpRequest):
    """A request whose person is known. For type hints only."""

    user: User
