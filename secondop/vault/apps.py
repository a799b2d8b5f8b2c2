"""The vault app."""

from django.apps import AppConfig
from django.core import checks

from .checks import master_key, storage


class VaultConfig(AppConfig):
    """Encrypted file storage: a key per case, each file in sealed parts."""

    name = "secondop.vault"
    label = "vault"

    def ready(self) -> None:
        """Check the master key with manage.py check --deploy, and before a production server starts (secondop.web.checks)."""
        checks.register(master_key, checks.Tags.security, deploy=True)
        checks.register(storage, checks.Tags.files)
