"""Start-up checks of the vault's master key."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from . import keys
from .errors import MasterKeyMissing


def master_key(**_: Any) -> list[CheckMessage]:
    """Production does not start without a master key, nor with one that ./dev run made."""
    if not settings.PRODUCTION:
        return []
    hint = "Make one with manage.py new_master_key, keep a copy off this machine, and name it in VAULT_MASTER_KEY_FILE or VAULT_MASTER_KEY."
    try:
        texts = keys.configured()
        keys.masters()
    except MasterKeyMissing as error:
        return [Error(str(error), hint=hint, id="vault.E001")]
    if any(keys.is_local(text) for text in texts):
        return [Error("The vault's master key was made for a local demo.", hint=hint, id="vault.E002")]
    return []
