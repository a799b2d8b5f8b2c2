"""Verbs about accounts: inviting staff, accepting an invitation, and forgetting sessions that ended."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from secondop.audit.services import record
from secondop.notices.services import tell_address
from secondop.web.clock import now

from .models import Invitation, Role, User

SESSIONS_KNOWN = timedelta(days=1)  # so long a form that comes after its session ended finds out whose it was


class InvitationUsed(Exception):
    """The invitation has expired, was accepted before, or was never made."""


@transaction.atomic
def invite(email: str, full_name: str, role: Role, *, by: User | None) -> tuple[Invitation, str]:
    """Invite an address to join the staff in ``role``; returns the invitation and the path of its link, mailed as well."""
    invitation = Invitation(email=email.strip().lower(), full_name=full_name, role=role, invited_by=by)
    secret = invitation.new_secret()
    invitation.save()
    link = reverse("accounts:invitation", args=[secret])
    tell_address(invitation.email, "invitation", link=link, context={"name": full_name}, key=f"invitation:{invitation.uid}")
    record("staff.invite", by=by, target=f"{role}:{invitation.uid}")
    return invitation, link


def has_address(user: User, email: str) -> bool:
    """Whether ``email`` is a verified address of ``user``."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def find_invitation(secret: str) -> Invitation:
    """The open invitation of a link's secret. Raises ``InvitationUsed``."""
    invitation = Invitation.objects.filter(secret_hash=Invitation.hash_of(secret)).first()
    if invitation is None or not invitation.is_open:
        raise InvitationUsed
    return invitation


@transaction.atomic
def accept_invitation(secret: str, *, by: User | None, full_name: str = "", password: str = "") -> User:
    """Give the invited role to the account of the invited address, made here with ``full_name`` and ``password`` when new.

    ``by`` is the signed-in person, who must be the invited one where an account exists already, and not the one who
    invited. Works once; a second try raises ``InvitationUsed``.
    """
    invitation = Invitation.objects.select_for_update().get(pk=find_invitation(secret).pk)
    if not invitation.is_open:
        raise InvitationUsed
    user = User.objects.filter(email__iexact=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, full_name=full_name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    elif user != by or user == invitation.invited_by:
        raise InvitationUsed
    roles = {invitation.role, Role.COORDINATOR} if invitation.role == Role.LEAD else {invitation.role}
    user.roles = sorted({*user.roles, *map(str, roles)})
    user.save(update_fields=["roles"])
    invitation.accepted_at = now()
    invitation.save()
    record("staff.join", by=user, target=f"{invitation.role}:{invitation.uid}")
    return user


def forget_sessions() -> None:
    """Delete from the lists of where people are signed in what has ended; of the sessions themselves what has long ended."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now())
    UserSession.objects.filter(~Exists(alive)).delete()
    Session.objects.filter(expire_date__lte=now() - SESSIONS_KNOWN).delete()
