"""The one function that changes where a case stands."""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Q

from secondop.accounts.models import Role, User, UserQuerySet
from secondop.audit.services import record
from secondop.notices.services import tell
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .access import SPECIALIST_RIGHTS, Access, Right, parties, private_to, revoke
from .clocks import due
from .models import Ask, Case, ErasureRequest, JournalEntry
from .states import ENDED, MOVES, OPEN, Party, State

STARTS = ("submit", "reopen")  # what no case begins again with that is to be erased


class Conflict(Exception):
    """Somebody else moved the case first; ``case`` is the row as it stands now."""

    def __init__(self, case: Case, message: str = "") -> None:
        self.case = case
        super().__init__(message or "The case has moved on since you opened this page.")


class Erased(Conflict):
    """The case was erased meanwhile: nothing is left of it."""

    def __init__(self, case: Case) -> None:
        super().__init__(case, "This case was deleted, so this was not saved.")


class NotAllowed(Exception):
    """The person may not make this move on this case."""


class Refused(Exception):
    """A rule stands against what was asked; the message says, to a person, what to do about it."""


def move(case: Case, name: str, *, by: User | None, reason: str = "", note: str = "", code: str = "", **columns: Any) -> Case:
    """Make the move ``name`` on ``case`` in one transaction and return the case as it is after it.

    Locks the row, checks that the move may start from its state and that ``by`` (``None``: the system) may make it, writes
    the state, ``columns`` and when the new stage is due (by the targets, unless ``due_at`` is among them), the journal (``code``
    and ``reason`` for staff, ``note`` for the patient as well), the audit row and the notices, and ends the asks that the move
    outlives. Raises ``Conflict`` when the case is elsewhere, ``NotAllowed`` when ``by`` has no part in it,
    and ``Refused`` when it is to be erased and would start again.
    """
    with transaction.atomic():
        return move_locked(lock(case), name, by=by, reason=reason, note=note, code=code, **columns)


def move_locked(locked: Case, name: str, *, by: User | None, reason: str = "", note: str = "", code: str = "", **columns: Any) -> Case:
    """``move()`` for a caller that has locked the row in this transaction; all that was set on ``locked`` is saved along."""
    rule = MOVES[name]
    acting = parties(locked, by) & set(rule.by)
    if locked.state not in rule.sources:
        raise Conflict(locked)
    if not acting:
        raise NotAllowed(f"{name} is not this person's to make")
    if name in STARTS and ErasureRequest.objects.filter(case=locked).exists():
        raise Refused("This case will be erased. To go on with it, its patient has to keep it first.")
    before = State(locked.state)
    told_before = locked.specialist
    locked.state = rule.target
    at = now()
    columns["due_at"] = columns.get("due_at") or due(rule.target, at)
    for column, value in {**dict.fromkeys(rule.stamps, at), **columns}.items():
        setattr(locked, column, value)
    locked.save()
    journal(locked, name, by, party=min(acting), source=before, reason=reason, note=note, code=code)
    if before != State.DRAFT:
        close_asks(locked, at, Ask.Status.LAPSED if name == "expire" else Ask.Status.CANCELLED)
    if rule.target in ENDED:
        revoke(locked, *SPECIALIST_RIGHTS)
    record(f"case.{name}", by=by, case_uid=locked.uid, patient_id=locked.patient_id)
    tell_of_move(locked, name, by, told_before)
    return locked


def tell_of_move(case: Case, name: str, by: User | None, specialist: User | None) -> None:
    """Tell the people that the table names, but not who made the move; ``specialist`` is whose the case was before it."""
    for party, kind in MOVES[name].tells.items():
        for person in recipients(case, party, specialist):
            if person != by:
                tell(person, kind, case=case, key=f"{case.uid}:{name}:{case.journal_lines}:{person.pk}")


def close_asks(case: Case, at: datetime, status: Ask.Status) -> None:
    """End the asks that nobody waits for any more: a specialist's ends with the review, every one with the open case."""
    left = case.asks.open() if case.state not in OPEN else case.asks.open().filter(by_specialist=True)
    left.update(status=status, ended_at=at)


@cache
def case_to_lock() -> Prepared[Case]:
    """Asks for the case ``pk``, to be locked."""
    return Prepared(Case.objects.select_for_update(of=("self",)).filter(pk=Slot("pk")))


def lock(case: Case) -> Case:
    """The case's row, locked until the transaction ends. Raises ``Erased``."""
    locked = case_to_lock().first(pk=case.pk)
    if locked is None:
        raise Erased(case)
    return locked


def journal(
    case: Case,
    event: str,
    by: User | None,
    *,
    party: Party | None = None,
    source: State | None = None,
    reason: str = "",
    note: str = "",
    code: str = "",
    about: User | None = None,
) -> JournalEntry:
    """Write one line of the case's journal: a move (with ``source``) or another event of its life; ``about`` whom, where it names one."""
    if party is None:
        party = min(parties(case, by), default=Party.NOBODY)
    target = State(case.state) if source else None
    told = {"source": source or "", "target": target or "", "reason": reason, "note": note, "code": code, "about": about}
    return case.journal.create(event=event, by=by, party=party, at=now(), **told)


def recipients(case: Case, party: Party, specialist: User | None = None) -> list[User]:
    """The people behind ``party`` on this case: the patient and deciding family, the owner (or the team), the specialist.

    A parent whose child is an adult now is nobody on the case any more, until the child has taken it over.
    """
    if party == Party.PATIENT:
        family = Q(right=Right.DECIDE, user__is_active=True)
        rows = Access.objects.active().filter(Q(right=Right.OWN) | family, case=case).select_related("user")
        return list(dict.fromkeys(row.user for row in rows.order_by("pk") if row.user))
    if party == Party.COORDINATOR:
        team = desk_of(case, Role.COORDINATOR)
        return list(team.filter(owned_cases=case)) or list(team)
    if party == Party.LEAD:
        return list(desk_of(case, Role.LEAD))
    person = case.specialist or specialist
    return [person] if person else []


def desk_of(case: Case, role: Role) -> UserQuerySet:
    """The holders of ``role`` who may act on ``case``: it is no private matter of theirs, nor do they review it."""
    return User.objects.active_in(role).exclude(pk__in=private_to(case)).exclude(reviewed_cases=case)


def moves_for(case: Case, user: User) -> list[str]:
    """The names of the moves that ``user`` may make on ``case`` now: what its page shows buttons for."""
    acting = parties(case, user)
    return [name for name, rule in MOVES.items() if case.state in rule.sources and acting & set(rule.by)]
