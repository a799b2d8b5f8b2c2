"""What the vault's master key seals of people: found, counted, and sealed again when a new master key takes over."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from tink import TinkError

from secondop.vault import keys
from secondop.vault.errors import MasterKeyMissing
from secondop.vault.rotating import HOLDERS, Holder
from secondop.web.clock import now

from .kept import KEPT
from .second_factor import PURPOSE

logger = logging.getLogger(__name__)
# The fields of allauth's JSON that hold what encrypt() made: one text each, the last one a list of them.
TEXTS, LISTS = ("secret", "seed"), ("migrated_codes",)


def factors() -> Iterator[Authenticator]:
    """The second factors with secrets of ours; a passkey has none."""
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk").iterator()


def texts(data: dict[str, Any]) -> list[str]:
    """The sealed texts of one second factor."""
    return [data[name] for name in TEXTS if name in data] + [text for name in LISTS for text in data.get(name) or []]


def count_factors() -> Counter[str]:
    """How many second factors each master key is needed for."""
    return Counter(master_id for factor in factors() for master_id in set(map(keys.sealer, texts(factor.data))))


def renew_factors() -> int:
    """Seal the secrets of older master keys again, each only if it did not change meanwhile; returns how many factors.

    One that does not open, because its key is not configured or it was altered, is named in the log and left.
    """
    current, done = keys.masters()[0].id, 0
    for factor in factors():
        if {*map(keys.sealer, texts(factor.data))} <= {current}:
            continue
        try:
            fresh = renewed(factor.data)
        except (MasterKeyMissing, TinkError):
            logger.error("second factor %s does not open", factor.pk)
            continue
        done += Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data=fresh)
    return done


def renewed(data: dict[str, Any]) -> dict[str, Any]:
    """The same with every secret sealed by the current master key. Raises as ``keys.unseal()``."""

    def again(text: str) -> str:
        return keys.seal(keys.unseal(text, PURPOSE), PURPOSE)

    fresh = {name: again(data[name]) for name in TEXTS if name in data}
    return {**data, **fresh, **{name: list(map(again, data[name])) for name in LISTS if data.get(name)}}


def count_kept() -> Counter[str]:
    """How many texts in sessions each master key is needed for."""
    running = Session.objects.filter(expire_date__gt=now()).iterator()
    kept = (row.get_decoded().get(KEPT) for row in running)
    return Counter(keys.sealer(found["sealed"]) for found in kept if found)


HOLDERS += [
    Holder("second factors", count_factors, renew_factors),
    Holder("forms kept in sessions", count_kept, None),
]
