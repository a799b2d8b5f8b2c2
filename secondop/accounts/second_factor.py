"""How the secrets of second factors are kept: sealed by the vault's master key, so that the database alone lets nobody in."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser

from secondop.vault import keys

from .wording import MFA_ERRORS

PURPOSE = b"second factor"


class MfaAdapter(DefaultMFAAdapter):
    """allauth's, with its secrets sealed and our words."""

    error_messages = {**DefaultMFAAdapter.error_messages, **MFA_ERRORS}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        """The name a passkey gets when its owner gives none."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"

    def encrypt(self, text: str) -> str:
        """``text`` sealed. Raises ``MasterKeyMissing``."""
        return keys.seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt()`` sealed. Raises ``MasterKeyMissing`` when its key is not configured, ``TinkError`` when it was altered."""
        return keys.unseal(encrypted_text, PURPOSE)
