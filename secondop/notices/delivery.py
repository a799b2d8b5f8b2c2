"""Sending what is in the outbox: one worker at a time a notice, each notice once, and again later where it failed."""

import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from uuid import UUID

from django.db.models import F

from secondop.web.clock import now

from .carriers import Carriers
from .choices import instead_of_sending
from .errors import Refused, ServerAway, TryLater
from .models import Channel, Notice, Status

LEASE = timedelta(seconds=90)  # longer than a mail can take at EMAIL_TIMEOUT a step
AWAY = timedelta(seconds=20)  # until the next try when no server answers
MAX_ATTEMPTS = 10
BATCH = 500
SECONDS_A_SWEEP = 8.0  # under the beat's interval, so that sweeps do not pile up


def deliver(notice_id: UUID | str) -> bool:
    """Send one notice if it is due and nobody else is at it; whether this call sent it."""
    carriers = Carriers()
    try:
        return _deliver(notice_id, carriers)
    except ServerAway:
        return False
    finally:
        carriers.close()


def sweep(channel: Channel = Channel.MAIL) -> int:
    """Send what is due of a channel, oldest first and for a few seconds at most; returns how many were sent.

    It finds what was never handed to the broker, what a dead worker held, and what is to be tried again. Each channel has a sweep of
    its own: where one server is away, the other gets its share.
    """
    carriers = Carriers()
    deadline, sent = time.monotonic() + SECONDS_A_SWEEP, 0
    due = Notice.objects.due(now()).filter(channel=channel).order_by("next_try_at")
    try:
        for uid in list(due.values_list("uid", flat=True)[:BATCH]):
            sent += _deliver(uid, carriers)
            if time.monotonic() > deadline:
                break
    except ServerAway:
        return sent
    finally:
        carriers.close()
    return sent


def _deliver(uid: UUID | str, carriers: Carriers) -> bool:
    """Claim one notice, and send it unless its reader wants it otherwise; book what was done. Raises ``ServerAway``."""
    notice = _claim(uid)
    if notice is None:
        return False
    if instead := instead_of_sending(notice, now()):
        _book(notice, attempts=notice.attempts - 1, **instead)
        return False
    try:
        carriers.of(notice).send(notice)
    except ServerAway as error:
        _book(notice, attempts=notice.attempts - 1, next_try_at=now() + AWAY, last_error=_describe(error.__cause__ or error))
        raise
    except (OSError, ValueError) as error:
        _book(notice, last_error=_describe(error), **_after(notice, error))
        return False
    # The link of an invitation is a secret: like a finished mail it is not kept.
    link = notice.link if notice.recipient_id else ""
    return _book(notice, status=Status.SENT, sent_at=now(), last_error="", raw="", link=link)


def _after(notice: Notice, error: OSError | ValueError) -> dict[str, Any]:
    """What follows for a notice that was not taken: when it is tried again, or that it has failed."""
    if isinstance(error, Refused) or notice.attempts >= MAX_ATTEMPTS:
        # A code that was refused is asked for anew by whoever waits for it; nobody else can mend it.
        return {"status": Status.DROPPED, "raw": ""} if notice.is_code_by_text else {"status": Status.FAILED}
    return {"next_try_at": now() + max(backoff(notice.attempts), getattr(error, "wait", timedelta(0)))}


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


def _describe(error: BaseException) -> str:
    """The error's class and code only: servers quote addresses in their texts."""
    code: int | str = ""
    if isinstance(error, SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, Refused | TryLater):
        code = error.code
    elif isinstance(error, SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    return f"{type(error).__name__} {code}".strip()
