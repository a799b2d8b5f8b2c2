"""Which version of an opinion counts, for whom."""

from secondop.accounts.models import User
from secondop.cases.access import parties
from secondop.cases.lifecycle import Conflict, NotAllowed, lock
from secondop.cases.models import Case
from secondop.cases.states import Party, State

from ..models import Opinion


def reviewing(case: Case, by: User) -> Case:
    """``case`` locked for a verb of its specialist. Raises ``NotAllowed`` for anybody else, ``Conflict`` when it is not in review."""
    locked = lock(case)
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


def draft_of(case: Case, by: User, *, is_whole: bool = True) -> Opinion | None:
    """What ``by`` is writing on this case, its rows loaded along if it is to be shown whole. Nobody else's draft is ever given to them."""
    drafts = Opinion.objects.drafts().filter(case=case, author=by)
    draft = (drafts.whole() if is_whole else drafts).first()
    if draft:
        draft.case, draft.author = case, by
    return draft
