"""Making a copy: taken by one worker at a time, written in one pass, tried again with growing pauses."""

import json
import logging
import time
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string

from secondop.cases.access import Right
from secondop.notices.services import tell
from secondop.vault import services as vault
from secondop.web.clock import now

from .account import account_of
from .archive import Archive
from .log import note
from .models import Export
from .parts import File, parts_of
from .services import KEPT_FOR, discard, open_cases, page, rights_on

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
SAY_EVERY = 1.0  # seconds between two steps of the progress
PAUSES = [timedelta(seconds=s) for s in (30, 120, 600, 1800)]
TRIES = len(PAUSES) + 1
LOST = "The worker was stopped before it was done."
SCHEMA, VERSION = "secondop.export", 1


class LeaseLost(Exception):
    """Another worker has the copy now, or it was thrown away."""


def make(export_id: int) -> bool:
    """Make the copy, if it is due and nobody else is at it; returns whether this call made it.

    A failure is written on the row, with the time of the next try; after the fifth its owner is told.
    """
    taken = take(export_id)
    if taken is None:
        return False
    work = Work(taken)
    try:
        return finish(work, work.write())
    except LeaseLost:
        return False
    except vault.KeyDestroyed:
        discard(taken)  # a case that is in it was erased meanwhile
        return False
    except (vault.VaultError, OSError) as error:
        logger.warning("copy %s could not be made (%s)", taken.uid, type(error).__name__)
        fail(work, f"{type(error).__name__}: {error}")
        return False


@transaction.atomic
def take(export_id: int) -> Export | None:
    """The copy, if it is due, with a lease and one more try counted; what an earlier try left is cleared.

    One is made at a time: a large one keeps a worker for minutes, and the others are for mails and letters.
    """
    if Export.objects.filter(status=Export.Status.MAKING, taken_until__gt=now()).exclude(pk=export_id).exists():
        return None
    export = Export.objects.due().select_for_update(skip_locked=True).filter(pk=export_id).first()
    if export is None:
        return None
    if export.attempts >= TRIES:
        give_up(export, LOST)
        return None
    for left in vault.StoredFile.objects.filter(case_uid=export.uid, status="writing"):
        vault.discard(left)
    export.status, export.taken_until = Export.Status.MAKING, now() + LEASE
    export.attempts, export.files_done, export.files_total = export.attempts + 1, 0, None
    export.save()
    return export


class Work:
    """One try to make a copy: holds its lease, and says how far it is."""

    def __init__(self, export: Export) -> None:
        self.export, self.until = export, export.taken_until
        self.done, self.total = 0, 0
        self.said = 0.0
        self.broken: list[str] = []
        self.rights: list[Right] = []

    def write(self) -> vault.StoredFile:
        """Write the whole copy into the vault. Raises ``LeaseLost``, and what the vault raises."""
        reader = self.export.owner
        cases = list(open_cases(reader).filter(exports=self.export).select_related("patient", "brief", "specialty").order_by("pk"))
        before = rights_on(cases, reader)
        found = [(case, parts_of(case, reader)) for case in cases]
        self.rights = sorted(before | rights_on(cases, reader))  # a right that came or went meanwhile may have opened something
        self.total = sum(len(part.files) for _, part in found)
        self.say(force=True)
        with vault.writer(self.export.uid) as writer:
            with Archive(writer) as archive:
                told = [{**part.data, "files": [self.add(archive, case.reference, file) for file in part.files]} for case, part in found]
                data = self.data(told)
                archive.add_text("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2), now())
                archive.add_text("README.txt", self.readme(data), now())
            self.say(force=True)
            return writer.finish()

    def add(self, archive: Archive, reference: str, file: File) -> dict[str, Any]:
        """Copy one file, and say in data.json what it is."""
        path = archive.place(f"{file.folder}/{reference}", file.name)
        whole = archive.add(path, file.stored.size, file.at, self.pieces(file))
        if not whole:
            logger.error("file %s is damaged, and so is its place in copy %s", file.stored.uid, self.export.uid)
            self.broken.append(path)
        self.done += 1
        self.say()
        return {"path": path, "name": file.name, "size": file.stored.size, "sha256": file.stored.sha256, "is_whole": whole}

    def pieces(self, file: File) -> Any:
        """The bytes of a file; the lease is renewed while they run."""
        for piece in vault.read(file.stored):
            yield piece
            self.say()

    def say(self, *, force: bool = False) -> None:
        """Write down how far it is and renew the lease, once a second. Raises ``LeaseLost``."""
        if not force and time.monotonic() - self.said < SAY_EVERY:
            return
        until = now() + LEASE
        held = Export.objects.filter(pk=self.export.pk, status=Export.Status.MAKING, taken_until=self.until)
        if not held.update(files_done=self.done, files_total=self.total, taken_until=until):
            raise LeaseLost
        self.until, self.said = until, time.monotonic()

    def data(self, cases: list[dict[str, Any]]) -> dict[str, Any]:
        """What data.json holds."""
        export = self.export
        whole = {"account": account_of(export.owner)} if export.everything else {}
        head = {"schema": SCHEMA, "version": VERSION, "made_at": now(), "made_for": str(export.owner)}
        return {**head, "everything": export.everything, **whole, "cases": cases}

    def readme(self, data: dict[str, Any]) -> str:
        """What is what, in plain words."""
        refused = [(case["reference"], record) for case in data["cases"] for record in case["records"] if record["not_taken_because"]]
        context = {"export": self.export, "data": data, "refused": refused, "broken": self.broken}
        return render_to_string("exports/readme.txt", context).replace("\n", "\r\n")


@transaction.atomic
def finish(work: Work, stored: vault.StoredFile) -> bool:
    """Name the file on the row; older copies of the same person go, and they are told. Not so if the lease was lost meanwhile."""
    row = Export.objects.select_for_update(of=("self",)).filter(pk=work.export.pk, taken_until=work.until).first()
    if row is None:
        vault.discard(stored)
        return False
    row.status, row.taken_until, row.error = Export.Status.READY, None, ""
    row.stored, row.size, row.sha256, row.rights = stored, stored.size, stored.sha256, work.rights
    row.ready_at, row.expires_at, row.files_done = now(), now() + KEPT_FOR, work.done
    row.save()
    for older in Export.objects.filter(owner=row.owner, status__in=[Export.Status.READY, Export.Status.FAILED]).exclude(pk=row.pk):
        discard(older)
    note(row, "ready", None)
    tell(row.owner, "export_ready", link=page(), key=f"export:{row.uid}:ready")
    return True


@transaction.atomic
def fail(work: Work, reason: str) -> None:
    """Write down a failed try, unless the lease has gone to somebody else meanwhile."""
    row = Export.objects.select_for_update(of=("self",)).filter(pk=work.export.pk, taken_until=work.until).first()
    if row is None:
        return
    if row.attempts >= TRIES:
        give_up(row, reason)
        return
    row.status, row.error, row.taken_until = Export.Status.QUEUED, reason[:300], None
    row.next_try_at = now() + PAUSES[row.attempts - 1]
    row.save()


def give_up(export: Export, reason: str) -> None:
    """No more tries by itself; its owner is told and may try again."""
    export.status, export.error, export.taken_until = Export.Status.FAILED, reason[:300], None
    export.save()
    note(export, "failed", None)
    tell(export.owner, "export_failed", link=page(), key=f"export:{export.uid}:failed:{now():%Y-%m-%dT%H:%M}")
