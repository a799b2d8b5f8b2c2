"""The verbs of a patient whose request is under way: answer, take back a consent, withdraw. Reopening is the kernel's."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import parties
from secondop.cases.asks import answer_ask
from secondop.cases.lifecycle import NotAllowed, Refused, journal, lock, move, recipients
from secondop.cases.messages import attachable
from secondop.cases.models import Ask, Case, Consent
from secondop.cases.states import MOVES, OPEN, Party
from secondop.catalog.models import ConsentText
from secondop.notices.services import tell
from secondop.web.clock import now

from .family import services as family


@transaction.atomic
def withdraw(case: Case, *, by: User, note: str = "") -> Case:
    """End the request: its specialist's and offered specialists' rights end, open asks are closed. ``note`` says why, if given.

    Raises ``Conflict`` when the case is not open any more and ``NotAllowed`` for anybody but the patient and deciding family.
    """
    return move(case, "withdraw", by=by, note=note)


@transaction.atomic
def answer(case: Case, *, by: User, ask: Ask, answers: dict[int, str], files: Iterable[Any] = ()) -> Ask:
    """Keep the new answers to ``ask``, by item, and attach ``files``, records that ``by`` may open.

    Raises ``Refused`` while it has not a single answer, and once it is closed.
    """
    is_empty = not any(text.strip() for text in answers.values()) and not ask.items.exclude(answer="").exists()
    if ask.status == Ask.Status.OPEN and is_empty:
        raise Refused("Please write at least one answer. You can add the others later.")
    answered = answer_ask(ask, by=by, answers=answers)
    answered.records.add(*attachable(case, by).filter(pk__in=[found.pk for found in files]))
    return answered


@transaction.atomic
def revoke_consent(case: Case, *, by: User, consent: Consent) -> Consent:
    """Take back a consent that was given; the care team is told.

    Without the consent to review, the request is withdrawn; without the one to tell the family, all that family may do with the
    case ends, also for the one who takes it back. Raises ``NotAllowed`` for anybody but the patient and deciding family, and
    ``Refused`` when there is nothing to take back.
    """
    locked = lock(case)
    if not parties(locked, by) & set(MOVES["withdraw"].by):
        raise NotAllowed("only the patient and deciding family take back a consent")
    consent = locked.consents.select_for_update(of=("self",)).select_related("text").get(pk=consent.pk)
    if not may_revoke(locked, consent):
        raise Refused("This consent is not in force any more.")
    consent.revoked_at = now()
    consent.save(update_fields=["revoked_at"])
    journal(locked, "consent_revoked", by)
    record("consent.revoke", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"consent:{consent.pk}")
    if consent.text.kind == ConsentText.Kind.FAMILY:
        family.end_all(locked, by=by)
    if consent.text.kind == ConsentText.Kind.REVIEW:
        withdraw(locked, by=by, note="The consent to review the records was taken back.")
    else:
        for person in recipients(locked, Party.COORDINATOR):
            tell(person, "consent_revoked", case=locked, key=f"consent:{consent.pk}:{person.pk}")
    return consent


def may_revoke(case: Case, consent: Consent) -> bool:
    """Whether ``consent`` is in force; the one to review ends with the review itself."""
    over = consent.text.kind == ConsentText.Kind.REVIEW and case.state not in OPEN
    return consent.given and consent.revoked_at is None and not over
