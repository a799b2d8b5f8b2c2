"""What every template may know of this installation."""

from django.conf import settings
from django.http import HttpRequest


def installation() -> dict[str, str | bool]:
    """The organisation's name and mail address, whether this is the demo and sends text messages, and the address of the site."""
    return {
        "organisation": settings.ORGANISATION,
        "contact": settings.CONTACT_EMAIL,
        "demo": settings.DEMO,
        "texts": bool(settings.SMS_TRANSPORT),
        "base_url": settings.BASE_URL,
    }


def site(request: HttpRequest) -> dict[str, str | bool]:
    """``installation()`` as a context processor."""
    return installation()
