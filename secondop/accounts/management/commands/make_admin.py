"""manage.py make_admin EMAIL: the first administrator of an installation."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.validators import validate_email

from secondop.accounts.models import Role
from secondop.accounts.services import invite


class Command(BaseCommand):
    """Invites an address as administrator and prints the link, for the time before mail works."""

    help = "Invite EMAIL as administrator and print the link that sets the password."

    def add_arguments(self, parser) -> None:
        """One address."""
        parser.add_argument("email")

    def handle(self, *args, email: str, **options) -> None:
        """Print where to go next."""
        validate_email(email)
        _, link = invite(email, "", Role.ADMINISTRATOR, by=None)
        self.stdout.write(f"Open this link within 7 days to set a name and a password:\n{settings.BASE_URL}{link}")
