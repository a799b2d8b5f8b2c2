"""What every template may know of this installation."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str | bool]:
    """The organisation's name, whether this is the demo, and the address of the site."""
    return {"organisation": settings.ORGANISATION, "demo": settings.DEMO, "base_url": settings.BASE_URL}
