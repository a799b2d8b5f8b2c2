"""What time does to requests that nobody sends: two reminders, a warning, the end; and keeping or deleting one on purpose.

Reminded are those who can send the request. That it will be deleted is told to everybody who has put something into it.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import FAMILY_RIGHTS, Access, Right
from secondop.cases.answers import day
from secondop.cases.drafts import DELETED, ENDING, REMIND_AFTER, REMINDER, touch
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import Erased, NotAllowed, recipients
from secondop.cases.models import Case
from secondop.cases.models.case import DRAFT_KEPT, DRAFT_NOTICE
from secondop.cases.states import Party, State
from secondop.notices.choices import zone_of
from secondop.notices.services import last_sent, tell
from secondop.web.clock import now

from .services import lock_draft, stopped


def watch() -> None:
    """Do what is due for all drafts, each in a transaction of its own; what was done is not done again."""
    for due, act in ((to_remind, remind), (to_warn, warn), (to_purge, purge)):
        each(due(now()), act)


def each(due: QuerySet[Case], act: Callable[[Case], bool]) -> None:
    """Do ``act`` to the cases that are ``due``, the longest silence first."""
    for case in due.select_related("patient", "brief").order_by("touched_at", "pk"):
        act(case)


def unsent() -> QuerySet[Case]:
    """The drafts whose people were not told of their end, and have not asked for it."""
    return Case.objects.filter(state=State.DRAFT, ending_told_at=None, erasure=None)


def unchanged(case: Case) -> QuerySet[Case]:
    """The row of ``case``, if nothing has happened to it since it was read; for an update, which a join would let win over a change."""
    return Case.objects.filter(pk=case.pk, state=State.DRAFT, touched_at=case.touched_at, ending_told_at=None)


def to_remind(at: datetime) -> QuerySet[Case]:
    """The drafts of which a reminder is due at the moment ``at``."""
    due = Q()
    for number, after in enumerate(REMIND_AFTER):
        due |= Q(reminded__lte=number, touched_at__lte=at - after)
    return unsent().filter(due, touched_at__gt=at - (DRAFT_KEPT - DRAFT_NOTICE))


def to_warn(at: datetime) -> QuerySet[Case]:
    """The drafts whose end has to be told at the moment ``at``."""
    return unsent().filter(touched_at__lte=at - (DRAFT_KEPT - DRAFT_NOTICE))


def to_purge(at: datetime) -> QuerySet[Case]:
    """The drafts that may be deleted at the moment ``at``."""
    told = {"ending_told_at__lte": at - DRAFT_NOTICE, "touched_at__lte": at - DRAFT_KEPT}
    return Case.objects.filter(state=State.DRAFT, erasure=None, **told)


@transaction.atomic
def remind(case: Case) -> bool:
    """Remind those who can send the draft, unless it was changed or sent meanwhile; whether this call did.

    A request that cannot go on (an emergency, a place we may not serve) is counted as reminded of, and nobody is bothered.
    """
    number = sum(case.touched_at <= now() - after for after in REMIND_AFTER)
    if not unchanged(case).filter(reminded__lt=number).update(reminded=number):
        return False
    if not stopped(case.brief):
        link = reverse("intake:hub", args=[case.uid])
        for person in recipients(case, Party.PATIENT):
            tell(person, REMINDER, case=case, link=link, key=key(case, person, f"reminder {number}"))
    return True


@transaction.atomic
def warn(case: Case) -> bool:
    """Tell all who work on the draft when it will be deleted, unless it was changed or sent meanwhile; whether this call did."""
    if not unchanged(case).update(ending_told_at=now()):
        return False
    case.refresh_from_db(fields=["ending_told_at"])
    for person, link in workers(case):
        until = day(localtime(case.draft_kept_until, zone_of(person)).date())
        tell(person, ENDING, case=case, link=link, context={"day": until}, key=key(case, person, "ending"))
    return True


@transaction.atomic
def purge(case: Case) -> bool:
    """Delete the draft and tell all who worked on it, unless it was changed or sent meanwhile; whether this call did.

    A week has to lie between the mail of the warning and this. Where mail went out late, the end is put off.
    """
    locked = to_purge(now()).select_for_update(of=("self",)).select_related("patient").filter(pk=case.pk).first()
    if locked is None:
        return False
    sent = last_sent(locked, ENDING, after=locked.touched_at)
    if sent and sent > now() - DRAFT_NOTICE:
        locked.ending_told_at = sent
        locked.save(update_fields=["ending_told_at"])
        return False
    part_with(locked, dict.fromkeys((person for person, _ in workers(locked)), DELETED), by=None)
    return True


def part_with(case: Case, told: dict[User, str], *, by: User | None) -> None:
    """Erase the locked draft. Who it was shared with hears that their access has ended, and the people in ``told`` the kind beside them.

    The notices are about no case, because what was told about a case is erased with it.
    """
    rows = Access.objects.active().filter(case=case, right__in=FAMILY_RIGHTS, user__isnull=False).select_related("user")
    shared = {row.user: "family_ended" for row in rows if row.user and row.user != by}
    erase(case, by=by, reason="draft")
    for person, kind in (shared | told).items():
        tell(person, kind, context={"reference": case.reference}, key=key(case, person, "deleted"))


def key(case: Case, person: User, what: str) -> str:
    """The name of one telling in one silence, so that it happens once."""
    return f"draft:{case.uid}:{case.touched_at.isoformat()}:{what}:{person.pk}"


def workers(case: Case) -> list[tuple[User, str]]:
    """Who has put something into the draft, or could: its patient, and who decides or uploads; each with their page of it."""
    rows = Access.objects.active().filter(case=case, right__in=[Right.DECIDE, Right.UPLOAD], user__is_active=True)
    pages = {row.user: "records:list" for row in rows.select_related("user") if row.user}
    pages |= dict.fromkeys(recipients(case, Party.PATIENT), "intake:hub")
    return [(person, reverse(page, args=[case.uid])) for person, page in pages.items()]


@transaction.atomic
def keep(case: Case, *, by: User) -> Case:
    """Keep a draft as it is: its silence is counted anew. Raises ``NotAllowed`` for a stranger and ``Conflict`` once it was sent."""
    locked = lock_draft(case, by)
    touch(locked)
    record("case.keep", by=by, case_uid=locked.uid, patient_id=locked.patient_id)
    return locked


@transaction.atomic
def delete(case: Case, *, by: User) -> None:
    """Delete a draft at once, for its patient alone; one that is gone already is fine.

    Raises ``NotAllowed`` for anybody else and ``Conflict`` once it was sent.
    """
    try:
        locked = lock_draft(case, by)
    except Erased:
        return
    if locked.patient_id != by.pk:
        raise NotAllowed("only the patient deletes a request")
    part_with(locked, {}, by=by)
