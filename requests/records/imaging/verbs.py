"""What people do about files that name somebody: say whose they are, decide it; and take a whole series of images out."""

from django.db import transaction
from django.db.models import Q

from records import removing
from records.models import Purpose
from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.access import Right
from secondop.cases.checklists import refresh
from secondop.cases.lifecycle import NotAllowed, Refused, journal, lock
from secondop.cases.models import Case
from secondop.web.clock import now

from .asking import tell_desk
from .models import Answer, Decision, Identity, Series, Verdict

ALREADY = "This was answered before. Thank you."


@transaction.atomic
def answer(case: Case, *, by: User, identity: Identity, is_own: bool, reason: str = "") -> None:
    """The patient's side says whether the files that name somebody else are the patient's; it counts once.

    "Yes" needs a ``reason``; it opens them to specialists unless the birth date or the sex differs too, which a coordinator has to look
    at. "No" takes them out at once; those that a specialist may have seen stay, set aside. Raises ``NotAllowed`` and ``Refused``.
    """
    case, found = locked(case, by, Right.DECIDE, identity)
    if found.answer or found.decision or found.verdict != Verdict.DIFFERS:
        raise Refused(ALREADY)
    found.answer = Answer.YES if is_own else Answer.NO
    found.reason, found.answered_by, found.answered_at = reason, by, now()
    turn(found, is_open=is_own and found.differs == ["name"])
    journal(case, "identity_own" if is_own else "identity_other", by)
    audit("identity.answer", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(found.uid))
    tell_desk(case, found, by)
    if not is_own:
        take_out(case, found)


@transaction.atomic
def decide(case: Case, *, by: User, identity: Identity, accept: bool, note: str) -> None:
    """A coordinator settles whose the files of ``identity`` are, whatever was answered; may be settled anew.

    Accepted ones open to specialists, others are set aside, and taken out where no specialist may have seen them. Raises ``NotAllowed``.
    """
    case, found = locked(case, by, Right.COORDINATE, identity)
    found.decision = Decision.ACCEPTED if accept else Decision.REJECTED
    found.note, found.decided_by, found.decided_at = note, by, now()
    turn(found, is_open=accept)
    journal(case, "identity_accepted" if accept else "identity_rejected", by)
    audit("identity.decide", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(found.uid))
    if not accept:
        take_out(case, found)


@transaction.atomic
def remove_series(case: Case, *, by: User, series: Series) -> None:
    """Take all files of a series that ``by`` sees out of the case.

    Raises ``NotAllowed``, and ``Refused`` once a specialist may have seen one of them.
    """
    case = removing.locked(case, by)
    found = case.series.filter(pk=series.pk).first()
    if found is None:
        return
    records = case.records.listed_to(by).filter(series=found)
    if len(may_go := removing.removable(case, records)) < records.count():
        raise Refused(removing.ALL_STAYS[Purpose.MEDICAL])
    count = removing.discard(case, may_go)
    journal(case, "record_removed", by, note=f"{count} file{'' if count == 1 else 's'}")
    audit("series.remove", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(found.uid), detail={"count": count})


def locked(case: Case, by: User, right: Right, identity: Identity) -> tuple[Case, Identity]:
    """The case, locked, and its identity as it is now. Raises ``NotAllowed``, and ``Refused`` when it is gone."""
    case = lock(case)
    if not Case.objects.visible_to(by, right).filter(pk=case.pk).exists():
        raise NotAllowed("this is not theirs to say")
    found = case.identities.filter(pk=identity.pk).first()
    if found is None:
        raise Refused("These files are no longer here.")
    return case, found


def turn(identity: Identity, *, is_open: bool) -> None:
    """Open the files to specialists, or set them aside, and save; the checklist ticks what is there for them."""
    if is_open and identity.set_aside:
        identity.opened_at = now()
    identity.set_aside = not is_open
    identity.save()
    refresh(identity.case)


def take_out(case: Case, identity: Identity) -> None:
    """Remove what is somebody else's, so far as no specialist may have seen it."""
    theirs = case.records.filter(Q(series__identity=identity) | Q(identity=identity))
    removing.discard(case, removing.removable(case, theirs))
