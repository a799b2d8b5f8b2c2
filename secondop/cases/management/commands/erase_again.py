"""Erases, in a database that was restored, the cases that had been erased since its backup was made."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from secondop.audit.services import record
from secondop.cases.erasing import erase
from secondop.cases.models import Case
from secondop.vault import services as vault
from secondop.vault.models import CaseKey


class Command(BaseCommand):
    """``manage.py erase_again FILE`` (or ``--list``): may be run again; a case that is gone is fine."""

    help = (
        "Erase every case that FILE names, one uid at the beginning of each line: the list erased.txt beside the sets of a backup. "
        "Run it after a restore, before the site is used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The list, and what was restored, for the audit log."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("file", type=Path, nargs="?")
        which.add_argument("--list", action="store_true", help="print that list of this installation instead; keep it beside its backups")
        parser.add_argument("--restored", default="", help="the name of the set, to be noted in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list, or erase and say how many there still were."""
        if options["list"]:
            for uid, moment in CaseKey.objects.exclude(destroyed_at=None).order_by("destroyed_at").values_list("pk", "destroyed_at"):
                self.stdout.write(f"{uid} {moment:%Y-%m-%d}")
            return
        try:
            uids = [UUID(line.split()[0]) for line in options["file"].read_text().splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']} is no list of cases: {error}") from None
        with transaction.atomic():
            done = sum(map(self.erase, uids))
            if options["restored"]:
                record("backup.restore", target=options["restored"], detail={"erased_again": done})
        self.stdout.write(f"{done} of {len(uids)} erased cases were still there, and are erased again")

    def erase(self, uid: UUID) -> bool:
        """Erase one case, or what is left under its uid: a key without a case is a copy's, or a leftover's."""
        if case := Case.objects.filter(uid=uid).first():
            return erase(case, by=None, reason="restored")
        if not CaseKey.objects.filter(pk=uid, destroyed_at=None).exists():
            return False
        vault.destroy_key(uid)
        return True
