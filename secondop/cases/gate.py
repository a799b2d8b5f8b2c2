"""How views get at a case: with the right they need, and a line in the audit log whether it is granted or refused."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from secondop.accounts.models import Role
from secondop.audit.services import record
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .access import Access, Anybody, CaseQuerySet, Moment, Right, deciding_roles
from .models import Case

Within = Callable[[Moment], CaseQuerySet]
RELATED = ("patient", "owner", "specialist", "specialty", "brief", "erasure")


class OfAge(PermissionDenied):
    """The person asked for a child who is an adult now: the case is no longer theirs to see, and a page says why."""


def refusal(request: HttpRequest, uid: UUID) -> OfAge | Http404:
    """The answer to somebody without a right on the case ``uid``: the same for a stranger's case and an unknown one."""
    was_theirs = request.user.is_authenticated and Access.objects.outgrown(request.user).filter(case__uid=uid).exists()
    return OfAge() if was_theirs else Http404()


def all_cases(at: Moment) -> CaseQuerySet:
    """Every case, at any moment."""
    return Case.objects.all()


@cache
def case_by_uid(roles: frozenset[Role], right: Right, within: Within, related: tuple[str, ...]) -> Prepared[Case]:
    """Asks for the case ``uid`` if the person ``who``, who has ``roles``, holds ``right`` on it ``at`` a moment."""
    at = Slot("at")
    cases = within(at).visible_to(Anybody(roles), right, at=at).filter(uid=Slot("uid"))
    return Prepared(cases.select_related(*related) if related else cases)


def case_or_404(
    request: HttpRequest,
    uid: UUID,
    right: Right,
    *,
    action: str = "case.read",
    within: Within = all_cases,
    accepts: Callable[[Any], bool] | None = None,
    is_logged_by_verb: bool = False,
    related: tuple[str, ...] = RELATED,
) -> Case:
    """The case ``uid`` if the signed-in person holds ``right`` on it; both outcomes are written to the audit log.

    ``within``, a function of a module, gives the cases looked at, and ``accepts`` has the last word on the one found. With
    ``is_logged_by_verb`` only a refusal is written here, because the verb that follows writes a row of its own. ``related`` is what
    is loaded along, for those who need less.
    Raises ``Http404`` for a stranger's case and for an unknown one alike, and ``OfAge`` for a parent whose child is an adult now.
    """
    by = request.user if request.user.is_authenticated else None
    case = None
    if by and by.is_active:
        case = case_by_uid(deciding_roles(by), right, within, related).first(who=by.pk, uid=uid, at=now())
    if case is None or (accepts and not accepts(case)):
        record("case.refused", by=by, case_uid=uid, outcome="refused", request=request, target=action)
        raise refusal(request, uid)
    if not is_logged_by_verb:
        record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, request=request)
    return case
