"""The verbs of delivery: opening the opinion, and closing the case."""

from functools import cache

from django.db import transaction

from opinions.models import Opinion
from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import Right, parties
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, journal, lock, move
from secondop.cases.models import Case
from secondop.cases.services import OPEN_AFTER_DELIVERY
from secondop.cases.states import Party, State
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .models import Opening

WORDS_A_MINUTE = 180


@cache
def versions_of_case() -> Prepared[Opinion]:
    """Asks for what the patient of a ``case`` has been given, newest first."""
    return Prepared(Opinion.objects.released().select_related("author", "document").filter(case=Slot("case")))


def versions(case: Case) -> list[Opinion]:
    """What the patient has been given, newest first, whatever state the case is in now."""
    return versions_of_case().all(case=case.pk)


def is_reader(case: Case, user: User) -> bool:
    """Whether ``user`` reads the opinion for themselves or their family, and not for the care team."""
    return Party.COORDINATOR not in parties(case, user)


@transaction.atomic
def open_opinion(case: Case, *, by: User) -> Opening:
    """The patient, or family who may read it, opens the newest version; the first opening is a line of the journal.

    Raises ``NotAllowed`` for the care team, who read it without opening it, and for strangers; ``Refused`` while there is none.
    """
    locked = lock(case)
    if not Case.objects.visible_to(by, Right.READ_OPINION).filter(pk=case.pk).exists() or not is_reader(locked, by):
        raise NotAllowed("only the patient and their family open an opinion")
    newest = next(iter(versions(locked)), None)
    if newest is None:
        raise Refused("Your second opinion is not here yet. We will tell you when it is.")
    opening, is_new = Opening.objects.get_or_create(opinion=newest, user=by, defaults={"at": now()})
    if is_new and not newest.openings.exclude(pk=opening.pk).exists():
        locked.opened_at = opening.at
        locked.save(update_fields=["opened_at"])
        journal(locked, "opinion_opened", by)
    if is_new:
        record("opinion.open", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=str(newest.uid))
    return opening


@transaction.atomic
def close(case: Case, *, by: User | None, reason: str = "") -> Case:
    """End a delivered case: the system (``by`` is ``None``) after 30 days, a coordinator earlier with a reason.

    Raises ``Refused`` before that time or without a reason, ``Conflict`` when the case is not delivered (any more).
    """
    locked = lock(case)
    if locked.state != State.DELIVERED:
        raise Conflict(locked)
    due = locked.delivered_at is not None and locked.delivered_at + OPEN_AFTER_DELIVERY <= now()
    if by is None and not due:
        raise Refused("The 30 days after delivery are not over.")
    if by is not None and not due and not reason.strip():
        raise Refused("Please write why the case is closed before its 30 days are over.")
    return move(locked, "close", by=by, reason=reason.strip())


def close_due() -> int:
    """Close every case that was delivered 30 days ago; returns how many."""
    closed = 0
    for case in Case.objects.filter(state=State.DELIVERED, delivered_at__lte=now() - OPEN_AFTER_DELIVERY):
        try:
            close(case, by=None)
        except (Conflict, Refused):
            continue
        closed += 1
    return closed
