"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: sign-in by e-mail, staff roles, invitations."""

    name = "secondop.accounts"
    label = "accounts"
