"""manage.py make_admin EMAIL: the first administrator of an installation."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
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
        """Print where to go next. Raises ``CommandError`` for what is no address."""
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is no e-mail address. Type it as in: ./dev admin you@example.org") from error
        _, link = invite(email, "", Role.ADMINISTRATOR, by=None)
        self.stdout.write(f"Open this link within 7 days to set a name and a password:\n{settings.BASE_URL}{link}")
