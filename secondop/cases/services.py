"""Verbs that both sides share: who owns a new case, reopening it, and letting a silent one expire."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from secondop.accounts.models import Role, User
from secondop.web.clock import now

from .access import SPECIALIST_RIGHTS, Access, Right, revoke
from .asks import DAYS_TO_ANSWER, REMINDER_DAYS
from .lifecycle import Refused, desk_of, lock, move
from .models import Ask, AskItem, Case, JournalEntry, Message
from .states import OPEN, Party, State

SILENCE = timedelta(days=30)
REOPEN_EXPIRED_WITHIN = timedelta(days=90)
OPEN_AFTER_DELIVERY = timedelta(days=30)


def pick_owner(case: Case) -> User | None:
    """The available coordinator with the fewest open cases, of those who may act on it; ``None`` leaves the case with the team."""
    held = Count("owned_cases", filter=Q(owned_cases__state__in=OPEN))
    team = desk_of(case, Role.COORDINATOR).available()
    return team.annotate(held=held).order_by("held", "pk").first()


def is_past_reopening(case: Case) -> bool:
    """Whether the case expired so long ago that only a new request helps."""
    return case.state == State.EXPIRED and case.ended_at is not None and case.ended_at < now() - REOPEN_EXPIRED_WITHIN


def reopen(case: Case, *, by: User, note: str) -> Case:
    """Start the case again because of new material or a correction, which ``note`` names; the patient reads the note.

    The specialist's old rights end: the same specialist is asked first, but has to accept anew. Raises ``Refused``
    without a note, and for a case that expired more than 90 days ago.
    """
    if not note.strip():
        raise Refused("Please say what is new, so that we know where to start.")
    if is_past_reopening(case):
        raise Refused("This request ended more than 90 days ago. Please start a new request.")
    reopened = move(case, "reopen", by=by, note=note, ended_at=None, acknowledged_at=None, lead_told_at=None)
    revoke(reopened, *SPECIALIST_RIGHTS)
    return reopened


def silent_cases() -> QuerySet[Case]:
    """Cases in screening that wait on their patient for 30 days, with every reminder sent and not a word or file since.

    A case that was moved within the 30 days, such as one that was reopened or sent back, has not waited that long. Family who
    may only upload are no party of the case; what they send is a sign of life all the same. Where a child came of age, nobody could
    answer yet.
    """
    of_case, since = OuterRef("pk"), now() - SILENCE
    due = since + timedelta(days=DAYS_TO_ANSWER)
    asked = Ask.objects.open().filter(case=of_case, due_at__lt=due, reminded__gte=len(REMINDER_DAYS))
    answered = AskItem.objects.filter(ask__case=of_case, answered_at__gte=since)
    wrote = Message.objects.filter(case=of_case, party__in=[Party.PATIENT, Party.PROXY], at__gte=since)
    theirs = Q(party__in=[Party.PATIENT, Party.PROXY]) | Q(event="records_added", party=Party.NOBODY)
    happened = JournalEntry.objects.filter(~Q(target="") | theirs, case=of_case, at__gte=since)
    grown = Access.objects.filter(case=of_case, right=Right.OWN, until__lte=now(), case__taken_over_at=None)
    silent = Case.objects.filter(~Exists(grown), state=State.SCREENING)
    return silent.filter(Exists(asked), ~Exists(answered), ~Exists(wrote), ~Exists(happened))


@transaction.atomic
def expire(case: Case) -> Case:
    """End a silent case by the system; the patient may reopen it with one click for 90 days. Raises ``Refused`` otherwise."""
    locked = lock(case)
    if not silent_cases().filter(pk=locked.pk).exists():
        raise Refused("The case does not wait on the patient that long.")
    return move(locked, "expire", by=None)
