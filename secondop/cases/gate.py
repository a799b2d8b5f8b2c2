"""How views get at a case: with the right they need, and a line in the audit log whether it is granted or refused."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from secondop.accounts.models import Role, User
from secondop.audit.services import record
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .access import Access, Anybody, CaseQuerySet, Right, deciding_roles
from .models import Case

RELATED = ("patient", "owner", "specialist", "specialty", "brief", "erasure")


class OfAge(PermissionDenied):
    """The person asked for a child who is an adult now: the case is no longer theirs to see, and a page says why."""


def refusal(request: HttpRequest, uid: UUID) -> OfAge | Http404:
    """The answer to somebody without a right on the case ``uid``: the same for a stranger's case and an unknown one."""
    was_theirs = request.user.is_authenticated and Access.objects.outgrown(request.user).filter(case__uid=uid).exists()
    return OfAge() if was_theirs else Http404()


@cache
def case_by_uid(roles: frozenset[Role], right: Right, related: tuple[str, ...]) -> Prepared[Case]:
    """Asks for the case ``uid`` if the person ``who``, who has ``roles``, holds ``right`` on it ``at`` a moment."""
    cases = Case.objects.visible_to(Anybody(roles), right, at=Slot("at")).filter(uid=Slot("uid"))
    return Prepared(cases.select_related(*related) if related else cases)


def visible_case(
    user: User | AnonymousUser, uid: UUID, right: Right, related: tuple[str, ...], within: CaseQuerySet | None = None
) -> Case | None:
    """The case ``uid`` if ``user`` holds ``right`` on it and it is ``within`` what else is asked for."""
    if within is None and user.is_active:
        return case_by_uid(deciding_roles(user), right, related).first(who=user.pk, uid=uid, at=now())
    cases = (Case.objects.all() if within is None else within).visible_to(user, right)
    return (cases.select_related(*related) if related else cases).filter(uid=uid).first()


def case_or_404(
    request: HttpRequest,
    uid: UUID,
    right: Right,
    *,
    action: str = "case.read",
    within: CaseQuerySet | None = None,
    accepts: Callable[[Any], bool] | None = None,
    is_logged_by_verb: bool = False,
    related: tuple[str, ...] = RELATED,
) -> Case:
    """The case ``uid`` if the signed-in person holds ``right`` on it; both outcomes are written to the audit log.

    ``within`` narrows or widens (``select_related``) the cases looked at, and ``accepts`` has the last word on the one found. With
    ``is_logged_by_verb`` only a refusal is written here, because the verb that follows writes a row of its own. ``related`` is what
    is loaded along, for those who need less.
    Raises ``Http404`` for a stranger's case and for an unknown one alike, and ``OfAge`` for a parent whose child is an adult now.
    """
    case = visible_case(request.user, uid, right, related, within)
    by = request.user if request.user.is_authenticated else None
    if case is None or (accepts and not accepts(case)):
        record("case.refused", by=by, case_uid=uid, outcome="refused", request=request, target=action)
        raise refusal(request, uid)
    if not is_logged_by_verb:
        record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, request=request)
    return case
