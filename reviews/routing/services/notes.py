"""Notes of the care team about a case, which nobody else reads."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from routing.models import DeskNote
from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import now
from secondop.web.text import clean

from .common import audit, coordinating

DOUBLE_POST = timedelta(seconds=10)
SENT = [state for state in State if state != State.DRAFT]


def notes_of(case: Case) -> QuerySet[DeskNote]:
    """The notes on ``case``, the newest first; for pages that only its coordinators open."""
    return DeskNote.objects.filter(case=case).select_related("author")


@transaction.atomic
def add_note(case: Case, *, by: User, text: str) -> DeskNote:
    """Add ``text`` to the team's notes; the same words twice within ten seconds are one note.

    Raises ``NotAllowed`` for anybody but a coordinator of the case.
    """
    locked, text = coordinating(case, by, SENT), clean(text)
    again = notes_of(locked).filter(author=by, text=text, at__gt=now() - DOUBLE_POST).first()
    if again:
        return again
    note = DeskNote.objects.create(case=locked, author=by, text=text)
    audit("case.note", locked, by)
    return note
