"""What we tell allauth about our accounts."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """allauth's defaults, with the person's name in mails instead of a user name."""

    def populate_username(self, request, user) -> None:
        """There are no user names."""

    def get_user_display(self, user) -> str:
        """How mails and pages address a person."""
        return str(user)
