"""Secrets in the links of invitations: random, and kept as a hash only."""

import secrets

from django.utils.crypto import salted_hmac


def new_secret() -> str:
    """A secret for a link, which nobody can guess."""
    return secrets.token_urlsafe(24)


def hash_of(secret: str, purpose: str) -> str:
    """The keyed hash under which ``secret`` is stored; one ``purpose`` knows nothing of another's."""
    return salted_hmac(f"secondop.{purpose}", secret, algorithm="sha256").hexdigest()
