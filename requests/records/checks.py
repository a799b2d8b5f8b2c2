"""Start-up checks of the records: the address of the virus scanner."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error


def scanner(**_: Any) -> list[CheckMessage]:
    """CLAMD_URL can be read, where it is set."""
    parts = urlsplit(settings.CLAMD_URL)
    if not settings.CLAMD_URL or (parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path):
        return []
    return [Error("CLAMD_URL cannot be read.", hint="It reads tcp://host:3310 or unix:///run/clamav/clamd.ctl.", id="records.E001")]
