"""What happens when somebody makes their account safer."""

from typing import Any

from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.dispatch import receiver
from django.http import HttpRequest

from .models import User


@receiver(authenticator_added)
def end_other_sessions(request: HttpRequest, user: User, **details: Any) -> None:
    """Sign out everywhere else: a session that began with a password alone must not gain from a factor it never showed."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()
