"""manage.py load_catalog: the first catalog of an installation."""

from django.core.management.base import BaseCommand

from secondop.catalog.samples import load


class Command(BaseCommand):
    """Adds the sample catalog where it is missing; safe to run again."""

    help = "Add sample specialties, checklists, consent wordings, rules and holidays where they are missing."

    def handle(self, *args, **options) -> None:
        """Load it."""
        load()
        self.stdout.write("The catalog is there. Its rules about places are samples: have them reviewed before use.")
