"""The life of an upload: it begins, becomes a record or is refused, is given up, or ends by itself."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.lifecycle import Conflict, Erased, NotAllowed, lock
from secondop.cases.models import Case
from secondop.vault import services as vault
from secondop.vault.models import Status as InVault
from secondop.web.clock import now
from secondop.web.queue import enqueue

from .. import reasons
from .. import services as records
from ..admission import TurnedAway, too_much
from ..arrivals import Arrivals, Arrived, TurnedBack
from ..kinds import Kind, NotTaken
from ..models import Purpose, Record
from ..services import Added
from ..sourcing import links
from .models import Status, Upload, UploadToken
from .senders import Sender

logger = logging.getLogger(__name__)
AT_ONCE = 200


def check_room(case: Case, length: int) -> None:
    """Whether the case takes one more file of ``length`` bytes. Raises ``TurnedAway``."""
    if not records.takes_records(case):
        raise TurnedAway(HTTPStatus.CONFLICT, records.CLOSED_TO_RECORDS, case)
    if length > settings.UPLOAD_FILE_BYTES:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reasons.over_file(), case)
    room = records.room_of(case)
    if length > room.size:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_much(length, room.size), case)
    if not room.files:
        raise TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reasons.over_case_count(), case)


def check_open(upload: Upload) -> None:
    """Whether more of ``upload`` is taken now. Raises ``TurnedAway``."""
    if upload.stored is None or upload.expires_at <= now():
        raise TurnedAway(HTTPStatus.GONE, "This upload has ended. Please send the file again.", upload.case)
    if not records.takes_records(upload.case):
        raise TurnedAway(HTTPStatus.CONFLICT, records.CLOSED_TO_RECORDS, upload.case)


def begin(sender: Sender, *, name: str, length: int, metadata: str, fingerprint: str) -> Upload:
    """An upload of ``length`` bytes that comes in parts. Raises as ``check_room()``, which holds for many that begin at once, and
    ``NotAllowed`` by a link that was closed meanwhile: nobody would give its room back.
    """
    until = last_moment(sender)
    with transaction.atomic():
        lock(sender.case)
        links.check(sender.link)
        check_room(sender.case, length)
        stored = vault.begin(sender.case.uid, length, until)
        return Upload.objects.create(**_of(sender, name, length, metadata, fingerprint), stored=stored, expires_at=until)


def arrived(sender: Sender, record: Record | None, *, name: str, length: int, metadata: str, fingerprint: str) -> Upload:
    """What is kept of an upload that came whole: by it a sender learns that the file is here."""
    row, kind = _of(sender, name, length, metadata, fingerprint), record.kind if record else ""
    return Upload.objects.create(**row, record=record, kind=kind, status=Status.DONE, expires_at=last_moment(sender))


def last_moment(sender: Sender) -> datetime:
    """Until when an upload that begins now may go on."""
    until = now() + timedelta(days=settings.UPLOAD_DAYS)
    return min(until, sender.link.expires_at) if sender.link else until


def keep(case: Case, found: Arrivals, sender: Sender) -> Added:
    """Make the record of a file that ``sender`` sent by itself, or of why it was not taken. Raises ``Conflict`` and ``NotAllowed``."""
    if sender.link:
        return links.receive(sender.link, found, is_one_by_one=True)
    if sender.user:
        return records.add(case, found, by=sender.user, purpose=sender.purpose, one_by_one=True)
    raise NotAllowed("nobody sends this")


def address_of(upload: Upload) -> str:
    """Where the rest of an upload goes."""
    if upload.link:
        return reverse("records:drop_part", args=[links.secret_of(upload.link), upload.uid])
    return reverse("records:upload_part", args=[upload.case.uid, upload.uid])


def is_of_kind(upload: Upload, kind: Kind) -> None:
    """Keep what the first bytes have told."""
    upload.kind = kind
    Upload.objects.filter(pk=upload.pk).update(kind=kind)


def check_token(token: UploadToken | None) -> None:
    """Raise ``NotAllowed`` where the token by which a file comes was taken back meanwhile."""
    if token and UploadToken.objects.filter(pk=token.pk, revoked_at__isnull=False).exists():
        raise NotAllowed("the token was taken back")


def complete(upload: Upload) -> Record | None:
    """Make a record of an upload of which all bytes are stored; ``None`` when that was done already, or an office sent what is here.

    Raises ``TurnedAway`` with the reason when the case does not take the file, ``Conflict`` when it has moved on, and ``NotAllowed``
    when its sender may not upload any more, or took the program's token back: then nothing of it is kept.
    """
    try:
        with transaction.atomic():
            row = locked(upload)
            if row is None or row.stored is None or row.stored.status != InVault.STORED:
                return None
            check_token(row.token)
            found = Arrivals(row.case.uid, 0)
            found.arrived.append(Arrived(row.name, Kind(row.kind), row.stored))
            end(row, Status.DONE)
            added = keep(row.case, found, _sender(row))
            if added.records:
                end(row, Status.DONE, added.records[0])
                return added.records[0]
            if added.turned_back:
                end(row, Status.REFUSED, added.turned_back[0])
            vault.discard(row.stored)
    except (Conflict, NotAllowed):
        discard(upload, by=upload.sender)
        raise
    if not added.turned_back:
        return None
    raise turned_back(row.case, added.turned_back[0].reason)


def refuse(upload: Upload, error: NotTaken | vault.Damaged) -> TurnedAway:
    """End an upload whose first bytes are of no kind we take, or whose parts got damaged; returns the answer to its sender."""
    reason = str(error)
    if isinstance(error, vault.Damaged):
        logger.error("the upload %s is damaged and has to come again: %s", upload.uid, error)
        reason = reasons.SPOILED
    found = Arrivals(upload.case.uid, 0)
    found.turned_back.append(TurnedBack(upload.name, reason, upload.length))
    with transaction.atomic():
        row = locked(upload)
        if row and row.stored:
            added = keep(row.case, found, _sender(row))
            end(row, Status.REFUSED, added.turned_back[0])
            vault.discard(row.stored)
    return turned_back(upload.case, reason)


def turned_back(case: Case, reason: str) -> TurnedAway:
    """The answer about a file that was not taken."""
    return TurnedAway(HTTPStatus.UNPROCESSABLE_ENTITY, reason, case)


def discard(upload: Upload, *, by: User | None) -> None:
    """Give an upload up, with all that is here of it; of one that is over only what is known of it goes, not its record."""
    with transaction.atomic():
        row = locked(upload)
        if row and row.stored:
            vault.discard(row.stored)
        Upload.objects.filter(pk=upload.pk).delete()
        audit("record.upload_discard", by=by, case_uid=upload.case.uid, patient_id=upload.case.patient_id, target=str(upload.uid))


def locked(upload: Upload) -> Upload | None:
    """The upload as it is now, if it is open still, with its case locked until the transaction ends. Raises ``Erased``."""
    case = lock(upload.case)
    row = Upload.objects.select_related("stored", "sender").filter(pk=upload.pk, status=Status.OPEN).first()
    if row:
        row.case = case
    return row


def end(row: Upload, status: Status, record: Record | None = None) -> None:
    """Write how an upload ended; its bytes are its record's now, or nobody's."""
    Upload.objects.filter(pk=row.pk).update(status=status, stored=None, record=record)


def finish_later(upload: Upload) -> None:
    """Let a worker make the hash of a large file that came in parts, and its record."""
    enqueue("records.tasks.finish_upload", upload.pk)


def finish(pk: int) -> None:
    """Make the record of the upload ``pk``, if all of it is here; done twice, or by two at once, it is made once."""
    upload = Upload.objects.select_related("stored", "case", "sender", "link").filter(pk=pk, status=Status.OPEN).first()
    if upload is None or upload.stored is None:
        return
    try:
        if upload.stored.status == InVault.WRITING:
            with vault.Filling(upload.stored.uid) as filling:
                if filling.offset == filling.length:
                    filling.finish()
        complete(upload)
    except vault.Damaged as error:
        refuse(upload, error)
    except (vault.Busy, vault.Gone, TurnedAway, Conflict, NotAllowed):
        return


def sweep() -> int:
    """Finish what is here and was not finished, and forget what is over; returns how many were sent to be finished."""
    over = Upload.objects.filter(expires_at__lt=now())
    for upload in over.filter(status=Status.OPEN).select_related("case")[:AT_ONCE]:
        with suppress(Erased):
            discard(upload, by=None)
    over.exclude(status=Status.OPEN).delete()
    free = Q(stored__unfinished=None) | Q(stored__unfinished__taken_until=None) | Q(stored__unfinished__taken_until__lt=now())
    ready = Upload.objects.open().filter(free, stored__size=F("length")).values_list("pk", flat=True)[:AT_ONCE]
    with transaction.atomic():
        for pk in ready:
            enqueue("records.tasks.finish_upload", pk)
    return len(ready)


def _of(sender: Sender, name: str, length: int, metadata: str, fingerprint: str) -> dict[str, object]:
    who = {"case": sender.case, "purpose": sender.purpose, "sender": sender.user, "token": sender.token, "link": sender.link}
    return {**who, "name": name, "length": length, "metadata": metadata, "fingerprint": fingerprint}


def _sender(upload: Upload) -> Sender:
    return Sender(upload.sender, upload.case, Purpose(upload.purpose), upload.token, upload.link)
