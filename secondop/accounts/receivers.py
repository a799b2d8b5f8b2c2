"""What happens when somebody signs in, or makes their account safer."""

from typing import Any

from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from . import kept, limits
from .models import User
from .signed_in import Asked


@receiver(user_logged_in)
def begin_session(request: Asked, user: User, **details: Any) -> None:
    """Start the limits of the session; what another person had typed at this browser is kept no longer."""
    limits.begin(request.session, user)
    if not kept.is_kept_for(request, user):
        kept.forget(request)


@receiver(authenticator_added)
def end_other_sessions(request: HttpRequest, user: User, **details: Any) -> None:
    """Sign out everywhere else: a session that began with a password alone must not gain from a factor it never showed."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()
