"""A child is an adult now: the desk invites them by a link, and they take the case over; the parent keeps nothing."""

from django.db import transaction
from django.urls import reverse

from secondop.accounts.models import Role, User
from secondop.accounts.services import has_address
from secondop.audit.services import record
from secondop.catalog.models import ConsentText
from secondop.notices.services import tell, tell_address
from secondop.web.clock import now

from .access import PRIVATE_RIGHTS, SPECIALIST_RIGHTS, Access, Right, grant, parties, revoke
from .consents import in_force
from .erasures import drop
from .lifecycle import NotAllowed, Refused, journal, lock, recipients
from .models import Case, ErasureRequest, Handover
from .models.brief import ForWhom
from .states import Party, State

Status = Handover.Status


class LinkUsed(Exception):
    """The invitation was used, replaced by a new one, has run out, or was never made."""


class WrongAccount(Exception):
    """The invitation is for another address than those of the signed-in account."""


def waits_for_owner(case: Case) -> bool:
    """Whether the case belongs to nobody since the child is an adult."""
    if case.brief.birth_date is None or case.taken_over_at or case.state == State.DRAFT:
        return False
    return Access.objects.outgrown(case.patient).filter(case=case).exists()


@transaction.atomic
def invite(case: Case, *, by: User, email: str, full_name: str, identity: str) -> tuple[Handover, str]:
    """Send the patient, an adult now, a link by which they take ``case`` over; gives the row and the path of its link.

    ``identity`` says how ``by``, a coordinator, checked who they are. An open invitation is replaced. Raises ``NotAllowed`` for anybody
    else, and ``Refused`` while a parent still asks for them, without ``identity``, and for the parent's own address.
    """
    locked, email = lock(case), email.strip().lower()
    if Party.COORDINATOR not in parties(locked, by):
        raise NotAllowed("only the care team hands a case over")
    if not waits_for_owner(locked):
        raise Refused("Nobody has to take this case over now.")
    if not identity.strip():
        raise Refused("Please write how you checked who they are.")
    if has_address(locked.patient, email):
        raise Refused("This address belongs to the person who asked for them. The patient needs one of their own.")
    locked.handovers.filter(status=Status.INVITED).update(status=Status.CANCELLED)
    handover = Handover(case=locked, email=email, full_name=full_name, identity=identity.strip(), invited_by=by)
    link = reverse("tracking:handover", args=[handover.new_secret()])
    handover.save()
    tell_address(email, "handover_invited", case=locked, link=link, context={"name": full_name}, key=f"handover:{handover.uid}")
    journal(locked, "handover_invited", by, reason=handover.identity)
    record("handover.invite", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"handover:{handover.uid}")
    return handover, link


def find(secret: str) -> Handover:
    """The invitation of a link. Raises ``LinkUsed`` when it does not work any more."""
    handover = Handover.objects.open().of_secret(secret).select_related("case__patient", "case__brief").first()
    if handover is None or not waits_for_owner(handover.case):
        raise LinkUsed
    return handover


def check_account(handover: Handover, user: User) -> None:
    """Raise ``WrongAccount`` unless the invited address is a verified one of ``user``."""
    if not has_address(user, handover.email):
        raise WrongAccount


def check_person(case: Case, user: User) -> None:
    """The patient is neither who asked for them nor the clinic. Raises ``Refused``."""
    at_work = Access.objects.active().filter(case=case, user=user, right__in=SPECIALIST_RIGHTS).exists()
    if user.pk == case.patient_id or at_work or user.pk == case.specialist_id or user.has_role(Role.COORDINATOR):
        raise Refused("This account has another part in the case. Please make an account of your own, and ask for a new invitation.")


@transaction.atomic
def take_over(secret: str, *, by: User) -> Case:
    """Make ``by`` the patient whose case it is, once. All that others held as family ends, and so do the consent to let them in
    and a parent's wish to have the case erased.

    Raises ``LinkUsed``, ``WrongAccount``, also for an account that was closed a moment ago, and ``Refused`` for the parent and for
    those who work on the case.
    """
    if not User.objects.get_queryset().select_for_update(no_key=True).filter(pk=by.pk, is_active=True).first():
        raise WrongAccount
    lock(find(secret).case)
    handover = find(secret)
    check_account(handover, by)
    case = lock(handover.case)
    check_person(case, by)
    revoke(case, *PRIVATE_RIGHTS)
    if asked := ErasureRequest.objects.select_for_update().filter(case=case).first():
        drop(asked, case)
    grant(case, by, Right.OWN, "took over their own case", given_by=handover.invited_by)
    case.patient, case.taken_over_at = by, now()
    case.save(update_fields=["patient", "taken_over_at"])
    case.brief.for_whom = ForWhom.SELF
    case.brief.save(update_fields=["for_whom"])
    if shared := in_force(case, ConsentText.Kind.FAMILY):
        shared.revoked_at = now()
        shared.save(update_fields=["revoked_at"])
    handover.status, handover.user, handover.answered_at = Status.ACCEPTED, by, now()
    handover.save(update_fields=["status", "user", "answered_at"])
    journal(case, "handed_over", by)
    record("handover.accept", by=by, case_uid=case.uid, patient_id=by.pk, target=f"handover:{handover.uid}")
    tell(by, "handed_over", case=case, key=f"handed-over:{handover.uid}")
    for person in recipients(case, Party.COORDINATOR):
        tell(person, "handed_over_desk", case=case, key=f"handed-over:{handover.uid}:{person.pk}")
    return case
