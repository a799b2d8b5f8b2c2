"""Verbs that both sides share: who owns a new case, reopening it, and letting a silent one expire."""

from datetime import timedelta

from django.db.models import Count, Q

from secondop.accounts.models import Role, User
from secondop.web.clock import now

from .access import SPECIALIST_RIGHTS, revoke
from .asks import REMINDER_DAYS
from .lifecycle import Refused, move
from .models import Case
from .states import OPEN, State

SILENCE = timedelta(days=30)
REOPEN_EXPIRED_WITHIN = timedelta(days=90)


def pick_owner(case: Case) -> User | None:
    """The available coordinator with the fewest open cases, never the patient; ``None`` leaves the case with the team."""
    held = Count("owned_cases", filter=Q(owned_cases__state__in=OPEN))
    team = User.objects.active_in(Role.COORDINATOR).available().exclude(pk=case.patient_id)
    return team.annotate(held=held).order_by("held", "pk").first()


def reopen(case: Case, *, by: User, note: str) -> Case:
    """Start the case again because of new material or a correction, which ``note`` names; the patient reads the note.

    The specialist's old rights end: the same specialist is asked first, but has to accept anew. Raises ``Refused``
    without a note, and for a case that expired more than 90 days ago.
    """
    if not note.strip():
        raise Refused("Please say what is new, so that we know where to start.")
    if case.state == State.EXPIRED and case.ended_at and case.ended_at < now() - REOPEN_EXPIRED_WITHIN:
        raise Refused("This request ended more than 90 days ago. Please start a new request.")
    reopened = move(case, "reopen", by=by, note=note, ended_at=None, acknowledged_at=None, lead_told_at=None)
    revoke(reopened, *SPECIALIST_RIGHTS)
    return reopened


def silent_cases():
    """Cases in screening whose patient has not answered an ask for 30 days and has been reminded of it every time."""
    ask = Q(asks__status="open", asks__opened_at__lt=now() - SILENCE, asks__reminded__gte=len(REMINDER_DAYS))
    return Case.objects.filter(ask, state=State.SCREENING).distinct()


def expire(case: Case) -> Case:
    """End a silent case by the system; the patient may reopen it with one click for 90 days. Raises ``Refused`` otherwise."""
    if not silent_cases().filter(pk=case.pk).exists():
        raise Refused("The case does not wait on the patient that long.")
    expired = move(case, "expire", by=None)
    expired.asks.open().update(status="lapsed", ended_at=now())
    return expired
