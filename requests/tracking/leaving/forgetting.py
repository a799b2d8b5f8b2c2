"""What is left of a person whose account is closed: nothing of their own, and no name where they took part in cases of others.

What stays by name is what they signed for somebody else, with the name they typed; the audit log keeps what they did by their number.
"""

from functools import reduce
from operator import or_

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel, Model, ProtectedError, Q

from secondop.accounts.models import Invitation, User
from secondop.audit.services import record
from secondop.cases.access import Access, Right
from secondop.cases.lifecycle import journal
from secondop.cases.models import Brief, Handover, JournalEntry
from secondop.cases.states import Party, State
from secondop.exports import services as exports
from secondop.notices.models import Notice
from secondop.notices.services import tell_address, unname
from secondop.web.clock import now

from ..models import Helper

STAFF = (Party.SPECIALIST, Party.COORDINATOR, Party.LEAD)
NOBODY = "Somebody with a closed account"  # the name that stays where the person took part in cases of others


def forget(user: User) -> None:
    """Delete the account and all that is the person's own. Where a case of somebody else names them, a row without a name stays."""
    email, name, theirs = user.email, user.full_name, sent_to(user)
    unname(user, Access.objects.filter(user=user).values_list("case__uid", flat=True), NOBODY)
    stop_helping(user)
    empty_invitations(theirs)
    unsign_drafts(user)
    exports.discard_all(user)
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=user).values("session_key")).delete()
    Notice.objects.filter(theirs).delete()
    forget_staff(user, theirs)
    delete_owned(user)
    record("account.close", by=user)
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        blank(user)
    tell_address(email, "account_closed", context={"name": name})


def sent_to(user: User) -> Q:
    """Rows whose ``email`` is an address of ``user``, however it is spelled."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return reduce(or_, (Q(email__iexact=email) for email in addresses), Q(email__iexact=user.email))


def stop_helping(user: User) -> None:
    """End what ``user`` does in cases of others, as the cases' people will read it: without a name."""
    for helper in Helper.objects.filter(user=user).select_related("case"):
        if helper.status == Helper.Status.ACCEPTED:
            helper.status, helper.ended_at = Helper.Status.ENDED, now()
            journal(helper.case, "family_ended", None, party=Party.SYSTEM, about=user)
        helper.email, helper.full_name = "", NOBODY
        helper.save()


def empty_invitations(theirs: Q) -> None:
    """End the invitations to cases of others that nobody took up, and take out whom they were sent to."""
    unanswered = Helper.objects.filter(theirs, user=None)
    unanswered.filter(status=Helper.Status.INVITED).update(status=Helper.Status.CANCELLED, ended_at=now())
    unanswered.update(email="", full_name=NOBODY)
    handovers = Handover.objects.filter(theirs, user=None)
    handovers.filter(status=Handover.Status.INVITED).update(status=Handover.Status.CANCELLED)
    handovers.update(email="", full_name=NOBODY)


def unsign_drafts(user: User) -> None:
    """Take what ``user`` signed out of requests of others that were not sent; what is under a sent one is evidence, and stays."""
    drafts = Brief.objects.filter(signed_by=user, case__state=State.DRAFT)
    drafts.update(signed_name="", signed_at=None, signed_by=None, signed_ip=None, signed_agent="")


def forget_staff(user: User, theirs: Q) -> None:
    """Delete invitations to work here, and what the administration's own list of changes calls them and ``user``."""
    invitations = Invitation.objects.filter(theirs)
    for model, keys in ((User, [user.pk]), (Invitation, invitations.values_list("pk", flat=True))):
        kind = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=kind, object_id__in=map(str, keys)).delete()
    invitations.delete()


def delete_owned(user: User) -> None:
    """Delete every row that goes with the account."""
    for link in User._meta.get_fields(include_hidden=True):
        if isinstance(link, ForeignObjectRel) and link.on_delete is CASCADE:
            model: type[Model] = link.field.model
            rows = model._base_manager.filter(**{link.field.name: user})
            # By the parent's ended right a grown child's case is known to wait for its owner.
            (rows.exclude(right=Right.OWN) if model is Access else rows).delete()


def has_worked_here(user: User) -> bool:
    """Whether ``user`` has reviewed or looked after cases, which keep the names of those who did."""
    return hasattr(user, "specialist_profile") or JournalEntry.objects.filter(by=user, party__in=STAFF).exists()


def blank(user: User) -> None:
    """Take out of the account's row who it was; whoever has worked here stays named with that work."""
    user.email, user.time_zone = f"closed-{user.pk}@account.invalid", ""
    if not has_worked_here(user):
        user.full_name = NOBODY
    user.is_active, user.away_until, user.last_login = False, None, None
    user.set_unusable_password()
    user.save()
