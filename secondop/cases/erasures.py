"""Cases that are to be erased: asked for by their patient, kept after all, or carried out when the week is over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.notices.services import tell
from secondop.web.clock import now

from .access import FAMILY_RIGHTS, SPECIALIST_RIGHTS, Access, Right, grant, parties
from .erasing import erase
from .lifecycle import NotAllowed, Refused, journal, lock, recipients
from .models import Case, ErasureRequest
from .states import ENDED, OPEN, Party

LEASE = timedelta(minutes=10)


@transaction.atomic
def ask(case: Case, *, by: User, with_account: bool = False) -> ErasureRequest:
    """Note that ``case`` is to be erased in a week; no specialist sees it from now on. Asked twice, the first time counts.

    Only who holds the case as their own asks: that is whoever began it for a child or for somebody who cannot. Whom they let in
    decides about its course, not about its end. Raises ``NotAllowed`` for all others, and ``Refused`` while it is under way.
    """
    locked = lock(case)
    check_patient(locked, by)
    if locked.state in OPEN:
        raise Refused("Work on this case has to stop first.")
    found = ErasureRequest.objects.filter(case=locked).first()
    if found:
        return found
    asked = ErasureRequest.objects.create(case=locked, asked_by=by, with_account=with_account)
    Access.objects.active().filter(case=locked, right__in=SPECIALIST_RIGHTS).update(until=asked.asked_at)
    journal(locked, "erase_asked", by)
    record("case.erase_ask", by=by, case_uid=locked.uid, patient_id=locked.patient_id)
    if not with_account:  # its own mail tells of the account, and of all cases at once
        for person in recipients(locked, Party.PATIENT):
            tell(person, "erase_asked", case=locked, key=f"erase:{asked.pk}:{person.pk}", context={"day": day(asked.due_at)})
    return asked


@transaction.atomic
def keep(case: Case, *, by: User) -> bool:
    """Take the wish back; the specialist of a case that goes on sees it again. Returns whether there was something to take back.

    Raises ``NotAllowed`` for anybody but the patient.
    """
    locked = lock(case)
    check_patient(locked, by)
    asked = ErasureRequest.objects.select_for_update().filter(case=locked).first()
    if asked is None:
        return False
    take_back(asked, locked, by)
    journal(locked, "erase_kept", by)
    record("case.erase_keep", by=by, case_uid=locked.uid, patient_id=locked.patient_id)
    return True


def take_back(asked: ErasureRequest, case: Case, by: User | None) -> None:
    """End the wish ``asked`` about ``case``, which is locked: the specialist of a case that goes on sees it again."""
    if case.state not in ENDED:
        for row in Access.objects.filter(case=case, until=asked.asked_at, right__in=SPECIALIST_RIGHTS).select_related("user"):
            grant(case, row.user, Right(row.right), "the case is kept", given_by=by)
    asked.delete()


def carry_out(asked: ErasureRequest) -> bool:
    """Erase the case now, by whom it was asked, and tell its people; whether this call did it.

    The wish of a parent whose child is an adult now counts for nothing.
    The lease lets a case that cannot be erased wait, while the others go on.
    """
    at = now()
    if not ErasureRequest.objects.due().filter(pk=asked.pk).update(taken_until=at + LEASE):
        return False
    with transaction.atomic():
        # The case first, as all who write to it do: the other way round, this and keep() would wait for each other.
        case = Case.objects.select_for_update(of=("self",)).filter(pk=asked.case_id).first()
        mine = ErasureRequest.objects.select_for_update(of=("self",)).filter(pk=asked.pk, taken_until=at + LEASE)
        found = mine.select_related("asked_by").first()
        if case is None or found is None:
            return False
        if not Access.objects.active().filter(case=case, user=found.asked_by, right=Right.OWN).exists():
            drop(found, case)
            return False
        erase_for(found.asked_by, case, "account closed" if found.with_account else "asked by the patient")
        if not found.with_account:
            tell(found.asked_by, "erased", key=f"erased:{case.uid}", context={"reference": case.reference})
    return True


def drop(asked: ErasureRequest, case: Case) -> None:
    """Let go of a wish that counts for nothing now; ``case``, whose it is, is locked."""
    take_back(asked, case, None)
    journal(case, "erase_dropped", None, party=Party.SYSTEM)


def drop_with_account(user: User) -> None:
    """Let go of what ``user`` asked for with the account, in the current transaction: also on cases that are theirs no longer."""
    for asked in ErasureRequest.objects.filter(asked_by=user, with_account=True).select_related("case").order_by("case_id"):
        drop(asked, lock(asked.case))


@transaction.atomic
def erase_for(patient: User, case: Case, reason: str) -> None:
    """Erase ``case`` in the name of its patient, and tell family that they see it no longer."""
    rows = Access.objects.active().filter(case=case, right__in=FAMILY_RIGHTS).select_related("user")
    family = {row.user for row in rows if row.user} - {patient}
    if erase(case, by=patient, reason=reason):
        for person in family:
            tell(person, "family_ended", key=f"erased:{case.uid}:{person.pk}", context={"reference": case.reference})


def carry_out_due() -> int:
    """Erase every case whose day has come; returns how many."""
    return sum(carry_out(asked) for asked in ErasureRequest.objects.due().order_by("due_at"))


def is_asked(case: Case) -> bool:
    """Whether ``case`` is to be erased; no query for one that came through the gate."""
    return getattr(case, "erasure", None) is not None


def check_patient(case: Case, by: User) -> None:
    """Raise ``NotAllowed`` unless ``by`` is the patient of the case."""
    if Party.PATIENT not in parties(case, by):
        raise NotAllowed("only the patient has a case erased")


def day(moment: datetime) -> str:
    """A day with its weekday, for mails."""
    return date_format(localtime(moment), "l j F Y")
