"""The verbs around family and helpers: agree to share, invite, take back, accept, decline, end."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from intake import consents, copies
from intake.services import Origin, unshare
from secondop.accounts.models import User
from secondop.accounts.services import has_address
from secondop.audit.services import record
from secondop.cases.access import FAMILY_RIGHTS, Right, grant, revoke
from secondop.cases.consents import in_force
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import Refused, journal, lock
from secondop.cases.messages import DOUBLE_POST
from secondop.cases.models import Case, Consent
from secondop.documents import services as documents
from secondop.notices.content import naming
from secondop.notices.services import tell, tell_address
from secondop.web.clock import now

from ..models import Helper
from . import rules

Status = Helper.Status


class LinkUsed(Exception):
    """The invitation was answered, taken back or renewed, has run out, or was never made."""


class WrongAccount(Exception):
    """The invitation is for another address than those of the signed-in account."""


@transaction.atomic
def agree(case: Case, *, by: User, typed_name: str, sha256: str, origin: Origin) -> Consent:
    """Sign the consent to share the case with family, whose words have the hash ``sha256``; once in force it is given back as it is.

    Invitations under an earlier consent, which a no on the last screen has ended, do not come back with a new one. Raises
    ``NotAllowed`` for anybody but the patient and deciding family, ``Refused`` when the words have changed.
    """
    locked = rules.lock_to_manage(case, by)
    known = in_force(locked, consents.Kind.FAMILY)
    if known:
        return known
    wording = consents.wording_of(locked, by, consents.Kind.FAMILY)
    if wording is None or wording.sha256 != sha256:
        raise Refused("These words have changed since you read them. Please read them and sign again.")
    documents.check_pace(locked)
    locked.helpers.filter(status=Status.INVITED).update(status=Status.CANCELLED, ended_at=now())
    consent = consents.give(locked, wording, by=by, typed_name=typed_name, ip=origin.ip, agent=origin.agent)
    touch(locked)
    copies.order(consent)
    record("consent.give", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"consent:{consent.pk}")
    return consent


@transaction.atomic
def invite(
    case: Case, *, by: User, email: str, full_name: str, rights: Iterable[Right], until: datetime | None = None
) -> tuple[Helper, str]:
    """Invite an address to follow ``case``, and to do what ``rights`` name, until ``until``; gives the row and the path of its link.

    Seeing the status goes with every right. What a child's parent gives without an end ends with the parent's own right. An open
    invitation of the same address is replaced, and its link ends; but sent twice at once it stays one, and the second time gives no
    path. Raises ``NotAllowed`` as ``agree()``, and ``Refused`` without that consent, for more than ``by`` holds, and beyond the limits.
    """
    locked = rules.lock_to_manage(case, by)
    email, wanted = email.strip().lower(), {Right.STATUS, *rights}
    if in_force(locked, consents.Kind.FAMILY) is None:
        raise Refused("Please sign the consent to share your case first.")
    if email in (locked.patient.email.lower(), by.email.lower()):
        raise Refused("This address can see the case already.")
    if by.pk == locked.patient_id:
        until = until or rules.own_end(locked, by)
    rules.check_gift(locked, by, wanted, until)
    ordered = [str(right) for right in FAMILY_RIGHTS if right in wanted]
    same = {"email": email, "full_name": full_name, "rights": ordered, "until": until, "invited_by": by}
    if twice := locked.helpers.open().filter(created_at__gt=now() - DOUBLE_POST, **same).first():
        return twice, ""
    rules.check_room(locked, by, email)
    locked.helpers.filter(email__iexact=email, status=Status.INVITED).update(status=Status.CANCELLED, ended_at=now())
    helper = Helper(case=locked, **same)
    link = reverse("tracking:family_invitation", args=[helper.new_secret()])
    helper.save()
    context = {"name": full_name, **naming(by, "Somebody you know")}
    tell_address(email, "family_invited", case=locked, link=link, context=context, key=f"family:{helper.uid}")
    touch(locked)
    record("family.invite", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"helper:{helper.uid}")
    return helper, link


def invite_again(case: Case, *, by: User, helper: Helper) -> tuple[Helper, str]:
    """Send the invitation anew, with a new link. Raises as ``invite()``, and ``Refused`` for one that was accepted or taken back."""
    if helper.status not in (Status.INVITED, Status.DECLINED):
        raise Refused("This invitation has been answered or taken back. Please invite the person once more below.")
    rights = [Right(right) for right in helper.rights]
    return invite(case, by=by, email=helper.email, full_name=helper.full_name, rights=rights, until=helper.until)


@transaction.atomic
def cancel(case: Case, *, by: User, helper: Helper) -> None:
    """Take an invitation back before it is answered: its link ends. Raises ``NotAllowed``, and ``Refused`` when it is too late."""
    locked = rules.lock_to_manage(case, by)
    if not locked.helpers.filter(pk=helper.pk, status=Status.INVITED).update(status=Status.CANCELLED, ended_at=now()):
        raise Refused("This invitation has been answered or taken back already.")
    touch(locked)
    record("family.cancel", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"helper:{helper.uid}")


@transaction.atomic
def end(case: Case, *, by: User, person: User) -> None:
    """End all that ``person`` may do with ``case`` as family, now, and the invitations they made; they are told, without a reason.

    Raises ``NotAllowed`` for anybody but the patient and deciding family, and ``Refused`` when there is nothing to end.
    """
    locked = rules.lock_to_manage(case, by)
    if person.pk == locked.patient_id or not revoke(locked, *FAMILY_RIGHTS, user=person):
        raise Refused(f"{person} has no access to this case any more.")
    locked.helpers.filter(user=person, status=Status.ACCEPTED).update(status=Status.ENDED, ended_at=now())
    locked.helpers.filter(invited_by=person, status=Status.INVITED).update(status=Status.CANCELLED, ended_at=now())
    journal(locked, "family_ended", by, about=person)
    touch(locked)
    record("family.end", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"user:{person.pk}")
    if person != by:
        tell(person, "family_ended", case=locked)


def end_all(case: Case, *, by: User) -> None:
    """End what everybody of the family may do with the locked ``case``, and take back open invitations; called with the consent."""
    unshare(case, by=by)
    case.helpers.filter(status=Status.ACCEPTED).update(status=Status.ENDED, ended_at=now())
    case.helpers.filter(status=Status.INVITED).update(status=Status.CANCELLED, ended_at=now())


def find(secret: str) -> Helper:
    """The invitation of a link. Raises ``LinkUsed`` when it does not work any more."""
    helper = Helper.objects.open().of_secret(secret).select_related("case__patient", "invited_by").first()
    if helper is None or not rules.still_holds(helper):
        raise LinkUsed
    return helper


def check_account(helper: Helper, user: User) -> None:
    """Raise ``WrongAccount`` unless the invited address is a verified one of ``user``."""
    if not has_address(user, helper.email):
        raise WrongAccount


def take_up(secret: str, by: User) -> Helper:
    """The invitation of a link and its case, locked, for its own person. Raises ``LinkUsed`` and ``WrongAccount``."""
    lock(find(secret).case)
    helper = find(secret)
    check_account(helper, by)
    return helper


@transaction.atomic
def accept(secret: str, *, by: User) -> Helper:
    """Take up an invitation, once; what ``by`` may do from now on is what it says. The patient is told.

    Raises ``LinkUsed``, ``WrongAccount``, and ``Refused`` for the patient and for those who work on the case.
    """
    helper = take_up(secret, by)
    case = helper.case
    rules.check_person(case, by)
    revoke(case, *FAMILY_RIGHTS, user=by)
    case.helpers.filter(user=by, status=Status.ACCEPTED).update(status=Status.ENDED, ended_at=now())
    for right in helper.rights:
        grant(case, by, Right(right), "family", until=helper.until, given_by=helper.invited_by)
    helper.status, helper.user, helper.answered_at = Status.ACCEPTED, by, now()
    helper.save(update_fields=["status", "user", "answered_at"])
    journal(case, "family_joined", by)
    touch(case)
    record("family.accept", by=by, case_uid=case.uid, patient_id=case.patient_id, target=f"helper:{helper.uid}")
    link = reverse("tracking:family", args=[case.uid])
    tell(
        case.patient,
        "family_joined",
        case=case,
        link=link,
        context=naming(by, "Somebody"),
        key=f"joined:{helper.uid}",
    )
    return helper


@transaction.atomic
def decline(secret: str, *, by: User) -> Helper:
    """Say no to an invitation; its link ends. Raises ``LinkUsed`` and ``WrongAccount``."""
    helper = take_up(secret, by)
    helper.status, helper.answered_at = Status.DECLINED, now()
    helper.save(update_fields=["status", "answered_at"])
    record("family.decline", by=by, case_uid=helper.case.uid, patient_id=helper.case.patient_id, target=f"helper:{helper.uid}")
    return helper
