"""A new master key takes over: everything that an older one wrapped or sealed is wrapped by the current one, and counted.

Safe at any time: each row is changed only if it still is what was read, so that an erased case stays erased and a secret that
was changed meanwhile stays changed. A pass that was cut short is begun again; what is done is not done twice.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from . import keys
from .errors import Damaged
from .models import CaseKey

logger = logging.getLogger(__name__)
BATCH = 200
NEVER = UUID(int=0)


class Holder(NamedTuple):
    """Some place outside of the vault that keeps texts from ``keys.seal()``."""

    name: str
    needed: Callable[[], Counter[str]]  # how many texts each master key, by its id, has sealed
    renew: Callable[[], int] | None  # seal all again that an older key sealed, and say how many; none where they end by themselves


class Needed(NamedTuple):
    """How many things of one kind a master key is still needed for."""

    name: str
    number: int
    ends: bool  # by itself, and soon


HOLDERS: list[Holder] = []


def rewrap() -> Iterator[int]:
    """Wrap every case key that an older, configured master key wraps by the current one; yields how many in each batch.

    A key that was altered is named in the log and left. Raises ``MasterKeyMissing`` when there is no current one.
    """
    current = keys.masters()[0].id
    older = {master.id for master in keys.masters()} - {current}
    last = NEVER
    while rows := list(CaseKey.objects.filter(master_id__in=older, pk__gt=last).order_by("pk")[:BATCH]):
        with transaction.atomic():
            done = sum(map(_rewrap, rows))
        last = rows[-1].pk
        yield done


def renew() -> Iterator[tuple[str, int]]:
    """Seal every other text again that an older master key sealed; yields the name of each holder and how many."""
    for holder in HOLDERS:
        if holder.renew:
            yield holder.name, holder.renew()


def needed() -> dict[str, list[Needed]]:
    """For each master key, by id, that is configured or in use: what it is still needed for."""
    found: dict[str, list[Needed]] = {master.id: [] for master in keys.masters()}
    wrapped = CaseKey.objects.filter(destroyed_at=None).values_list("master_id").annotate(Count("pk"))
    for master_id, count in wrapped.order_by("master_id"):
        found.setdefault(master_id, []).append(Needed("case keys", count, ends=False))
    for holder in HOLDERS:
        for master_id, count in sorted(holder.needed().items()):
            found.setdefault(master_id, []).append(Needed(holder.name, count, ends=holder.renew is None))
    return found


def _rewrap(row: CaseKey) -> int:
    old = keys.Wrapped(bytes(row.wrapped), row.master_id)
    try:
        new = keys.rewrap(old, row.case_uid)
    except Damaged:
        logger.error("the key of case %s was altered", row.case_uid)
        return 0
    same = CaseKey.objects.filter(pk=row.pk, master_id=old.master_id, wrapped=old.wrapped, destroyed_at=None)
    return same.update(wrapped=new.wrapped, master_id=new.master_id)
