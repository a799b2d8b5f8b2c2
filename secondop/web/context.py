"""What every template may know of this installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str | bool]:
    """The organisation's name, and whether this is the demo."""
    return {"organisation": settings.ORGANISATION, "demo": settings.DEMO}
