"""Who may see what of a case: rights are rows, and ``visible_to`` is the only way to read cases.

A right belongs to one person, or that to coordinate to all coordinators, from ``since`` until ``until``; a row whose ``until``
has passed is worth nothing on the very next request. Rights imply others by ``IMPLIES`` and by nothing else.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from secondop.accounts.models import Role
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .states import Party

if TYPE_CHECKING:
    from secondop.accounts.models import User

    from .models import Case

Moment = datetime | Slot | None
DECIDING = (Role.SPECIALIST, Role.COORDINATOR)


class Right(StrEnum):
    """What a person may do with one case; see the table under "Access" in docs/architecture.md."""

    OWN = "own"
    STATUS = "status"
    UPLOAD = "upload"
    READ_OPINION = "read_opinion"
    DECIDE = "decide"
    SUMMARY = "summary"
    RECORDS = "records"
    WRITE = "write"
    COORDINATE = "coordinate"


IMPLIES: dict[Right, tuple[Right, ...]] = {
    Right.OWN: (Right.STATUS, Right.UPLOAD, Right.READ_OPINION, Right.DECIDE, Right.RECORDS),
    Right.DECIDE: (Right.STATUS, Right.UPLOAD),
    Right.WRITE: (Right.RECORDS, Right.SUMMARY),
    Right.COORDINATE: (Right.STATUS, Right.SUMMARY, Right.RECORDS, Right.READ_OPINION, Right.UPLOAD),
}
PARTIES: dict[Right, Party] = {
    Right.OWN: Party.PATIENT,
    Right.DECIDE: Party.PROXY,
    Right.WRITE: Party.SPECIALIST,
    Right.SUMMARY: Party.OFFERED,
    Right.COORDINATE: Party.COORDINATOR,
}
SPECIALIST_RIGHTS = (Right.SUMMARY, Right.RECORDS, Right.WRITE)
FAMILY_RIGHTS = (Right.STATUS, Right.UPLOAD, Right.READ_OPINION, Right.DECIDE)
PRIVATE_RIGHTS = (Right.OWN, *FAMILY_RIGHTS)


def granting(right: Right) -> list[str]:
    """The rights that, held, allow ``right``: itself and those that imply it."""
    return [str(held) for held in Right if held == right or right in IMPLIES.get(held, ())]


def reach(rights: Iterable[str]) -> set[Right]:
    """All that ``rights``, held, allow: themselves and what they imply."""
    held = {Right(right) for right in rights}
    return held | {implied for right in held for implied in IMPLIES.get(right, ())}


def in_force(at: Moment = None) -> Q:
    """Whether a row holds now, or ``at`` another moment."""
    at = at or now()
    return Q(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)


class Anybody:
    """The user of a query that is prepared: whoever holds these of the roles by which it is decided what a person may see."""

    is_active = True

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles, self.pk = roles, Slot("who")

    def has_role(self, role: Role) -> bool:
        """Whether they hold ``role``. Raises ``ValueError`` for one that decides nothing."""
        if role not in DECIDING:
            raise ValueError(f"{role} is not known of everybody")
        return role in self.roles


def deciding_roles(user: "User") -> frozenset[Role]:
    """The roles of ``user`` that decide what they may see of a case."""
    return frozenset(role for role in DECIDING if user.has_role(role))


class AccessQuerySet(models.QuerySet["Access"]):
    """Reading rights."""

    def active(self, at: Moment = None) -> Self:
        """Rows in force now, or ``at`` another moment."""
        return self.filter(in_force(at))

    def private(self, at: Moment = None) -> Self:
        """Rows that make their case a private matter of a person: what patient and family hold now, and what a patient ever held.

        The second is a parent whose child is an adult now: the case is no business of theirs through a staff role either.
        """
        held = in_force(at) & Q(right__in=[str(right) for right in PRIVATE_RIGHTS])
        return self.filter(Q(right=Right.OWN) | held, user__isnull=False)

    def outgrown(self, user: "User") -> Self:
        """Rows by which ``user`` asked for a child who is an adult now."""
        return self.filter(user=user, right=Right.OWN, until__lte=now())

    def held_by(self, user: "User | Anybody", at: Moment = None) -> Self:
        """Rows that give ``user`` something: in person, or through a staff role on a case that is no private matter of theirs.

        A case that they review gives them nothing through a role either. What a specialist was given on a case is worth nothing
        without the specialist's role.
        """
        in_person = Q(user=user.pk)
        if not user.has_role(Role.SPECIALIST):
            in_person &= ~Q(right__in=[str(right) for right in SPECIALIST_RIGHTS])
        if not user.has_role(Role.COORDINATOR):
            return self.filter(in_person)
        private = Access.objects.private(at).filter(user=user.pk).values("case")
        return self.filter(in_person | (Q(role=Role.COORDINATOR) & ~Q(case__in=private) & ~Q(case__specialist=user.pk)))


class Access(models.Model):
    """One right on one case: of one person, or that of all coordinators to coordinate it."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="access")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="access")
    role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    right = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Right])
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "access"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, role="") | Q(user__isnull=True, role=Role.COORDINATOR, right=str(Right.COORDINATE)),
                name="access_person_or_desk",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "right", "case"], name="access_by_user"),
            models.Index(fields=["case", "right"], name="access_by_case"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="access_fixed", fields=["case", "user", "role", "right", "since", "reason"]),
        ]

    def __str__(self) -> str:
        return f"{self.right} for {self.user or self.role}"


