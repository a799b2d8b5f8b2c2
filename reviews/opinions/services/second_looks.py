"""A second specialist looks where an opinion differs from the first one in a major way."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from routing.models import Offer, SpecialistProfile
from routing.services.common import coordinating
from routing.services.eligibility import Candidate, by_history, by_people, by_specialty, by_time, look_up
from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import Right, grant, private_to
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, journal, lock, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.notices.services import tell
from secondop.web.clock import now

from ..models import Opinion, SecondLook
from .versions import current

REASON = "second look"


def is_needed(opinion: Opinion) -> bool:
    """Whether any row of the grid differs in a major way, or is expected to change much for the patient."""
    return any(row.is_major for row in opinion.grid.all())


def is_confirmed(opinion: Opinion) -> bool:
    """Whether the last second specialist who answered has confirmed it."""
    answered = opinion.second_looks.filter(status__in=[SecondLook.Status.CONFIRMED, SecondLook.Status.REFUSED])
    last = answered.order_by("answered_at").last()
    return last is not None and last.status == SecondLook.Status.CONFIRMED


def candidates(case: Case, opinion: Opinion) -> list[Candidate]:
    """Verified specialists who may be asked: of the field, not away, near neither to the patient nor to the author.

    Whoever answered a look at this version, declined one at any, declared a conflict on this case, declined it or gave it back is
    not asked again.
    """
    background = look_up(case)
    looks = SecondLook.objects.filter(Q(opinion=opinion) | Q(opinion__case=case, status=SecondLook.Status.DECLINED))
    answered = looks.exclude(status=SecondLook.Status.CANCELLED).values("specialist")
    near = case.offers.filter(conflict=Offer.Conflict.DECLARED).values("specialist")
    profiles = SpecialistProfile.objects.verified().exclude(user=opinion.author).exclude(user__in=answered).exclude(user__in=near)
    found = [Candidate(profile, load=0) for profile in profiles.select_related("user").prefetch_related("specialties", "time_off")]
    for candidate in found:
        for look in (by_specialty, by_time, by_people, by_history):
            look(candidate, background)
    return [candidate for candidate in found if candidate.eligible]


@transaction.atomic
def ask(case: Case, *, by: User, specialist_id: int) -> SecondLook:
    """Ask one of the candidates. Raises ``Refused`` for anybody else, or while somebody has been asked already."""
    locked = coordinating(case, by, (State.CHECKING,))
    opinion = current(locked)
    if opinion is None:
        raise Refused("There is no signed opinion of the present specialist yet.")
    if opinion.second_looks.open().exists():
        raise Refused("A second specialist has been asked already.")
    chosen = next((c.user for c in candidates(locked, opinion) if c.user.pk == specialist_id), None)
    if chosen is None:
        raise Refused("This specialist cannot be asked. Please choose another.")
    look = SecondLook.objects.create(opinion=opinion, specialist=chosen, asked_by=by, asked_at=now())
    journal(locked, "second_asked", by)
    audit("second.ask", locked, by, look)
    tell(chosen, "confirm_wanted", case=locked, key=f"second:{look.uid}", link=page_of(locked))
    return look


@transaction.atomic
def recall(case: Case, *, by: User) -> SecondLook:
    """Take an open look back, so that somebody else can be asked. Raises ``Refused`` when none is open any more."""
    locked = coordinating(case, by, (State.CHECKING,))
    opinion = current(locked)
    look = cancel(opinion) if opinion else None
    if look is None:
        raise Refused("Nobody is asked for a second look now.")
    journal(locked, "second_recalled", by)
    audit("second.recall", locked, by, look)
    return look


@transaction.atomic
def accept(case: Case, *, by: User) -> SecondLook:
    """The asked specialist declares that there is no conflict of interest; only then do opinion and records open to them.

    Raises ``Refused`` for whoever has become the case's coordinator or family meanwhile.
    """
    locked, look = held(case, by, SecondLook.Status.ASKED)
    if locked.owner_id == by.pk or private_to(locked).filter(user=by).exists():
        raise Refused("You coordinate this case, or follow it as family. Please decline, so that somebody else can look.")
    look.status, look.accepted_at = SecondLook.Status.ACCEPTED, now()
    look.save()
    grant(locked, by, Right.RECORDS, REASON, given_by=look.asked_by)
    audit("second.accept", locked, by, look)
    return look


@transaction.atomic
def decline(case: Case, *, by: User, note: str = "") -> SecondLook:
    """The asked specialist does not look, because of a conflict or for want of time; the coordinator is told to ask another."""
    locked, look = held(case, by, SecondLook.Status.ASKED)
    look.note = note.strip()
    return finish(locked, look, SecondLook.Status.DECLINED, "second_declined")


@transaction.atomic
def answer(case: Case, *, by: User, confirm: bool, note: str) -> SecondLook:
    """Confirm the opinion, or not, with a note; the records close to the second specialist again."""
    locked, look = held(case, by, SecondLook.Status.ACCEPTED)
    if not note.strip():
        raise Refused("Please write a short note: what you looked at, and why you come to this.")
    look.note = note.strip()
    status = SecondLook.Status.CONFIRMED if confirm else SecondLook.Status.REFUSED
    return finish(locked, look, status, "second_confirmed" if confirm else "second_refused")


def finish(case: Case, look: SecondLook, status: str, event: str) -> SecondLook:
    """Write how a look ended, close the records, and tell the coordinator."""
    look.status, look.answered_at = status, now()
    look.save()
    close_records(case, look)
    journal(case, event, look.specialist, party=Party.SPECIALIST)
    audit(event.replace("_", "."), case, look.specialist, look)
    for person in recipients(case, Party.COORDINATOR):
        tell(person, "second_answered", case=case, key=f"second:{look.uid}:{status}:{person.pk}")
    return look


def cancel(opinion: Opinion) -> SecondLook | None:
    """End the open look at a version, if there is one: the records close to its specialist, who is told. Returns the look."""
    look = opinion.second_looks.open().select_for_update(of=("self",)).select_related("specialist").first()
    if look is None:
        return None
    look.status, look.answered_at = SecondLook.Status.CANCELLED, now()
    look.save()
    close_records(opinion.case, look)
    tell(look.specialist, "second_cancelled", case=opinion.case, key=f"second:{look.uid}:cancelled")
    return look


def close_records(case: Case, look: SecondLook) -> None:
    """End what the look itself has opened, and nothing the person holds for another reason."""
    case.access.active().filter(user=look.specialist, right=Right.RECORDS, reason=REASON).update(until=now())


def held(case: Case, by: User, status: str) -> tuple[Case, SecondLook]:
    """The case and the look that ``by`` was asked for, both locked.

    Raises ``NotAllowed`` for somebody who was never asked, ``Conflict`` when the opinion moved on or the look is elsewhere.
    """
    locked = lock(case)
    look = SecondLook.objects.select_for_update(of=("self",)).filter(opinion__case=locked, specialist=by).last()
    if look is None or not SpecialistProfile.objects.verified().filter(user=by).exists():
        raise NotAllowed("nobody asked this person for a second look")
    if not is_waited_for(locked, look) or look.status != status:
        raise Conflict(locked)
    return locked, look


def is_waited_for(case: Case, look: SecondLook) -> bool:
    """Whether the look is open and the version it is about is still the one that is being checked."""
    opinion = current(case)
    same = opinion is not None and opinion.pk == look.opinion_id
    return same and case.state == State.CHECKING and look.status in SecondLook.OPEN


def page_of(case: Case) -> str:
    """Where the second specialist reads and answers."""
    return reverse("opinions:second", args=[case.uid])


def audit(action: str, case: Case, by: User, look: SecondLook) -> None:
    """One row of the audit log for an act on a second look."""
    record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(look.uid))
