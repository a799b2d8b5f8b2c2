"""Asking a signer who they are, every time: the password, with a limit of its own."""

from datetime import timedelta

from django.db import transaction

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.web.clock import now

from ..models import WrongPassword

TRIES = 10
WINDOW = timedelta(minutes=15)


class WrongPasswordGiven(Exception):
    """The password is not the signer's."""


class TooManyTries(Exception):
    """Ten wrong passwords in a quarter of an hour: signing rests for a while, signing in does not."""


class NoPassword(Exception):
    """The account has none, only passkeys."""


def confirm(user: User, password: str) -> None:
    """Return when ``password`` is that of ``user``. Raises ``WrongPasswordGiven``, ``TooManyTries`` or ``NoPassword``.

    A wrong one is counted in a transaction of its own, so it must not be called inside another. The account's row is locked
    meanwhile: forty tries at once are still counted one after the other.
    """
    if not user.has_usable_password():
        raise NoPassword
    with transaction.atomic():
        locked = User.objects.get_queryset().select_for_update().get(pk=user.pk)
        recent = WrongPassword.objects.filter(user=locked, at__gt=now() - WINDOW).count()
        if recent >= TRIES:
            record("opinion.sign", by=user, outcome="refused", target="too many wrong passwords")
            outcome: type[Exception] | None = TooManyTries
        elif locked.check_password(password):
            WrongPassword.objects.filter(user=locked).delete()
            outcome = None
        else:
            WrongPassword.objects.create(user=locked, at=now())
            record("opinion.sign", by=user, outcome="refused", target="wrong password")
            outcome = WrongPasswordGiven
    if outcome:
        raise outcome
