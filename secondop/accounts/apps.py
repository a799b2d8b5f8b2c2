"""The accounts app."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: sign-in by e-mail, staff roles, invitations."""

    name = "secondop.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Listen to allauth, whose models are there only now, and have the limits checked, and the vault know what it sealed for us."""
        import_module("secondop.accounts.receivers")
        import_module("secondop.accounts.checks")
        import_module("secondop.accounts.sealed")
