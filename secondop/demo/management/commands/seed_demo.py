"""manage.py seed_demo: fill an empty database with the demo."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from secondop.accounts.models import User
from secondop.demo.seed import seed


class Command(BaseCommand):
    """Makes the demo's people and cases, once."""

    help = "Fill an empty database with invented people and cases. Needs DEMO=1."

    def handle(self, *args, **options) -> None:
        """Refuses outside the demo and where somebody has an account already."""
        if not settings.DEMO:
            raise CommandError("The demo is off. Set DEMO=1, in a place without real patients.")
        if User.objects.exists():
            raise CommandError("There are accounts already; the demo needs an empty database.")
        self.stdout.write(f"{seed()} demo cases are ready.")
