"""Makes a master key for the vault."""

from typing import Any

from django.core.management.base import BaseCommand

from secondop.vault.keys import new_master_key


class Command(BaseCommand):
    """``manage.py new_master_key``: prints one key, once; it is stored nowhere."""

    help = (
        "Print a new master key for production. Put it into the file that VAULT_MASTER_KEY_FILE names, and keep a copy "
        "off this machine: without it no file of any case can be read."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key on one line."""
        self.stdout.write(new_master_key(local=False))
