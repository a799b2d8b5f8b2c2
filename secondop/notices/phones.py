"""A person's mobile number: confirmed by a code that is sent to it, changed, and taken away."""

import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from secondop.audit.services import record
from secondop.web.clock import now
from secondop.web.link_secrets import hash_of
from secondop.web.queue import enqueue

from .kinds import ACCOUNT
from .models import Channel, Choices, Notice, Phone, Status
from .texts import CODE_LIVES, code_text

TRIES = 5
KEPT_UNCONFIRMED = timedelta(hours=1)


class WrongCode(Exception):
    """The code is not the one that was sent last."""


class CodeOver(Exception):
    """There is no code that still works: none was sent, it is too old, or it was guessed at too often."""


def can_text() -> bool:
    """Whether this site sends text messages."""
    return bool(settings.SMS_TRANSPORT)


def phone_of(user: Any) -> Phone:
    """The numbers of ``user``; empty ones where none were given."""
    return Phone.objects.filter(user=user).first() or Phone(user=user)


@transaction.atomic
def send_code(user: Any, number: str) -> None:
    """Text a new code to ``number`` (E.164), which becomes that of ``user`` once they have typed it; the one before stays until then."""
    Phone.objects.get_or_create(user=user)
    phone = Phone.objects.select_for_update().get(user=user)
    code = f"{secrets.randbelow(10**6):06}"
    phone.wanted, phone.code_hash, phone.code_until, phone.tries = number, _hash(phone, number, code), now() + CODE_LIVES, 0
    phone.save()
    _unsent(user).filter(kind=ACCOUNT).delete()
    raw = json.dumps({"to": number, "text": code_text(code)})
    notice = Notice.objects.create(kind=ACCOUNT, channel=Channel.TEXT, email=user.email, recipient_id=user.pk, raw=raw)
    enqueue("secondop.notices.tasks.deliver", str(notice.uid))


def confirm(user: Any, code: str) -> None:
    """Make the number that ``user`` wants theirs, by the code that was sent to it. Raises ``WrongCode`` or ``CodeOver``.

    A wrong one is counted in a transaction of its own, so it must not be called inside another.
    """
    with transaction.atomic():
        phone = Phone.objects.select_for_update().filter(user=user).first()
        error = _judge(phone, code)
        outcome, why = ("refused", "wrong or old code") if error else ("allowed", "")
        record("account.number_confirm", by=user, outcome=outcome, target=why)
        if phone and error is None:
            phone.number, phone.confirmed_at, phone.wanted, phone.code_hash = phone.wanted, now(), "", ""
            phone.save()
    if error:
        raise error


@transaction.atomic
def remove(user: Any) -> None:
    """Forget the numbers of ``user``, and what was to be texted to them."""
    Phone.objects.filter(user=user).delete()
    Choices.objects.filter(user=user).update(by_text=[])
    _unsent(user).delete()
    record("account.number_remove", by=user)


def forget_unconfirmed() -> int:
    """Forget numbers that nobody has confirmed in time; returns how many."""
    over = Phone.objects.filter(code_until__lt=now() - KEPT_UNCONFIRMED).exclude(wanted="")
    return over.filter(number="").delete()[0] + over.update(wanted="", code_hash="")


def _judge(phone: Phone | None, code: str) -> WrongCode | CodeOver | None:
    """What is wrong with ``code``; each that is looked at is counted."""
    if phone is None or not phone.code_hash or phone.code_until is None or phone.code_until <= now() or phone.tries >= TRIES:
        return CodeOver()
    phone.tries += 1
    phone.save(update_fields=["tries"])
    return None if constant_time_compare(phone.code_hash, _hash(phone, phone.wanted, code)) else WrongCode()


def _hash(phone: Phone, number: str, code: str) -> str:
    return hash_of(f"{phone.pk}:{number}:{code}", "phone")


def _unsent(user: Any) -> QuerySet[Notice]:
    """The texts to ``user`` that wait, and that no worker is sending."""
    texts = Notice.objects.filter(recipient_id=user.pk, channel=Channel.TEXT, status__in=(Status.QUEUED, Status.FAILED))
    return texts.filter(Q(taken_until=None) | Q(taken_until__lt=now()))
