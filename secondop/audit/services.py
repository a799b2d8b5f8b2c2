"""Writing the audit log, sealing it, and proving that nobody touched it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

from secondop.web.address import client_address
from secondop.web.clock import now
from secondop.web.text import one_line

from .chain import seal, unsealed_since, verify
from .models import Entry, Outcome

__all__ = ["client_address", "record", "record_once", "seal", "unsealed_since", "verify"]
A_SITTING = timedelta(minutes=15)


def record(
    action: str,
    *,
    by: AbstractBaseUser | AnonymousUser | None = None,
    case_uid: UUID | None = None,
    patient_id: int | None = None,
    target: str = "",
    outcome: str = Outcome.ALLOWED,
    request: HttpRequest | None = None,
    ip: str | None = None,
    agent: str = "",
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Write one row in the current transaction: an insert, no lock, no other query.

    ``action`` is a noun and a verb such as ``case.read``; ``target`` names what was touched by id; ``detail`` holds
    plain facts. Neither may hold health data. ``request`` gives the address and the browser; a service, which
    has no request, may be given them as ``ip`` and ``agent``.
    """
    return Entry.objects.create(
        at=now(),
        actor_id=by.pk if by else None,
        action=action,
        case_uid=case_uid,
        patient_id=patient_id,
        target=one_line(target, 200),
        outcome=outcome,
        ip=client_address(request) if request else ip,
        agent=one_line(request.headers.get("User-Agent", "") if request else agent, 200),
        detail=detail or {},
    )


def record_once(action: str, *, by: AbstractBaseUser | AnonymousUser, case_uid: UUID, target: str = "", **more: Any) -> Entry | None:
    """``record()`` for what one look fetches in many pieces, as the pages of a document: a row a person, target and quarter of an hour."""
    since = now() - A_SITTING
    if Entry.objects.filter(case_uid=case_uid, actor=by.pk, action=action, target=target, at__gt=since, outcome=Outcome.ALLOWED).exists():
        return None
    return record(action, by=by, case_uid=case_uid, target=target, **more)
