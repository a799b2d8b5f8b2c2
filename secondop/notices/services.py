"""Telling people: a row in the transaction of the act, a mail afterwards."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db.models import Max, Q
from django.db.models.functions import Lower

from secondop.web.clock import now
from secondop.web.queue import enqueue

from .choices import choices_of, wants_text
from .content import store, values
from .delivery import deliver, sweep
from .kinds import ACCOUNT, words
from .models import Channel, Notice, Status
from .tasks import deliver as deliver_task
from .texts import TEXT_OF

__all__ = ["call_off", "deliver", "last_sent", "queue_mail", "retry", "sweep", "tell", "tell_address", "unname"]


class HasReference(Protocol):
    """What a notice needs of a case."""

    uid: UUID
    reference: str


class Recipient(Protocol):
    """What a notice needs of an account."""

    pk: int
    email: str
    is_active: bool


def tell(
    user: Recipient,
    kind: str,
    *,
    case: HasReference | None = None,
    key: str = "",
    link: str = "",
    context: dict[str, str] | None = None,
) -> Notice | None:
    """Queue a notice of ``kind`` (a row of KINDS) to ``user`` in the current transaction, to be sent after the commit.

    ``key`` makes it once-only: a second call with the same key gives ``None``, as does an account that is switched off.
    ``link`` is a path of this site; without it the notice leads to its kind's page of the case. Neither ``context`` nor
    ``link`` may hold health data. Raises ``KeyError`` for an unknown kind or a value its sentences need.
    """
    if not user.is_active:
        return None
    notice = _queue(user.email, kind, case=case, key=key, link=link, context=context, recipient_id=user.pk)
    if notice and settings.SMS_TRANSPORT and kind in TEXT_OF and wants_text(user, choices_of(user), kind):
        _queue_text(notice)
    return notice


def tell_address(
    email: str,
    kind: str,
    *,
    case: HasReference | None = None,
    key: str = "",
    link: str = "",
    context: dict[str, str] | None = None,
) -> Notice | None:
    """Like ``tell()``, to an address without an account; the link is forgotten once the mail is sent."""
    return _queue(email, kind, case=case, key=key, link=link, context=context, recipient_id=None)


def queue_mail(mail: EmailMessage) -> int:
    """Queue a finished mail, one notice for each recipient; returns how many. Raises as ``content.store()``."""
    raw, addresses = store(mail), mail.recipients()
    people = get_user_model()._default_manager.annotate(lower=Lower("email")).filter(lower__in=[a.lower() for a in addresses])
    accounts = dict(people.values_list("lower", "pk"))
    for address in addresses:
        notice = Notice.objects.create(kind=ACCOUNT, email=address, raw=raw, recipient_id=accounts.get(address.lower()))
        enqueue(deliver_task, str(notice.uid))
    return len(addresses)


def call_off(case: HasReference, *kinds: str) -> None:
    """Take back notices of ``kinds`` about ``case`` whose reason is gone: unsent ones are not sent, the others count as read."""
    at = now()
    about = Notice.objects.filter(case_uid=case.uid, kind__in=kinds)
    about.filter(Q(taken_until=None) | Q(taken_until__lt=at), status=Status.QUEUED).delete()
    about.filter(read_at=None).update(read_at=at)


def unname(user: Recipient, case_uids: Iterable[UUID], name: str) -> None:
    """Call ``user`` by ``name`` in what others were told of them about the cases ``case_uids``."""
    for notice in Notice.objects.filter(case_uid__in=case_uids, context__person_id=str(user.pk)):
        # Not save(): a notice that is deleted meanwhile, with its case, must not stop the rest.
        Notice.objects.filter(pk=notice.pk).update(context={**notice.context, "person": name})


def last_sent(case: HasReference, kind: str, *, after: datetime) -> datetime | None:
    """When the last notice of ``kind`` about ``case`` that was queued after the moment ``after`` was mailed.

    Now, while one still waits to be mailed; ``None`` where none was, such as when no address takes mail.
    """
    told = Notice.objects.mails().filter(case_uid=case.uid, kind=kind, created_at__gt=after)
    if told.filter(status=Status.QUEUED).exists():
        return now()
    return told.aggregate(last=Max("sent_at"))["last"]


def retry(notice_id: UUID | str) -> bool:
    """Try a failed or waiting notice again now, with a new count of tries; ``False`` when it is sent or being sent."""
    at = now()
    to_send = Notice.objects.filter(uid=notice_id, status__in=(Status.QUEUED, Status.FAILED))
    waiting = to_send.filter(Q(taken_until=None) | Q(taken_until__lt=at))
    if not waiting.update(status=Status.QUEUED, attempts=0, next_try_at=at, taken_until=None):
        return False
    enqueue(deliver_task, str(notice_id))
    return True


def _queue(
    email: str, kind: str, *, case: HasReference | None, key: str, link: str, context: dict[str, str] | None, recipient_id: int | None
) -> Notice | None:
    if link and not link.startswith("/"):
        raise ValueError("a notice links to a path of this site")
    facts = {**(context or {}), **({"reference": case.reference} if case else {})}
    words(kind, values(facts))
    fields = {
        "email": email,
        "kind": kind,
        "recipient_id": recipient_id,
        "case_uid": case.uid if case else None,
        "link": link,
        "context": facts,
    }
    if key and Notice.objects.filter(key=key).exists():
        return None
    notice = Notice(**fields, key=key or None)
    # Of two that tell the same at once the second writes nothing, and no savepoint is needed for that.
    Notice.objects.bulk_create([notice], ignore_conflicts=bool(key))
    enqueue(deliver_task, str(notice.uid))
    return notice


def _queue_text(notice: Notice) -> None:
    """Queue the text message that goes beside the mail of ``notice``: a row with a fate of its own, which holds no words."""
    text = Notice(
        kind=notice.kind,
        channel=Channel.TEXT,
        email=notice.email,
        recipient_id=notice.recipient_id,
        case_uid=notice.case_uid,
        key=f"text:{notice.key}" if notice.key else None,
    )
    Notice.objects.bulk_create([text], ignore_conflicts=bool(notice.key))
    enqueue(deliver_task, str(text.uid))