class CaseQuerySet(models.QuerySet["Case"]):
    """The only reader of cases."""

    def visible_to(self, user: "User | Anybody | AnonymousUser", right: Right, *others: Right, at: Moment = None) -> Self:
        """Cases on which ``user`` holds ``right``, or one of ``others``, now; none for a signed-out or disabled account."""
        return self.filter(holds(user, right, *others, at=at))


def holds(user: "User | Anybody | AnonymousUser", *rights: Right, case: str = "pk", at: Moment = None) -> Exists:
    """Whether ``user`` holds one of ``rights`` now on the case of each row asked for, which stands in its column ``case``."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Exists(Access.objects.none())
    held = {name for wanted in rights for name in granting(wanted)}
    return Exists(Access.objects.active(at).held_by(user, at).filter(case=OuterRef(case), right__in=sorted(held)))


def holds_any(user: "User | Anybody", uid: str, at: Moment = None) -> Exists:
    """Whether ``user`` holds any right now on the case whose uid stands in the column ``uid`` of each row asked for."""
    return Exists(Access.objects.active(at).held_by(user, at).filter(case__uid=OuterRef(uid)))


def grant(case: "Case", user: "User | None", right: Right, reason: str, **columns: Any) -> Access:
    """Give ``user`` (or ``role=``) a right on ``case``; ``until=`` ends it by itself, ``given_by=`` names who gave it."""
    return Access.objects.create(case=case, user=user, right=right, reason=reason, **columns)


def revoke(case: "Case", *rights: Right, user: "User | None" = None) -> int:
    """End the named rights on ``case`` now, of one person or of everyone; returns how many ended."""
    rows = Access.objects.active().filter(case=case, right__in=[str(r) for r in rights])
    return (rows.filter(user=user) if user else rows).update(until=now())


def limit(case: "Case", until: datetime | None) -> None:
    """Let all that the patient and family may do with ``case`` end by itself at ``until``; ``None`` lifts it from the patient's own.

    What has ended stays ended, and what ends sooner for family is left alone.
    """
    held = Access.objects.active().filter(case=case, user__isnull=False)
    own = held.filter(right=Right.OWN)
    (own.exclude(until=until) if until else own.filter(until__isnull=False)).update(until=until)
    if until:
        later = Q(until__isnull=True) | Q(until__gt=until)
        held.filter(later, right__in=[str(right) for right in FAMILY_RIGHTS]).update(until=until)


def private_to(case: "Case") -> models.QuerySet[Access, Any]:
    """The accounts to whom ``case`` is a private matter: its patient, and who follows it as family or helper."""
    return Access.objects.private().filter(case=case).values("user")


def rights_of(user: "User", case: "Case") -> set[Right]:
    """All that ``user`` may do with ``case`` now, implied rights included."""
    return reach(right for right, _ in holdings(user, case))


def holdings(user: "User", case: "Case") -> list[tuple[str, datetime | None]]:
    """The rights that ``user`` holds on ``case`` now, as they were given, each with its end."""
    return rights_on_a_case(deciding_roles(user)).all(who=user.pk, case=case.pk, at=now())


@cache
def rights_on_a_case(roles: frozenset[Role]) -> Prepared[tuple[str, datetime | None]]:
    """Asks which rights the person ``who``, who has ``roles``, holds ``at`` a moment on a ``case``, each with its end."""
    at = Slot("at")
    return Prepared(Access.objects.active(at).held_by(Anybody(roles), at).filter(case=Slot("case")).values_list("right", "until"))


def parties(case: "Case", user: "User | None") -> set[Party]:
    """As whom ``user`` may act on ``case`` now; the system itself is ``None``."""
    if user is None:
        return {Party.SYSTEM}
    if not user.is_active:
        return set()
    found = {PARTIES[Right(right)] for right, _ in holdings(user, case) if Right(right) in PARTIES}
    if Party.COORDINATOR in found and user.has_role(Role.LEAD):
        found.add(Party.LEAD)
    return found
