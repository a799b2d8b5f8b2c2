"""What every verb of the desk does first: lock the case, and see who acts on it and where it stands."""

from collections.abc import Iterable

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import parties
from secondop.cases.lifecycle import Conflict, NotAllowed, lock
from secondop.cases.models import Case
from secondop.cases.states import OPEN, Party, State


def coordinating(case: Case, by: User, states: Iterable[State] = OPEN, *, lead: bool = False) -> Case:
    """``case`` locked for a verb of its coordinator (with ``lead``: of a lead), in one of ``states``.

    Raises ``NotAllowed`` for anybody else, the case's own patient included, and ``Conflict`` when the case is elsewhere.
    """
    locked = lock(case)
    if (Party.LEAD if lead else Party.COORDINATOR) not in parties(locked, by):
        raise NotAllowed("only the care team acts here")
    if State(locked.state) not in states:
        raise Conflict(locked)
    return locked


def audit(action: str, case: Case, by: User | None, target: str = "") -> None:
    """One row of the audit log for an act on ``case`` that is not a move (moves write their own)."""
    record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, target=target)
