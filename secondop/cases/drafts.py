"""The days of a request that nobody sends: what counts as a change of it, and what is told about its silence."""

from datetime import timedelta

from secondop.notices.services import call_off
from secondop.web.clock import now
from secondop.web.prepared import write

from .models import Case
from .states import State

REMIND_AFTER = (timedelta(days=3), timedelta(days=10))
REMINDER, ENDING, DELETED = "draft_reminder", "draft_ending", "draft_deleted"


def touch(case: Case, *columns: str) -> None:
    """Count the silence of a draft anew, because its patient or a helper has changed answers, files, consents or family rights.

    ``case`` is locked by the caller; other ``columns`` that were set on it are saved along. What waits to be mailed about the
    silence is called off. A case that was sent is only saved: the days of its silence are told by its journal.
    """
    if case.state == State.DRAFT:
        columns += count_anew(case)
    if columns:
        write(case, *columns)


def count_anew(case: Case) -> tuple[str, ...]:
    """What ``touch()`` does, but for saving the row of the draft; returns the columns to save."""
    if case.reminded or case.ending_told_at:
        call_off(case, REMINDER, ENDING)
    case.touched_at, case.reminded, case.ending_told_at = now(), 0, None
    return ("touched_at", "reminded", "ending_told_at")
