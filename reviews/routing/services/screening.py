"""The coordinator's verbs before a specialist is asked: claim, complete the facts, tick the checklist, mark as complete, send back."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from routing.models import Decline
from secondop.accounts.models import Role, User
from secondop.cases import checklists
from secondop.cases.authority import standing
from secondop.cases.lifecycle import Refused, journal, lock, move, recipients
from secondop.cases.models import Case, ChecklistItem
from secondop.cases.states import Party, State
from secondop.catalog.calendar import add_working_hours
from secondop.catalog.models import Specialty
from secondop.notices.services import tell
from secondop.web.clock import now

from .common import audit, coordinating
from .recalls import recall_open

HOURS_TO_ACKNOWLEDGE = 4
BEFORE_REVIEW = (State.SCREENING, State.READY)


@transaction.atomic
def claim(case: Case, *, by: User, take_over: bool = False) -> Case:
    """Make ``by`` the case's named owner and acknowledge the request.

    A case that a colleague has acknowledged is taken over only with ``take_over``, and the colleague is told. Claiming
    one's own case again changes nothing. Raises ``Refused`` when somebody else claimed it first.
    """
    locked = coordinating(case, by)
    former = locked.owner
    if former == by and locked.acknowledged_at:
        return locked
    if former not in (None, by) and locked.acknowledged_at and not take_over:
        raise Refused(f"{former} has claimed this case meanwhile.")
    locked.owner = by
    locked.acknowledged_at = locked.acknowledged_at or now()
    locked.save(update_fields=["owner", "acknowledged_at"])
    checklists.fill(locked)
    entry = journal(locked, "claimed", by)
    audit("case.claim", locked, by)
    if former not in (None, by):
        tell(former, "taken_over", case=locked, key=f"taken:{entry.pk}")
    return locked


@transaction.atomic
def set_facts(case: Case, *, by: User, specialty: Specialty, decision_date: date | None) -> Case:
    """Set what routing goes by, before a review starts. The specialty brings its checklist; of the old one, what nobody touched goes."""
    locked = coordinating(case, by, BEFORE_REVIEW)
    if locked.specialty_id != specialty.pk and locked.state != State.SCREENING:
        raise Refused("Send the case back to collecting records first: another specialty has another checklist.")
    locked.specialty, locked.decision_date = specialty, decision_date
    locked.save(update_fields=["specialty", "decision_date"])
    checklists.fill(locked)
    audit("case.facts", locked, by)
    return locked


@transaction.atomic
def check_item(case: Case, *, by: User, item_id: int, status: str, reason: str = "") -> ChecklistItem:
    """Tick an item of the checklist as arrived, waive it with a reason, or put it back to missing, while records are collected.

    A waived item becomes a limitation of the opinion. Raises ``Refused`` for a waiver without a reason or another case's item.
    """
    locked = coordinating(case, by, (State.SCREENING,))
    item = locked.checklist.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise Refused("This item is not on the checklist any more.")
    reason = reason.strip()
    if status == ChecklistItem.Status.WAIVED and not reason:
        raise Refused("Please say why the review can do without it. The specialist will read this.")
    item.case = locked
    checklists.decide(item, status, by=by, reason=reason)
    audit("case.checklist", locked, by, f"{item.pk}:{status}")
    return item


@transaction.atomic
def make_ready(case: Case, *, by: User, override: str = "") -> Case:
    """Mark the case as complete: it has a specialty, and every required item of its checklist has arrived or is waived.

    With ``override``, the reason why the review can do without them, missing required items are waived with that reason and
    so become limitations of the opinion. Raises ``Refused`` naming what is missing, a proof of authority above all.
    """
    locked = coordinating(case, by, (State.SCREENING,))
    if locked.specialty_id is None:
        raise Refused("Choose a specialty first.")
    found = standing(locked)
    if found and not found.is_met:
        raise Refused("Nobody has seen the paper that shows the right to ask. Look at it, or say why the case can go on without it.")
    checklists.fill(locked)
    override = override.strip()
    missing = locked.checklist.filter(required=True, status=ChecklistItem.Status.MISSING)
    names = list(missing.values_list("text", flat=True))
    if names and not override:
        raise Refused(f"Still missing: {'; '.join(names)}. Tick what has arrived, or say why the review can go on without it.")
    if names:
        missing.update(status=ChecklistItem.Status.WAIVED, reason=override[:300], by=by, at=now())
    return move(locked, "make_ready", by=by, reason=override if names else "", acknowledged_at=locked.acknowledged_at or now())


@transaction.atomic
def send_back(case: Case, *, by: User, reason: str, note: str = "") -> Case:
    """Go back to collecting records, for a reason; the patient reads ``note``. Open offers are recalled."""
    if not reason.strip():
        raise Refused("Please give the reason.")
    locked = coordinating(case, by, (State.READY,))
    recall_open(locked, by)
    return move(locked, "send_back", by=by, reason=reason, note=note)


@transaction.atomic
def decline(case: Case, *, by: User, code: str, text: str, alternative: str) -> Decline:
    """Decline the request for a coded reason, with words for the patient and what they can do instead.

    On clinical grounds a coordinator only proposes it: the row waits and the leads are told; a lead declines at once.
    Raises ``Refused`` without the words, or when a proposal waits already.
    """
    if not (text.strip() and alternative.strip()):
        raise Refused("Please write what the patient should know, and what they can do instead.")
    locked = coordinating(case, by, BEFORE_REVIEW)
    row = Decline(case=locked, code=code, text=text.strip(), alternative=alternative.strip(), proposed_by=by)
    row.clinical = code == Decline.Code.CLINICAL
    if row.clinical and not by.has_role(Role.LEAD):
        return propose(row)
    waiting = locked.declines.filter(status=Decline.Status.WAITING).first()
    if waiting and (waiting.code, waiting.text) == (row.code, row.text):
        row = waiting
    elif waiting:
        settle(waiting, Decline.Status.DROPPED, by)
    settle(row, Decline.Status.CONFIRMED, by)
    recall_open(locked, by)
    move(locked, "decline", by=by, code=row.code, note=row.note)
    return row


def propose(row: Decline) -> Decline:
    """Leave a decline to a lead; meanwhile nobody is asked to review the case. Raises ``Refused`` when one waits already."""
    case = row.case
    if case.declines.filter(status=Decline.Status.WAITING).exists():
        raise Refused("A proposal to decline this case waits for a lead already.")
    recall_open(case, row.proposed_by)
    row.save()
    journal(case, "decline_asked", row.proposed_by, code=row.code)
    audit("case.decline_propose", case, row.proposed_by)
    for lead in recipients(case, Party.LEAD):
        tell(lead, "decline_confirm_wanted", case=case, key=f"decline:{row.pk}:{lead.pk}")
    return row


def settle(row: Decline, status: str, by: User, answer: str = "") -> None:
    """Write how a proposal to decline ended."""
    row.status, row.answered_by, row.answered_at, row.answer = status, by, now(), answer
    row.save()


@transaction.atomic
def confirm_decline(case: Case, *, by: User) -> Decline:
    """A lead agrees with the proposal that waits: the case is declined in its words. Raises ``Refused`` when none waits."""
    row = waiting_proposal(coordinating(case, by, BEFORE_REVIEW, lead=True))
    return decline(case, by=by, code=row.code, text=row.text, alternative=row.alternative)


@transaction.atomic
def reject_decline(case: Case, *, by: User, answer: str) -> Decline:
    """A lead does not agree, and says why to the colleague who proposed it; the case goes on."""
    if not answer.strip():
        raise Refused("Please tell your colleague why.")
    locked = coordinating(case, by, BEFORE_REVIEW, lead=True)
    row = waiting_proposal(locked)
    settle(row, Decline.Status.REJECTED, by, answer.strip())
    journal(locked, "decline_rejected", by, reason=row.answer)
    audit("case.decline_reject", locked, by)
    tell(row.proposed_by, "decline_rejected", case=locked, key=f"decline:{row.pk}:rejected")
    return row


def waiting_proposal(case: Case) -> Decline:
    """The proposal to decline that waits for a lead. Raises ``Refused`` when there is none."""
    row = case.declines.select_for_update().filter(status=Decline.Status.WAITING).first()
    if row is None:
        raise Refused("No proposal to decline waits here.")
    return row


def unacknowledged(cases=None):
    """Cases in screening that nobody has acknowledged, with ``arrived_at``, when they came or came back."""
    cases = Case.objects.all() if cases is None else cases
    arrived = cases.annotate(arrived_at=Coalesce("reopened_at", "submitted_at", "created_at"))
    return arrived.filter(state=State.SCREENING, acknowledged_at__isnull=True)


def tell_leads_of_unacknowledged() -> int:
    """Tell the leads, once a case, of requests nobody has acknowledged for four working hours; returns how many cases."""
    told = 0
    for case in unacknowledged().filter(lead_told_at__isnull=True, arrived_at__lt=now() - timedelta(hours=HOURS_TO_ACKNOWLEDGE)):
        if add_working_hours(case.arrived_at, HOURS_TO_ACKNOWLEDGE) > now():
            continue
        with transaction.atomic():
            fresh = lock(case)
            if fresh.lead_told_at or fresh.acknowledged_at or fresh.state != State.SCREENING:
                continue
            fresh.lead_told_at = now()
            fresh.save(update_fields=["lead_told_at"])
            for lead in recipients(fresh, Party.LEAD):
                tell(lead, "unacknowledged", case=fresh, key=f"late:{fresh.uid}:{case.arrived_at.timestamp():.0f}:{lead.pk}")
        told += 1
    return told
