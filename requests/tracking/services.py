"""The verbs of a patient whose request is under way: answer, take back a consent, withdraw. Reopening is the kernel's."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from intake import copies
from intake.consents import give, take_back
from intake.models import ConsentCopy
from intake.services import Origin
from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases import handover
from secondop.cases.access import parties
from secondop.cases.asks import answer_ask
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import NotAllowed, Refused, journal, lock, move, recipients
from secondop.cases.messages import attachable
from secondop.cases.models import Ask, Case, Consent
from secondop.cases.states import MOVES, Party
from secondop.catalog.models import ConsentText
from secondop.documents import services as documents
from secondop.documents.models import Document
from secondop.notices.services import tell

from . import consents
from .consents import may_revoke
from .family import services as family

NOT_OFFERED = "You have agreed to this already, or it has no use any more."
NOT_IN_FORCE = "This consent is not in force any more."


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
    locked = lock_to_decide(case, by)
    consent = locked.consents.select_for_update(of=("self",)).select_related("text").get(pk=consent.pk)
    if not may_revoke(locked, consent):
        raise Refused(NOT_IN_FORCE)
    take_back(consent, by=by)
    copies.order(consent)
    journal(locked, "consent_revoked", by)
    touch(locked)
    record("consent.revoke", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"consent:{consent.pk}")
    if consent.text.kind == ConsentText.Kind.FAMILY:
        family.end_all(locked, by=by)
    if consent.text.kind == ConsentText.Kind.REVIEW:
        withdraw(locked, by=by, note="The consent to review the records was taken back.")
    else:
        for person in recipients(locked, Party.COORDINATOR):
            tell(person, "consent_revoked", case=locked, key=f"consent:{consent.pk}:{person.pk}")
    return consent


@transaction.atomic
def give_consent(case: Case, *, by: User, key: str, typed_name: str, sha256: str, origin: Origin) -> Consent:
    """Sign the consent that the words of this case call ``key``, after it was refused, taken back or never asked for.

    Raises ``NotAllowed`` for anybody but the patient and deciding family, and ``Refused`` when it is in force already, has no use
    any more, its words are not those with the hash ``sha256``, or too many copies were made within the hour.
    """
    locked = lock_to_decide(case, by)
    words = consents.wording(locked, by, key)
    if words is None:
        raise Refused(NOT_OFFERED)
    if words.sha256 != sha256:
        raise Refused("These words have changed since you read them. Please read them and sign again.")
    if words.text.kind == ConsentText.Kind.FAMILY:
        return family.agree(locked, by=by, typed_name=typed_name, sha256=sha256, origin=origin)
    documents.check_pace(locked)
    consent = give(locked, words, by=by, typed_name=typed_name, ip=origin.ip, agent=origin.agent)
    copies.order(consent)
    journal(locked, "consent_given", by)
    record("consent.give", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"consent:{consent.pk}")
    return consent


@transaction.atomic
def take_over(secret: str, *, by: User) -> Case:
    """``handover.take_over()``, with a copy that says so of each consent that it takes back. Raises as that does."""
    case = handover.take_over(secret, by=by)
    for consent in case.consents.filter(revoked_at__isnull=False).exclude(copies__taken_back=True).select_related("text", "case"):
        copies.order(consent)
    return case


@transaction.atomic
def remake_copy(case: Case, *, by: User, copy: ConsentCopy) -> Document:
    """Try a signed copy of a consent that failed again.

    Raises ``NotAllowed`` for anybody but the patient, deciding family and the care team, ``Refused`` as ``documents.retry()``.
    """
    if not parties(case, by) & {*MOVES["withdraw"].by, Party.COORDINATOR}:
        raise NotAllowed("only those who may read a consent have its copy made")
    return documents.retry(copy, by=by)


def lock_to_decide(case: Case, by: User) -> Case:
    """The case, locked. Raises ``NotAllowed`` for anybody but the patient and deciding family."""
    locked = lock(case)
    if not parties(locked, by) & set(MOVES["withdraw"].by):
        raise NotAllowed("only the patient and deciding family give and take back consents")
    return locked
