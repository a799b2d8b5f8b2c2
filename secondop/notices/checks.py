"""What the settings of the gateway for text messages must not say."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks

from .texts import LONGEST, is_loopback, longest_words

ROOM = 10  # letters of the site's name that a text must have room for


@checks.register(checks.Tags.security)
def gateway(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[checks.CheckMessage]:
    """Texts reach the gateway on a safe way and with a token, and fit into one message. No address is named: it may hold secrets."""
    if not settings.SMS_URL:
        return
    address, token = urlsplit(settings.SMS_URL), settings.SMS_TOKEN
    if not is_safe(settings.SMS_URL):
        hint = "Set it to the https:// address of the gateway; http:// is for one on this machine, such as http://127.0.0.1:8080/."
        yield checks.Error("SMS_URL is not https.", hint=hint, id="secondop.E026")
    if address.username or address.password:
        yield checks.Error("SMS_URL holds a password.", hint="Take it out, and set SMS_TOKEN instead.", id="secondop.E027")
    if not (token.strip() and token.isascii() and token.isprintable()):
        yield checks.Error(
            "SMS_TOKEN is missing, or is no token.", hint="Set it to the token that the gateway gave you.", id="secondop.E028"
        )
    if longest_words() + ROOM > LONGEST:
        hint = "Give the site a shorter address, or unset SMS_URL: every text names the address, and a longer one is sent as two."
        yield checks.Error("BASE_URL is too long for text messages.", hint=hint, id="secondop.E029")


def is_safe(url: str) -> bool:
    """Whether nobody between the site and the gateway can read along."""
    address = urlsplit(url)
    return bool(address.hostname) and (address.scheme == "https" or (address.scheme == "http" and is_loopback(url)))
