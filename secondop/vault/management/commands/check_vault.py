"""Reads stored files again and says which are not whole."""

import json
from argparse import ArgumentTypeError
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from secondop.vault.errors import StorageDown
from secondop.vault.inspecting import Fault, Pace, examine, left_over, note
from secondop.vault.models import Status, StoredFile
from secondop.web.clock import now


def at_least_one(text: str) -> int:
    """A whole number above nothing."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text} is no number above 0")
    return int(text)


class Command(BaseCommand):
    """``manage.py check_vault``: ends with status 1 when a file is missing, damaged or locked; left-overs alone are status 0."""

    help = (
        "Open every part of every stored file, compare size and SHA-256, and list what is missing or damaged, the files that nothing "
        "points to and the parts that no file owns. May run while the site runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, how fast, and how to say it."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--case", type=UUID, help="only the files of this case, by its uid")
        which.add_argument("--sample", type=at_least_one, help="only so many files, taken at random")
        parser.add_argument("--rate", type=at_least_one, default=0, help="read no more than so many MiB a second")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, and print what was met."""
        pace, faults, begun = Pace(options["rate"] * settings.MIB), [], now()
        files = self.files(options)
        count = 0
        try:
            for stored in files.iterator():
                count += 1
                if fault := examine(stored, pace):
                    faults.append(fault)
            is_all = not (options["case"] or options["sample"])
            rest = list(left_over()) if is_all else []
        except StorageDown as error:
            raise CommandError(str(error)) from None
        if is_all:
            note(begun, count, pace.read, [*faults, *rest])
        self.say(count, pace.read, [*faults, *rest], as_json=options["json"])
        if faults:
            raise CommandError(f"{len(faults)} of {count} files are not whole.")

    def files(self, options: dict[str, Any]) -> QuerySet[StoredFile]:
        """Which files to read."""
        files = StoredFile.objects.filter(status=Status.STORED).order_by("pk")
        if options["case"]:
            files = files.filter(case_uid=options["case"])
        return files.order_by("?")[: options["sample"]] if options["sample"] else files

    def say(self, count: int, size: int, found: list[Fault], *, as_json: bool) -> None:
        """Print a line for each fault and one for the whole, or all as JSON."""
        if as_json:
            self.stdout.write(json.dumps({"files": count, "bytes": size, "faults": [fault._asdict() for fault in found]}))
            return
        for fault in found:
            self.stdout.write(f"{fault.kind}: file {fault.file} of case {fault.case}: {fault.words}")
        self.stdout.write(f"{count} files read, {size} bytes; {len(found)} faults")
