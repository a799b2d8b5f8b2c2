"""What people do with records: send them. What they take out again is the business of ``removing``."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.access import Right
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import Conflict, NotAllowed, journal, lock, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.notices.services import tell
from secondop.web.clock import now
from secondop.web.queue import enqueue

from . import reasons, sittings
from .arrivals import Arrivals, Arrived, Skip, TurnedBack
from .kinds import TOGETHER, Kind
from .models import WAITING, Archive, Purpose, Record, RecordRequest, Status
from .removing import forget_old_refusals

TAKE_RECORDS = (State.DRAFT, State.SCREENING, State.READY, State.IN_REVIEW)
# Who may add a file of each purpose, and how the journal calls it. Family who may only upload show no authority.
RIGHTS = {Purpose.MEDICAL: (Right.UPLOAD,), Purpose.AUTHORITY: (Right.DECIDE, Right.COORDINATE)}
EVENTS = {Purpose.MEDICAL: "records_added", Purpose.AUTHORITY: "proof_added"}
CLOSED_TO_RECORDS = "You cannot add records to this case now. If you have new ones, write to your care coordinator."


class Added(NamedTuple):
    """What one upload brought; ``known`` counts files that the case had before, which an office is not told of."""

    records: list[Record]
    turned_back: list[Record]
    known: int = 0


class Sender(NamedTuple):
    """Who sends files: a person, or an office by the link of a request; and whether each comes by itself (``sittings``)."""

    by: User | None
    request: RecordRequest | None = None
    is_one_by_one: bool = False


class Room(NamedTuple):
    """What a case may still take: bytes, and files."""

    size: int
    files: int


def room_of(case: Case, *, unpacking: bool = False) -> Room:
    """How much the case may still take, by one query; what is on its way has its room already.

    For what is unpacked, archives take none, because they go when they are empty.
    """
    kept = case.records.kept()
    here = _sums(kept.exclude(kind=Kind.ZIP) if unpacking else kept, "size")
    taken = list(here.union(_sums(case.uploads.open(), "length"), all=True))
    size, files = (int(sum(row[column] for row in taken)) for column in range(2))
    return Room(max(0, settings.UPLOAD_CASE_BYTES - size), max(0, settings.UPLOAD_CASE_FILES - files))


def room_left(case: Case, *, unpacking: bool = False) -> int:
    """How many bytes ``room_of()`` the case is."""
    return room_of(case, unpacking=unpacking).size


def takes_records(case: Case) -> bool:
    """Whether the case is at a point of its life where records may be added."""
    return case.state in TAKE_RECORDS


def add(case: Case, arrivals: Arrivals, *, by: User, purpose: Purpose = Purpose.MEDICAL, one_by_one: bool = False) -> Added:
    """Make records of what has arrived, and of what was turned back; the rest of the checking is a task's.

    The same content is taken once a case for each purpose. Of files that come ``one_by_one`` the journal and the audit log have the
    first of each sitting (``sittings``). Raises ``NotAllowed`` when ``by`` may not upload (any more), and ``Conflict`` when the case
    has moved on meanwhile; then nothing is kept.
    """
    with transaction.atomic():
        locked = lock(case)
        if not Case.objects.visible_to(by, *RIGHTS[purpose]).filter(pk=locked.pk).exists():
            raise NotAllowed("only those who may upload add records")
        if not takes_records(locked):
            raise Conflict(locked, CLOSED_TO_RECORDS)
        return keep(locked, arrivals, Sender(by, is_one_by_one=one_by_one), purpose)


def keep(case: Case, arrivals: Arrivals, sender: Sender, purpose: Purpose = Purpose.MEDICAL) -> Added:
    """Make the records of an upload whose ``sender`` may send it; ``case`` is locked, in the caller's transaction."""
    added = make_records(case, arrivals, sender, purpose)
    if sender.is_one_by_one and not begins_sitting(case, added, sender, purpose):
        return added
    if added.records:
        note_arrival(case, added.records, sender, purpose)
    target = f"request:{sender.request.pk}" if sender.request else ""
    counts = {"one_by_one": True} if sender.is_one_by_one else {"added": len(added.records), "turned_back": len(added.turned_back)}
    audit("record.add", by=sender.by, case_uid=case.uid, patient_id=case.patient_id, target=target, detail=counts)
    return added


def begins_sitting(case: Case, added: Added, sender: Sender, purpose: Purpose) -> bool:
    """Whether what was ``added`` is the first of several files that come one by one (``sittings``)."""
    if sender.request:
        return sittings.begins_for(case, sender.request, [*added.records, *added.turned_back])
    return sittings.begins(case, sender.by, EVENTS[purpose] if added.records else "", added.turned_back)


