"""Asking a signed-in person again who they are, every time: the password, with a limit of its own. For signing, exporting and erasing."""

from datetime import timedelta

from django.db import transaction
from django.forms import Form

from secondop.audit.services import record
from secondop.web.clock import now

from .models import User, WrongPassword

TRIES = 10
WINDOW = timedelta(minutes=15)


class WrongPasswordGiven(Exception):
    """The password is not this person's."""


class TooManyTries(Exception):
    """Ten wrong passwords in a quarter of an hour: what asks for it rests for a while, signing in does not."""


class NoPassword(Exception):
    """The account has none, only passkeys."""


ANSWERS: dict[type[Exception], tuple[int, str | None, str]] = {
    WrongPasswordGiven: (422, "password", "This is not your password. Please type it again."),
    TooManyTries: (429, None, "Ten wrong passwords in 15 minutes. For your safety this rests for a while. You stay signed in."),
    NoPassword: (
        422,
        None,
        "Your account has no password, only passkeys. Please set a password in your account first: we ask for it here.",
    ),
}


def confirm(user: User, password: str, *, act: str) -> None:
    """Return when ``password`` is that of ``user``. Raises ``WrongPasswordGiven``, ``TooManyTries`` or ``NoPassword``.

    ``act`` names, for the audit log, what it is asked for. A wrong one is counted in a transaction of its own, so it must not be
    called inside another. The account's row is locked meanwhile: forty tries at once are still counted one after the other.
    """
    if not user.has_usable_password():
        raise NoPassword
    with transaction.atomic():
        locked = User.objects.get_queryset().select_for_update().get(pk=user.pk)
        recent = WrongPassword.objects.filter(user=locked, at__gt=now() - WINDOW).count()
        if recent >= TRIES:
            record(act, by=user, outcome="refused", target="too many wrong passwords")
            outcome: type[Exception] | None = TooManyTries
        elif locked.check_password(password):
            WrongPassword.objects.filter(user=locked).delete()
            outcome = None
        else:
            WrongPassword.objects.create(user=locked, at=now())
            record(act, by=user, outcome="refused", target="wrong password")
            outcome = WrongPasswordGiven
    if outcome:
        raise outcome


def put_on(form: Form, error: WrongPasswordGiven | TooManyTries | NoPassword) -> int:
    """Say on ``form``, which has a field ``password``, why the person was not confirmed; returns the status of the answer."""
    status, field, text = ANSWERS[type(error)]
    form.add_error(field, text)
    return status
