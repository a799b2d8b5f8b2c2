"""Who may let whom in to a case, to do what, and for how long."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from intake import consents
from secondop.accounts.models import Role, User
from secondop.cases.access import FAMILY_RIGHTS, SPECIALIST_RIGHTS, Access, Right, holdings, parties, rights_of
from secondop.cases.consents import in_force
from secondop.cases.lifecycle import NotAllowed, Refused, lock
from secondop.cases.models import Case
from secondop.cases.states import Party
from secondop.web.clock import now

from ..models import Helper

YEARS = 5
PEOPLE_A_CASE = 20
INVITATIONS_AN_HOUR = 10


def lock_to_manage(case: Case, by: User) -> Case:
    """The case, locked, for the patient and deciding family. Raises ``NotAllowed`` for anybody else."""
    locked = lock(case)
    if not manages(locked, by):
        raise NotAllowed("only the patient and deciding family let others in")
    return locked


def manages(case: Case, user: User) -> bool:
    """Whether ``user`` may let others in to ``case`` and end what they may do."""
    return bool(parties(case, user) & {Party.PATIENT, Party.PROXY})


def givable(case: Case, user: User) -> list[Right]:
    """The rights that ``user`` may give to others: those they hold."""
    held = rights_of(user, case)
    return [right for right in FAMILY_RIGHTS if right in held]


def own_end(case: Case, user: User) -> datetime | None:
    """When the right of ``user`` to let others in ends by itself; ``None`` for the patient, and where no end was set."""
    return last_end(holdings(user, case))


def last_end(held: Iterable[tuple[str, datetime | None]]) -> datetime | None:
    """``own_end()`` of somebody whose holdings are known."""
    ends = [until for right, until in held if right in (Right.OWN, Right.DECIDE)]
    return max((end for end in ends if end), default=None) if all(ends) else None


def end_of(day: date | None) -> datetime | None:
    """The moment after the last of ``day``, in the reader's time zone. Raises ``Refused`` for a day gone by or too far away."""
    if day is None:
        return None
    here = timezone.localtime(now()).date()
    if day < here:
        raise Refused("This day has passed. Please choose a later one.")
    if day > here + timedelta(days=365 * YEARS):
        raise Refused(f"Please choose a day within the next {YEARS} years. You can invite the person again later.")
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def check_gift(case: Case, by: User, rights: set[Right], until: datetime | None) -> None:
    """Nobody gives more than they hold, or for longer. Raises ``Refused``."""
    if not rights <= set(givable(case, by)):
        raise Refused("You can share only what you may do yourself.")
    if until and until <= now():
        raise Refused("This day has passed. Please choose a later one.")
    end = own_end(case, by)
    if end and (until is None or until > end):
        last = timezone.localtime(end - timedelta(minutes=1))
        raise Refused(f"Your own access ends on {last:%A} {last.day} {last:%B %Y}. Please choose that day or an earlier one.")


def check_room(case: Case, by: User, email: str) -> None:
    """Limits that no family meets: people a case, and mails an hour. Raises ``Refused``."""
    inside = Access.objects.active().filter(case=case, right__in=FAMILY_RIGHTS, user__isnull=False).values("user").distinct().count()
    if inside + case.helpers.open().exclude(email__iexact=email).count() >= PEOPLE_A_CASE:
        raise Refused(f"You can share a case with {PEOPLE_A_CASE} people at most. Please end the access of somebody first.")
    User.objects.select_for_update().get(pk=by.pk)
    hour = Helper.objects.filter(created_at__gt=now() - timedelta(hours=1))
    if max(hour.filter(invited_by=by).count(), hour.filter(email__iexact=email).count()) >= INVITATIONS_AN_HOUR:
        raise Refused("That was a lot of invitations at once. Please wait an hour, then try again.")


def check_person(case: Case, person: User) -> None:
    """Family is neither the patient nor the clinic. Raises ``Refused``."""
    if person.pk == case.patient_id:
        raise Refused("This is your own case. You can see all of it already.")
    at_work = Access.objects.active().filter(case=case, user=person, right__in=SPECIALIST_RIGHTS).exists()
    if at_work or person.pk == case.specialist_id or person.has_role(Role.COORDINATOR):
        raise Refused("This account is part of the team that works on the case. Please ask for an invitation to your private address.")


def still_holds(helper: Helper) -> bool:
    """Whether the invitation is still backed: the consent is in force, and whoever invited may still give all of it."""
    case, inviter = helper.case, helper.invited_by
    if not manages(case, inviter) or in_force(case, consents.Kind.FAMILY) is None:
        return False
    try:
        check_gift(case, inviter, {Right(right) for right in helper.rights}, helper.until)
    except Refused:
        return False
    return True
