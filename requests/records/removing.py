"""Taking records out again: one, all that came in an archive, or what was not taken."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from secondop.accounts.models import User
from secondop.audit.services import record as audit
from secondop.cases.access import Right
from secondop.cases.checklists import refresh
from secondop.cases.drafts import touch
from secondop.cases.lifecycle import NotAllowed, Refused, journal, lock
from secondop.cases.models import AuthorityCheck, Case
from secondop.cases.states import State
from secondop.vault import services as vault

from .imaging.filing import clear_empty
from .models import Archive, Purpose, Record, Status
from .viewer.marking import mark

MOST_REFUSED = 1000
GIVE_BACK = (State.DRAFT, State.SCREENING, State.READY)
STAYS = {
    Purpose.MEDICAL: "A specialist has worked with this file, so it stays with the case.",
    Purpose.AUTHORITY: "Your care coordinator has looked at this paper, so it stays with the case.",
}
ALL_STAYS = {
    Purpose.MEDICAL: "A specialist has worked with these files, so they stay with the case.",
    Purpose.AUTHORITY: "Your care coordinator has looked at these papers, so they stay with the case.",
}


def last_used(case: Case, purpose: str) -> datetime | None:
    """When what had come by then was last used: a specialist's review ended, or a coordinator has looked at the papers."""
    if purpose == Purpose.AUTHORITY:
        return AuthorityCheck.objects.filter(case=case).aggregate(last=Max("at"))["last"]
    return case.journal.filter(source=State.IN_REVIEW).aggregate(last=Max("at"))["last"]


def is_removable(came: Record | Archive, case: Case, used: datetime | None) -> bool:
    """Whether no specialist had the record, or the archive, before them, and no coordinator has looked at it as a proof.

    ``used`` is ``last_used()`` for its purpose.
    """
    is_new = used is None or came.created_at > used
    return is_new and (came.purpose == Purpose.AUTHORITY or case.state in GIVE_BACK)


def removable(case: Case, records: QuerySet[Record], purpose: str = Purpose.MEDICAL) -> list[Record]:
    """Those of ``records`` that may still be taken out: files that were set aside from the first are among them."""
    used = last_used(case, purpose)
    found = records.select_related("series__identity", "identity")
    return [one for one in found if was_aside(one) or is_removable(one, case, used)]


def was_aside(record: Record) -> bool:
    """Whether the record names somebody else, and never opened to specialists."""
    identity = record.series.identity if record.series else record.identity
    return identity is not None and identity.opened_at is None


def remove(case: Case, *, by: User, record: Record) -> None:
    """Take a record out of ``case``, its bytes out of the vault; one that is gone already is fine.

    Raises ``NotAllowed`` for those who may not upload, and ``Refused`` once a specialist may have read it.
    """
    with transaction.atomic():
        case = locked(case, by)
        found = case.records.filter(pk=record.pk).first()
        if found is None:
            return
        if not is_removable(found, case, last_used(case, found.purpose)):
            raise Refused(STAYS[Purpose(found.purpose)])
        discard(case, [found])
        if found.stored_id:
            journal(case, "record_removed", by)
        audit("record.remove", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(found.uid))


def remove_archive(case: Case, *, by: User, archive: Archive) -> None:
    """Take out all that came in an archive and in those within it, so far as ``by`` sees it and it may still be; what is not unpacked too.

    Raises ``NotAllowed`` for those who may not upload, and ``Refused`` where all of it stays.
    """
    with transaction.atomic():
        case = locked(case, by)
        tree = list(Archive.objects.tree(archive))
        came = case.records.listed_to(by).filter(Q(archive__in=tree) | Q(unpacking__in=tree))
        found = removable(case, came, archive.purpose)
        if not found and came.exists():
            raise Refused(ALL_STAYS[Purpose(archive.purpose)])
        discard(case, found)
        if not case.records.filter(Q(archive__in=tree) | Q(unpacking__in=tree)).exists():
            Archive.objects.filter(pk__in=[one.pk for one in tree]).delete()
        if count := sum(record.stored_id is not None for record in found):
            journal(case, "record_removed", by, note=f"{count} file{'' if count == 1 else 's'}")
        detail = {"count": len(found)}
        audit("archive.remove", by=by, case_uid=case.uid, patient_id=case.patient_id, target=f"archive:{archive.pk}", detail=detail)


def discard(case: Case, records: Iterable[Record]) -> int:
    """Delete ``records`` with their bytes and all that was made of them, and the series that are empty then; returns how many."""
    rows = case.records.filter(pk__in=[record.pk for record in records])
    found = list(rows.select_related("stored").prefetch_related("renditions__stored"))
    stored = [file for record in found for file in [record.stored, *(made.stored for made in record.renditions.all())] if file]
    rows.delete()
    vault.discard_all(stored)
    mark(found)
    clear_empty(case)
    refresh(case)
    touch(case)
    return len(found)


def clear_refused(case: Case, *, by: User) -> int:
    """Forget the files of ``by``, and of offices, that were not taken; returns how many.

    Raises ``NotAllowed`` for those who may not upload.
    """
    with transaction.atomic():
        case = locked(case, by)
        own = Q(uploaded_by=by) | Q(uploaded_by=None)
        count, _ = Record.objects.filter(own, case=case, status=Status.REFUSED).delete()
        audit("record.clear_refused", by=by, case_uid=case.uid, patient_id=case.patient_id, detail={"count": count})
    return count


def forget_old_refusals(case: Case) -> None:
    """Keep the last ``MOST_REFUSED`` files of a case that were not taken: there is no end to what can be sent and refused."""
    refused = case.records.filter(status=Status.REFUSED).order_by("-created_at", "-pk")
    case.records.filter(pk__in=list(refused.values_list("pk", flat=True)[MOST_REFUSED:])).delete()


def locked(case: Case, by: User) -> Case:
    """The case, locked until the transaction ends. Raises ``NotAllowed`` for those who may not take records out, and ``Erased``."""
    case = lock(case)
    if not Case.objects.visible_to(by, Right.UPLOAD).filter(pk=case.pk).exists():
        raise NotAllowed("only those who may upload take records out")
    return case
