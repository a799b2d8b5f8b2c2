"""manage.py load_catalog: the first catalog of an installation."""

from django.core.management.base import BaseCommand, CommandParser

from secondop.catalog.models import ConsentText
from secondop.catalog.samples import load


class Command(BaseCommand):
    """Adds the sample catalog where it is missing; safe to run again."""

    help = "Add sample specialties, checklists, consent wordings, rules and holidays where they are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--once``, for what runs at every start: what an administrator removed does not come back."""
        parser.add_argument("--once", action="store_true", help="Do nothing where there are consent wordings already.")

    def handle(self, *args, **options) -> None:
        """Load it."""
        if options["once"] and ConsentText.objects.exists():
            self.stdout.write("There is a catalog already; it stays as it is.")
            return
        load()
        self.stdout.write("The catalog is there. Its rules about places are samples: have them reviewed before use.")
