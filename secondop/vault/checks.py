"""Start-up checks of the vault: its master key, and where its files are."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from . import keys
from .errors import MasterKeyMissing
from .stores import store


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


def storage(**_: Any) -> list[CheckMessage]:
    """VAULT_S3_URL can be read, and nothing else says where files are."""
    if not settings.VAULT_S3_URL:
        return []
    if Path(settings.VAULT_DIR) != Path(settings.VAR) / "vault":
        hint = "Unset one of them; docs/operations.md says how files move from a disk into a bucket."
        return [Error("VAULT_DIR and VAULT_S3_URL are both set.", hint=hint, id="vault.E004")]
    try:
        store()
    except ValueError as error:
        hint = "It reads https://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION, with / + and % of the secret written as %2F %2B %25."
        return [Error(f"VAULT_S3_URL cannot be used: {error}.", hint=hint, id="vault.E003")]
    return []
