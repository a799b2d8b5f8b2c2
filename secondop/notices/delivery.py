"""Sending what is in the outbox: one worker at a time a notice, each notice once, and again later where it failed."""

import time
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from secondop.web.clock import now

from .choices import instead_of_sending
from .content import mail_of
from .models import Notice, Status

LEASE = timedelta(seconds=90)  # longer than a mail can take at EMAIL_TIMEOUT a step
AWAY = timedelta(seconds=20)  # until the next try when no mail server answers
MAX_ATTEMPTS = 10
BATCH = 500
SECONDS_A_SWEEP = 8.0  # under the beat's interval, so that sweeps do not pile up


class ServerAway(Exception):
    """No mail server can be reached; says nothing about the mail."""


def deliver(notice_id: UUID | str) -> bool:
    """Send one notice if it is due and nobody else is at it; whether this call sent it."""
    transport = get_connection(settings.MAIL_TRANSPORT)
    try:
        return _deliver(notice_id, transport)
    except ServerAway:
        return False
    finally:
        _close(transport)


def sweep() -> int:
    """Send what is due, oldest first, over one connection and for a few seconds at most; returns how many were sent.

    It finds what was never handed to the broker, what a dead worker held, and what is to be tried again.
    """
    transport = get_connection(settings.MAIL_TRANSPORT)
    deadline, sent = time.monotonic() + SECONDS_A_SWEEP, 0
    try:
        for uid in list(Notice.objects.due(now()).order_by("next_try_at").values_list("uid", flat=True)[:BATCH]):
            sent += _deliver(uid, transport)
            if time.monotonic() > deadline:
                break
    except ServerAway:
        return sent
    finally:
        _close(transport)
    return sent


def _deliver(uid: UUID | str, transport: BaseEmailBackend) -> bool:
    """Claim one notice, and send it unless its reader wants it otherwise; book what was done. Raises ``ServerAway``."""
    notice = _claim(uid)
    if notice is None:
        return False
    if instead := instead_of_sending(notice, now()):
        _book(notice, attempts=notice.attempts - 1, **instead)
        return False
    mail = mail_of(notice)
    try:
        transport.open()
    except OSError as error:
        _book(notice, attempts=notice.attempts - 1, next_try_at=now() + AWAY, last_error=_describe(error))
        raise ServerAway from error
    try:
        transport.send_messages([mail])
    except (OSError, ValueError) as error:
        _close(transport)
        failed = Status.FAILED if notice.attempts >= MAX_ATTEMPTS else Status.QUEUED
        _book(notice, status=failed, next_try_at=now() + backoff(notice.attempts), last_error=_describe(error))
        return False
    # The link of an invitation is a secret: like a finished mail it is not kept.
    link = notice.link if notice.recipient_id else ""
    return _book(notice, status=Status.SENT, sent_at=now(), last_error="", raw="", link=link)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries: 1, 2, 4 … minutes, an hour at most."""
    return timedelta(minutes=min(60, 2 ** (attempts - 1)))


def _claim(uid: UUID | str) -> Notice | None:
    """Take the notice's lease by one compare-and-set; ``None`` when it is not due, is taken, or has killed its workers."""
    at = now()
    if not Notice.objects.due(at).filter(uid=uid).update(attempts=F("attempts") + 1, taken_until=at + LEASE):
        return None
    notice = Notice.objects.select_related("recipient__notice_choices").get(uid=uid)
    if notice.attempts > MAX_ATTEMPTS:
        _book(notice, status=Status.FAILED, attempts=MAX_ATTEMPTS)
        return None
    return notice


def _book(notice: Notice, **columns: object) -> bool:
    """Write the outcome and give the lease back, unless the lease ran out and another worker has it."""
    return bool(Notice.objects.filter(uid=notice.uid, taken_until=notice.taken_until).update(taken_until=None, **columns))


def _close(transport: BaseEmailBackend) -> None:
    with suppress(OSError):
        transport.close()


def _describe(error: Exception) -> str:
    """The error's class and SMTP code only: servers quote addresses in their texts."""
    code: int | str = ""
    if isinstance(error, SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    return f"{type(error).__name__} {code}".strip()
