"""Who takes notices away: a mail server or the gateway for texts, each behind the same three verbs."""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.utils.module_loading import import_string

from secondop.web.clock import now

from .content import mail_of
from .errors import ServerAway
from .models import Channel, Notice
from .texts import text_of

RESTS_UNTIL = "notices:texts:rest"
REST = timedelta(minutes=1)
SLOW = 2.0  # seconds


class Carrier(Protocol):
    """One way for notices to go."""

    def send(self, notice: Notice) -> None:
        """Hand over one notice. Raises ``ServerAway`` where nobody is there to take it, else ``OSError`` or ``ValueError``."""

    def close(self) -> None:
        """Let go of the connection; a later ``send`` makes a new one."""


class Mails:
    """Takes mails to the mail server, over one connection."""

    def __init__(self) -> None:
        self.connection = get_connection(settings.MAIL_TRANSPORT)

    def send(self, notice: Notice) -> None:
        """See ``Carrier``."""
        mail = mail_of(notice)
        try:
            self.connection.open()
        except OSError as error:
            raise ServerAway from error
        try:
            self.connection.send_messages([mail])
        except (OSError, ValueError):
            self.close()
            raise

    def close(self) -> None:
        """See ``Carrier``."""
        with suppress(OSError):
            self.connection.close()


class Texts:
    """Takes text messages to the gateway; only where there is one is it ever asked to.

    One that asks to wait, or takes long to fail, gets nothing for a while, from any process: mails wait behind texts.
    """

    def __init__(self) -> None:
        self.gateway = import_string(settings.SMS_TRANSPORT)()

    def send(self, notice: Notice) -> None:
        """See ``Carrier``."""
        rests_until = cache.get(RESTS_UNTIL)
        if rests_until and now() < rests_until:
            raise ServerAway
        number, text = text_of(notice)
        begun = time.monotonic()
        try:
            self.gateway.send(number, text, str(notice.uid))
        except (ServerAway, OSError) as error:
            rest = getattr(error, "wait", None) or (REST if time.monotonic() - begun > SLOW else None)
            if rest:
                cache.set(RESTS_UNTIL, now() + rest, rest.total_seconds())
            raise

    def close(self) -> None:
        """See ``Carrier``."""
        self.gateway.close()


class Carriers:
    """The carrier of each channel, made when the first notice needs it."""

    def __init__(self) -> None:
        self.made: dict[str, Carrier] = {}

    def of(self, notice: Notice) -> Carrier:
        """Who takes ``notice``."""
        if notice.channel not in self.made:
            self.made[notice.channel] = Texts() if notice.channel == Channel.TEXT else Mails()
        return self.made[notice.channel]

    def close(self) -> None:
        """Let go of all connections."""
        for carrier in self.made.values():
            carrier.close()
