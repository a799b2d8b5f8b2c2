"""How the secrets of second factors are kept: sealed by the vault's master key, so that the database alone lets nobody in."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from secondop.vault import keys
from secondop.vault.errors import MasterKeyMissing

PURPOSE = b"second factor"


class MfaAdapter(DefaultMFAAdapter):
    """allauth's, with its secrets sealed."""

    def encrypt(self, text: str) -> str:
        """``text`` sealed by the current master key, whose id stands before it. Raises ``MasterKeyMissing``."""
        master = keys.masters()[0]
        return f"{master.id}:{base64.b64encode(master.cipher.encrypt(text.encode(), PURPOSE)).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt()`` sealed. Raises ``MasterKeyMissing`` when its key is not configured, ``TinkError`` when it was altered."""
        wanted, _, sealed = encrypted_text.partition(":")
        master = next((one for one in keys.masters() if one.id == wanted), None)
        if master is None:
            raise MasterKeyMissing("The master key that seals this second factor is not configured.")
        return master.cipher.decrypt(base64.b64decode(sealed), PURPOSE).decode()
