"""Lets a new master key take over from the older ones."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from secondop.audit.services import record
from secondop.vault import keys, rotating
from secondop.vault.errors import VaultError


def is_left_behind(found: dict[str, list[rotating.Needed]]) -> bool:
    """Whether anything that does not end by itself is kept by another key than the current one, which comes first."""
    return any(not need.ends for wanted in list(found.values())[1:] for need in wanted)


class Command(BaseCommand):
    """``manage.py rotate_master_key``: ends with status 1 when something needs a key that is not configured, or was altered."""

    help = (
        "Wrap every case key, and seal every other secret, by the current master key: the first one in VAULT_MASTER_KEY_FILE "
        "or VAULT_MASTER_KEY. Restart the servers with the new key first. May be stopped and begun again, and run while the site runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """``--show`` changes nothing."""
        parser.add_argument("--show", action="store_true", help="only say which master keys are needed, and for what")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, then say of each master key whether it may go."""
        try:
            if not options["show"]:
                self.rotate()
            found = rotating.needed()
            known = [master.id for master in keys.masters()]
        except VaultError as error:
            raise CommandError(str(error)) from None
        for master_id, wanted in found.items():
            self.say(master_id, wanted, known)
        if missing := [master_id for master_id in found if master_id not in known]:
            raise CommandError(f"Not configured, and needed: {', '.join(missing)}. Put it back below the current key, and run this again.")
        if not options["show"] and is_left_behind(found):
            raise CommandError("Something is still kept by an older key: the log above names what was altered; else run this again.")

    def rotate(self) -> None:
        """Wrap and seal, and note in the audit log how many."""
        done = {"case keys": 0}
        for count in rotating.rewrap():
            done["case keys"] += count
            self.stdout.write(f"{done['case keys']} case keys wrapped by the current master key")
        done |= dict(rotating.renew())
        for name, count in done.items():
            self.stdout.write(f"{name}: {count} changed")
        with transaction.atomic():
            record("vault.rotate", target=keys.masters()[0].id, detail=done)

    def say(self, master_id: str, wanted: list[rotating.Needed], known: list[str]) -> None:
        """One line on a master key."""
        uses = ", ".join(f"{need.number} {need.name}" for need in wanted) or "nothing"
        if master_id == known[0]:
            advice = "the current one."
        elif not wanted:
            advice = "it may be taken out. Keep a copy for as long as backups made until now are kept: those need it."
        elif all(need.ends for need in wanted):
            advice = "it may be taken out when these sessions have ended, within a day."
        else:
            advice = "it has to stay." if master_id in known else "it is not configured."
        self.stdout.write(f"master key {master_id}: needed for {uses}; {advice}")
