"""Which version of an opinion counts, for whom."""

from functools import cache

from django.db.models import prefetch_related_objects

from secondop.accounts.models import User
from secondop.cases.access import parties
from secondop.cases.lifecycle import Conflict, NotAllowed, lock
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.web.prepared import Prepared, Slot

from ..models import ROWS, Opinion


def reviewing(case: Case, by: User) -> Case:
    """``case`` locked for a verb of its specialist. Raises ``NotAllowed`` for anybody else, ``Conflict`` when it is not in review."""
    return checked(lock(case), by)


def checked(locked: Case, by: User) -> Case:
    """What ``reviewing()`` does, for a case that is locked already."""
    if Party.SPECIALIST not in parties(locked, by) or locked.specialist_id != by.pk:
        raise NotAllowed("only the case's specialist writes the opinion")
    if locked.state != State.IN_REVIEW:
        raise Conflict(locked)
    return locked


def current(case: Case) -> Opinion | None:
    """The newest version that the case's present specialist has signed since accepting it."""
    if case.specialist is None or case.accepted_at is None:
        return None
    mine = Opinion.objects.signed().filter(case=case, author=case.specialist, signed_at__gte=case.accepted_at)
    return mine.whole().select_related("document", "author").first()


@cache
def draft_by_author() -> Prepared[Opinion]:
    """Asks for what the person ``author`` is writing on a ``case``: one draft at most."""
    return Prepared(Opinion.objects.drafts().filter(case=Slot("case"), author=Slot("author")).order_by())


def draft_of(case: Case, by: User, *, is_whole: bool = True) -> Opinion | None:
    """What ``by`` is writing on this case, its rows loaded along if it is to be shown whole. Nobody else's draft is ever given to them."""
    draft = draft_by_author().first(case=case.pk, author=by.pk)
    if draft:
        draft.case, draft.author = case, by
        prefetch_related_objects([draft], *(ROWS if is_whole else ()))
    return draft


@cache
def draft_to_lock() -> Prepared[Opinion]:
    """Asks for what ``draft_by_author()`` does, and for its case, to be locked both: the case first, as everybody else does."""
    drafts = Opinion.objects.drafts().filter(case=Slot("case"), author=Slot("author")).order_by()
    return Prepared(drafts.select_related("case").select_for_update(of=("case", "self")))


def held_draft(case: Case, by: User, *, is_whole: bool = False) -> tuple[Case, Opinion]:
    """The case, locked, and the draft of ``by``, with its rows for those who read all of them: the lock of its case serves them too.

    Raises as ``reviewing()``, and ``Conflict`` without a draft.
    """
    draft = draft_to_lock().first(case=case.pk, author=by.pk)
    locked = checked(draft.case, by) if draft else reviewing(case, by)
    if draft is None:
        raise Conflict(locked)
    draft.author = by
    prefetch_related_objects([draft], *(ROWS if is_whole else ()))
    return locked, draft
