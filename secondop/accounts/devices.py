"""Browsers in which somebody has signed in before: they have tries of their own, so that nobody's guessing locks a doctor out.

The cookie holds a random number and its keyed hash with the address; it opens nothing by itself (OWASP, "device cookies").
"""

import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

COOKIE = "__Host-device" if settings.HTTPS else "device"
MAX_AGE = 180 * 24 * 60 * 60


def remember(response: HttpResponseBase, address: str) -> None:
    """Have the browser keep that ``address`` was signed in to here."""
    number = secrets.token_hex(16)
    value = f"{number}.{_proof(number, address)}"
    response.set_cookie(COOKIE, value, max_age=MAX_AGE, secure=settings.HTTPS, httponly=True, samesite="Lax")


def known(request: HttpRequest, address: str) -> str:
    """The number of a browser in which ``address`` was signed in to before, otherwise nothing."""
    number, _, proof = request.COOKIES.get(COOKIE, "").partition(".")
    return number if number and constant_time_compare(proof, _proof(number, address)) else ""


def _proof(number: str, address: str) -> str:
    return salted_hmac("secondop.device", f"{number} {address.strip().lower()}", algorithm="sha256").hexdigest()
