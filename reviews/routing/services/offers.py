"""The offers between a complete case and its specialist: sent, answered, recalled, lapsed; and taking a case back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from routing.models import Decline, Offer
from secondop.accounts.models import User
from secondop.cases.access import Right, grant, parties, revoke
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, journal, lock, move, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.notices.services import tell
from secondop.web.clock import now

from .common import audit, coordinating
from .eligibility import candidates, licence_of
from .recalls import end, recall_offer, recall_open

TIME_TO_ANSWER = timedelta(hours=12)
TIME_TO_WAIVE = timedelta(hours=48)
TIME_TO_REVIEW = timedelta(hours=48)
LATEST_DUE = timedelta(days=60)
FAILED_OFFERS_TELL_LEAD = 3


@transaction.atomic
def send_offer(case: Case, *, by: User, specialist_id: int) -> Offer:
    """Offer the complete ``case`` to an eligible specialist, who then sees its summary for 12 hours.

    Raises ``Refused``, with the reasons, for anybody who is not eligible, and while a proposal to decline waits.
    """
    locked = coordinating(case, by, (State.READY,))
    lapse_stale(locked)
    if locked.declines.filter(status=Decline.Status.WAITING).exists():
        raise Refused("A proposal to decline this case waits for a lead. Nobody can be asked meanwhile.")
    chosen = next((c for c in candidates(locked) if c.user.pk == specialist_id), None)
    if chosen is None:
        raise Refused("This specialist is not available any more.")
    if not chosen.eligible:
        raise Refused(f"{chosen.user} cannot be asked. {' '.join(chosen.bars)}")
    at = now()
    until = at + TIME_TO_ANSWER
    offer = Offer.objects.create(case=locked, specialist=chosen.user, sent_by=by, sent_at=at, expires_at=until)
    grant(locked, chosen.user, Right.SUMMARY, "offer", until=until, given_by=by)
    journal(locked, "offer_sent", by, reason=f"To {chosen.user}.")
    audit("offer.send", locked, by, str(offer.uid))
    tell(chosen.user, "offer", case=locked, key=f"offer:{offer.uid}", link=reverse("routing:offer_page", args=[offer.uid]))
    return offer


@transaction.atomic
def recall(case: Case, *, by: User, offer_uid, reason: str = "") -> Offer:
    """Take an offer back before it is answered. Raises ``Conflict`` when it has ended already."""
    locked = coordinating(case, by, (State.READY,))
    offer = locked.offers.select_for_update().filter(uid=offer_uid, status=Offer.Status.SENT).first()
    if offer is None:
        raise Conflict(locked, "This offer has ended meanwhile.")
    recall_offer(offer, by, reason)
    audit("offer.recall", locked, by, str(offer.uid))
    return offer


def answering(case: Case, by: User) -> tuple[Case, Offer]:
    """``case`` and the open offer of ``by`` on it, both locked.

    Raises ``NotAllowed`` for somebody who was never asked, ``Conflict`` when the offer has ended or lapsed meanwhile.
    """
    locked = lock(case)
    mine = locked.offers.select_for_update(of=("self",)).filter(specialist=by)
    offer = mine.open().first()
    if offer is None:
        if not mine.exists():
            raise NotAllowed("the case was not offered to this person")
        raise Conflict(locked, "This offer has ended meanwhile.")
    if Party.OFFERED not in parties(locked, by):
        raise NotAllowed("the summary of this case is closed to this person")
    return locked, offer


@transaction.atomic
def declare_conflict(case: Case, *, by: User, kinds: list[str], text: str) -> Offer:
    """The offered specialist names a possible conflict of interest; a lead has 48 hours to waive it, or to ask somebody else."""
    if not (kinds and text.strip()):
        raise Refused("Please say what the conflict is.")
    locked, offer = answering(case, by)
    offer.conflict, offer.conflict_kinds, offer.conflict_text = Offer.Conflict.DECLARED, sorted(kinds), text.strip()
    offer.waived_by, offer.waived_note = None, ""
    extend(offer, TIME_TO_WAIVE)
    journal(locked, "conflict_declared", by)
    audit("offer.conflict", locked, by, str(offer.uid))
    for lead in recipients(locked, Party.LEAD):
        tell(lead, "conflict_declared", case=locked, key=f"conflict:{offer.uid}:{now().timestamp():.0f}:{lead.pk}")
    return offer


def extend(offer: Offer, time: timedelta) -> None:
    """Give an open offer, and the summary with it, at least ``time`` from now; it never gets shorter."""
    offer.expires_at = max(offer.expires_at, now() + time)
    offer.save()
    rows = offer.case.access.active().filter(user=offer.specialist, right=Right.SUMMARY)
    rows.update(until=offer.expires_at)


@transaction.atomic
def waive_conflict(case: Case, *, by: User, offer_uid, note: str) -> Offer:
    """A lead, who is not the specialist, lets a declared conflict stand, with a note; the specialist may accept now."""
    if not note.strip():
        raise Refused("Please write why the conflict does not stand in the way. It is kept with the opinion.")
    locked = coordinating(case, by, (State.READY,), lead=True)
    offer = locked.offers.open().select_for_update(of=("self",)).filter(uid=offer_uid).first()
    if offer is None or offer.conflict != Offer.Conflict.DECLARED:
        raise Conflict(locked, "This declaration has been dealt with, or the offer has ended.")
    if offer.specialist == by:
        raise NotAllowed("nobody waives their own conflict")
    offer.conflict, offer.waived_by, offer.waived_note = Offer.Conflict.WAIVED, by, note.strip()
    extend(offer, TIME_TO_ANSWER)
    journal(locked, "conflict_waived", by, reason=offer.waived_note)
    audit("offer.waive", locked, by, str(offer.uid))
    link = reverse("routing:offer_page", args=[offer.uid])
    tell(offer.specialist, "conflict_waived", case=locked, key=f"waived:{offer.uid}:{now().timestamp():.0f}", link=link)
    return offer


@transaction.atomic
def accept(case: Case, *, by: User, proposed_due: datetime | None = None) -> Case:
    """The offered specialist takes the case; calling this without an earlier declaration declares that there is no conflict.

    Exactly one of several wins: the others get ``Conflict``. The records open to the winner, every other offer is recalled,
    and the review is due in 48 hours until the coordinator agrees to ``proposed_due``. Raises ``Refused`` while a declared
    conflict waits for a lead, for the case's own coordinator, without a valid licence, and for a date that is past or more than
    60 days away.
    """
    locked, offer = answering(case, by)
    if offer.conflict == Offer.Conflict.DECLARED:
        raise Refused("You declared a possible conflict. A lead looks at it first, and we will tell you.")
    if locked.owner_id == by.pk:
        raise Refused("You are the care coordinator of this case. Ask a colleague to take it over first: nobody checks their own opinion.")
    licence, problem = licence_of(by, locked)
    if licence is None:
        raise Refused(problem)
    if proposed_due and not now() < proposed_due <= now() + LATEST_DUE:
        raise Refused(f"Please propose a date within the next {LATEST_DUE.days} days.")
    offer.conflict = offer.conflict or Offer.Conflict.NONE
    offer.proposed_due = proposed_due
    recall_open(locked, None, keep=offer)
    accepted = move(locked, "accept", by=by, specialist=by, due_at=now() + TIME_TO_REVIEW)
    end(offer, Offer.Status.ACCEPTED)
    grant(accepted, by, Right.RECORDS, "accepted offer")
    grant(accepted, by, Right.WRITE, "accepted offer")
    return accepted


@transaction.atomic
def decline_offer(case: Case, *, by: User, code: str, text: str = "") -> Offer:
    """The offered specialist says no, for a coded reason; the coordinator is told, after three in vain the lead."""
    if code == Offer.DeclineCode.OTHER and not text.strip():
        raise Refused("Please say why in a few words.")
    locked, offer = answering(case, by)
    offer.decline_code, offer.decline_text = code, text.strip()
    end(offer, Offer.Status.DECLINED)
    journal(locked, "offer_declined", by, code=code, reason=offer.decline_text)
    audit("offer.decline", locked, by, str(offer.uid))
    for person in recipients(locked, Party.COORDINATOR):
        tell(person, "offer_answered", case=locked, key=f"answered:{offer.uid}:{person.pk}")
    tell_lead_of_failures(locked)
    return offer


def tell_lead_of_failures(case: Case) -> None:
    """Tell the leads once when three offers since the case became complete came to nothing."""
    if case.ready_at is None or Offer.objects.failed_round(case).count() < FAILED_OFFERS_TELL_LEAD:
        return
    for lead in recipients(case, Party.LEAD):
        tell(lead, "offers_exhausted", case=case, key=f"exhausted:{case.uid}:{case.ready_at.timestamp():.0f}:{lead.pk}")


def lapse() -> int:
    """Let every offer lapse whose time is over, and tell its coordinator; returns how many ended."""
    cases = Case.objects.filter(offers__in=Offer.objects.stale()).distinct()
    return sum(lapse_case(case) for case in cases)


@transaction.atomic
def lapse_case(case: Case) -> int:
    """Let the stale offers of one case end; returns how many."""
    return lapse_stale(lock(case))


def lapse_stale(case: Case) -> int:
    """End the stale offers of the locked ``case``: lapsed where their time ran out, recalled where the case moved on."""
    stale = case.offers.stale().select_for_update(of=("self",)).select_related("specialist", "case")
    gone = list(stale)
    for offer in gone:
        if case.state != State.READY:
            recall_offer(offer, None)
            continue
        end(offer, Offer.Status.LAPSED)
        journal(case, "offer_lapsed", None, party=Party.SYSTEM, reason=f"{offer.specialist} did not answer.")
        audit("offer.lapse", case, None, str(offer.uid))
        for person in recipients(case, Party.COORDINATOR):
            tell(person, "offer_lapsed", case=case, key=f"lapsed:{offer.uid}:{person.pk}")
        tell_lead_of_failures(case)
    return len(gone)


@transaction.atomic
def answer_due(case: Case, *, by: User, agree: bool) -> Case:
    """The coordinator agrees to the date that the specialist proposed, or leaves it at 48 hours; the specialist is told."""
    locked = coordinating(case, by, (State.IN_REVIEW,))
    offer = Offer.objects.behind(locked)
    if offer is None or offer.proposed_due is None or offer.due_answered_at:
        raise Conflict(locked, "There is no proposed date to answer any more.")
    offer.due_answered_by, offer.due_answered_at = by, now()
    offer.save()
    if agree:
        locked.due_at = offer.proposed_due
        locked.save(update_fields=["due_at"])
    journal(locked, "due_agreed" if agree else "due_kept", by)
    audit("offer.due", locked, by, "agreed" if agree else "kept")
    tell(offer.specialist, "due_answered", case=locked, key=f"due:{offer.uid}")
    return locked


@transaction.atomic
def hand_back(case: Case, *, by: User, reason: str) -> Case:
    """The case's specialist gives it back, for a reason; the records close to them at once."""
    if not reason.strip():
        raise Refused("Please give the reason, so that we can find the right colleague.")
    release_specialist(case)
    moved = move(case, "hand_back", by=by, reason=reason, specialist=None)
    revoke(moved, Right.RECORDS, Right.WRITE)
    return moved


@transaction.atomic
def reassign(case: Case, *, by: User, reason: str) -> Case:
    """A coordinator takes the case from its specialist, for a reason; the records close to them at once."""
    if not reason.strip():
        raise Refused("Please give the reason.")
    release_specialist(case)
    moved = move(case, "reassign", by=by, reason=reason, specialist=None)
    revoke(moved, Right.RECORDS, Right.WRITE)
    return moved


def release_specialist(case: Case) -> None:
    """Mark the offer of the present specialist as given back; their open asks end with the move."""
    offer = Offer.objects.behind(lock(case))
    if offer:
        offer.given_back_at = now()
        offer.save(update_fields=["given_back_at"])
