"""Checks the whole audit log against its hash chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum

from secondop.audit.models import Seal
from secondop.audit.services import verify


class Command(BaseCommand):
    """``manage.py verify_audit``: ends with status 1 when anything was altered, and names it."""

    help = (
        "Recompute the audit log's hash chain and name every row that was altered, removed or inserted. Keep the last "
        "line outside of the database: it is what proves later that the newest seals were not cut off."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the problems, or the number of sealed entries and the hash of the newest seal."""
        problems = verify()
        if problems:
            raise CommandError("\n".join(problems))
        newest = Seal.objects.order_by("-last_seq").first()
        total = Seal.objects.aggregate(total=Sum("count"))["total"] or 0
        self.stdout.write(f"{total} sealed entries hold; newest seal: {newest.hash if newest else 'none yet'}")