def make_records(case: Case, arrivals: Arrivals, sender: Sender, purpose: Purpose, archive: Archive | None = None) -> Added:
    """The rows of what has come, out of an ``archive`` or by itself, and the word to the workers; ``case`` is locked as for ``keep``."""
    room = room_of(case, unpacking=bool(archive))
    taken, twins = _sort_out(case, arrivals.arrived, sender.by, purpose, room)
    columns: dict[str, Any] = {"purpose": purpose, "uploaded_by": sender.by, "request": sender.request, "archive": archive}
    columns |= dict.fromkeys(("created_at", "next_try_at"), now())
    records = Record.objects.bulk_create([_received(case, file, columns) for file in taken])
    known = [file for file in twins if (sender.request or archive) and file.is_known]
    not_taken = [*arrivals.turned_back, *(file for file in twins if file not in known)]
    refused = Record.objects.bulk_create([_refused(case, file, columns) for file in not_taken])
    if refused:
        forget_old_refusals(case)
    call_workers(case, records, sender)
    arrivals.kept.update(file.stored.uid for file in taken)
    return Added(records, refused, len(known))


def call_workers(case: Case, records: list[Record], sender: Sender) -> None:
    """Have ``records`` checked. What comes by itself while others wait that it shares a child with needs no message of its own.

    Whoever settles those looks for more, and has ``case`` locked for it as it is here, so that none are missed.
    """
    shared = {record.kind for record in records} & TOGETHER.keys()
    others = case.records.filter(kind__in=shared, status__in=WAITING).exclude(pk__in=[record.pk for record in records])
    if not (sender.is_one_by_one and shared and others.exists()):
        enqueue("records.tasks.sweep")


def note_arrival(case: Case, records: list[Record], sender: Sender, purpose: Purpose) -> None:
    """Write that ``records`` have come; of papers about who may ask the desk is told, once the case is theirs."""
    note_files(case, 0 if sender.is_one_by_one else len(records), sender.by, purpose)
    if purpose == Purpose.AUTHORITY and case.state != State.DRAFT:
        tell_desk(case, records[0], sender.by)


def note_files(case: Case, count: int, by: User | None, purpose: Purpose) -> None:
    """Write into the case's journal that so many files have come; 0: some, of which more are on their way."""
    journal(case, EVENTS[purpose], by, note={0: "", 1: "1 file"}.get(count, f"{count} files"))
    touch(case)


def tell_desk(case: Case, record: Record, by: User | None) -> None:
    """Tell the case's coordinator that a paper about who may ask has come; ``record`` is the first that came with it."""
    for person in recipients(case, Party.COORDINATOR):
        if person != by:
            tell(person, "proof_arrived", case=case, key=f"proof:{record.uid}:{person.pk}")


def add_files(case: Case, files: Iterable[tuple[str, bytes]], *, by: User, purpose: Purpose = Purpose.MEDICAL) -> Added:
    """``add()`` for whole files that are at hand, given by name. Raises as ``add()`` and as the vault does."""
    with Arrivals(case.uid, room_left(case)) as arrivals:
        for name, data in files:
            try:
                arrivals.begin(name)
                arrivals.write(data)
                arrivals.end()
            except Skip:
                continue
        return add(case, arrivals, by=by, purpose=purpose)


def _sums(rows: QuerySet[Any], size: str) -> QuerySet[Any, tuple[Any, ...]]:
    """How many bytes the ``rows`` of one case have, and how many there are; nothing where there are none."""
    return rows.order_by().values("case").annotate(bytes=Sum(size), count=Count("pk")).values_list("bytes", "count")


def _sort_out(case: Case, arrived: list[Arrived], by: User | None, purpose: Purpose, room: Room) -> tuple[list[Arrived], list[TurnedBack]]:
    """What of ``arrived`` the case takes: each content once, and no more than it has room for.

    What a content is called here already is told only to those who see that record in their list.
    """
    kept = case.records.kept().filter(purpose=purpose, sha256__in=[file.stored.sha256 for file in arrived])
    here = dict.fromkeys(kept.values_list("sha256", flat=True), "")
    if by and here:
        here.update(kept.listed_to(by).values_list("sha256", "name"))
    taken, turned_back = [], []
    for file in arrived:
        content = file.stored
        if content.sha256 in here:
            turned_back.append(
                TurnedBack(
                    file.name, reasons.already_here(file.name, here[content.sha256]), content.size, is_known=True, folder=file.folder
                )
            )
        elif content.size > room.size or not room.files:
            reason = reasons.over_case() if room.files else reasons.over_case_count()
            turned_back.append(TurnedBack(file.name, reason, content.size, folder=file.folder))
        else:
            taken.append(file)
            here[content.sha256] = file.name
            room = Room(room.size - content.size, room.files - 1)
    return taken, turned_back


def _received(case: Case, file: Arrived, columns: dict[str, Any]) -> Record:
    content = file.stored
    here = {"stored": content, "size": content.size, "sha256": content.sha256}
    return Record(case=case, name=file.name, folder=file.folder, kind=file.kind, **here, **columns)


def _refused(case: Case, file: TurnedBack, columns: dict[str, Any]) -> Record:
    refused = {"status": Status.REFUSED, "reason": file.reason, "size": file.size}
    return Record(case=case, name=file.name, folder=file.folder, **refused, **columns)
