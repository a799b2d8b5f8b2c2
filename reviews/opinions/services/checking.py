"""The check before the patient reads it: return to the specialist, or release."""

from datetime import timedelta

from django.db import models, transaction

from routing.services.common import coordinating
from secondop.accounts.models import User
from secondop.cases.access import Access, Right, parties
from secondop.cases.lifecycle import NotAllowed, Refused, move
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.documents import services as documents
from secondop.documents.models import Document
from secondop.notices.services import tell
from secondop.web.clock import now

from ..models import Letter, Opinion
from . import second_looks
from .drafts import copy
from .versions import current, draft_of

TIME_TO_CORRECT = timedelta(hours=24)


class Query(models.TextChoices):
    """Why an opinion goes back to its author. A coordinator never edits the text."""

    UNCLEAR = "unclear_answer", "An answer is not clear"
    LIMITATION = "missing_limitation", "A limitation is missing"
    DETAIL = "wrong_detail", "A detail about the patient is wrong"
    LANGUAGE = "language", "The language is too hard"
    OTHER = "other", "Something else"


@transaction.atomic
def return_to_specialist(case: Case, *, by: User, code: str, text: str) -> Case:
    """Send the signed opinion back with a query, due in 24 hours; the specialist goes on in a copy, the signed version stays.

    Raises ``Refused`` without a text, ``Conflict`` when the case is not being checked any more, ``NotAllowed`` for others.
    """
    locked = coordinating(case, by, (State.CHECKING,))
    opinion = current(locked)
    if not text.strip():
        raise Refused("Please write what the specialist should look at.")
    if opinion is None:
        raise Refused("There is no opinion of the present specialist to return.")
    returned = move(locked, "return", by=by, code=Query(code), reason=text.strip(), due_at=now() + TIME_TO_CORRECT)
    second_looks.cancel(opinion)
    if draft_of(returned, opinion.author) is None:
        copy(opinion)
    return returned


@transaction.atomic
def release(case: Case, *, by: User) -> Case:
    """Give the present specialist's signed version to the patient; an earlier one is replaced but stays readable.

    Raises ``Refused`` while the PDF is not there whole, or a second look that is needed has not confirmed it; ``Conflict``
    and ``NotAllowed`` as every verb of the desk.
    """
    locked = coordinating(case, by, (State.CHECKING,))
    opinion = current(locked)
    if opinion is None or opinion.status != Opinion.Status.SIGNED:
        raise Refused("There is no signed opinion of the present specialist yet.")
    if not documents.is_intact(opinion.document):
        raise Refused("The document is not there yet, or not whole. Please look at its state below.")
    if second_looks.is_needed(opinion) and not second_looks.is_confirmed(opinion):
        raise Refused("The opinion differs in a major way. A second specialist has to confirm it first.")
    locked.opinions.filter(status=Opinion.Status.RELEASED).update(status=Opinion.Status.SUPERSEDED)
    locked.opinions.filter(pk=opinion.pk).update(status=Opinion.Status.RELEASED, released_at=now())
    released = move(locked, "release", by=by, opened_at=None)
    second_looks.cancel(opinion)
    tell_family(released, opinion)
    return released


def tell_family(case: Case, opinion: Opinion) -> None:
    """Tell those whom the patient lets read the opinion; the move itself has told the patient and deciding family."""
    readers = Access.objects.active().filter(case=case, right=Right.READ_OPINION, user__isnull=False).select_related("user")
    told = {case.patient_id, *case.access.active().filter(right=Right.DECIDE).values_list("user_id", flat=True)}
    for row in readers:
        if row.user and row.user_id not in told:
            tell(row.user, "released", case=case, key=f"released:{opinion.uid}:{row.user_id}")


@transaction.atomic
def remake(case: Case, *, by: User, version: int) -> Document:
    """Try the PDF of a version that failed again. Raises ``NotAllowed`` for others than the care team, ``Refused`` as ``retry()``."""
    if Party.COORDINATOR not in parties(case, by):
        raise NotAllowed("only the care team retries")
    document = Letter.objects.filter(opinion__case=case, opinion__version=version).first()
    if document is None:
        raise Refused("There is no such version.")
    return documents.retry(document, by=by)
