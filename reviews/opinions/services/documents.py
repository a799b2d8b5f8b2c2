"""The PDF of a signed version: taken by one worker at a time, tried again with growing pauses, stored once."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.access import parties
from secondop.cases.lifecycle import NotAllowed, Refused, journal, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party
from secondop.notices.services import tell
from secondop.vault import services as vault
from secondop.web.clock import now
from secondop.web.queue import enqueue

from ..letter import letter
from ..models import Document, Opinion
from ..renderer import RenderFailed, render_pdf

TASK = "opinions.tasks.render"
LEASE = timedelta(minutes=3)
PAUSES = [timedelta(seconds=s) for s in (30, 120, 600, 1800)]
TRIES = len(PAUSES) + 1
LOST = "The renderer was stopped before it was done."


def render(document_id: int) -> bool:
    """Make the PDF of a document unless it is there, or somebody else is at it; returns whether it is there now.

    A failure is written on the row, with the time of the next try; after the fifth the coordinator is told.
    """
    document, until = take(document_id)
    if document is None:
        return Document.objects.filter(pk=document_id, status=Document.Status.READY).exists()
    try:
        pdf = render_pdf(letter(document.opinion))
        return keep(document, pdf)
    except (RenderFailed, vault.VaultError, OSError) as error:
        fail(document_id, until, str(error) or type(error).__name__)
        return False


@transaction.atomic
def take(document_id: int) -> tuple[Document | None, datetime]:
    """The job, if it is due, with a lease and one more try counted; the lease's end tells this worker from a later one."""
    until = now() + LEASE
    document = Document.objects.due().select_for_update(skip_locked=True).filter(pk=document_id).first()
    if document is None:
        return None, until
    if document.attempts >= TRIES:
        give_up(document, LOST)
        return None, until
    document.attempts += 1
    document.taken_until = until
    document.save(update_fields=["attempts", "taken_until"])
    return Document.objects.select_related("opinion__case__patient", "opinion__case__brief").get(pk=document_id), until


@transaction.atomic
def keep(document: Document, pdf: bytes) -> bool:
    """Store the PDF and name it on the row, unless another worker was first."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.stored_id is not None:
        return True
    case = document.opinion.case
    stored = vault.put(case.uid, pdf)
    row.stored, row.sha256, row.size = stored, stored.sha256, stored.size
    row.status, row.ready_at, row.taken_until, row.error = Document.Status.READY, now(), None, ""
    row.save()
    journal(case, "pdf_ready", None, party=Party.SYSTEM)
    record("opinion.pdf", case_uid=case.uid, patient_id=case.patient_id, target=str(document.opinion.uid))
    return True


@transaction.atomic
def fail(document_id: int, until: datetime, reason: str) -> None:
    """Write down a failed try, unless the lease has gone to somebody else meanwhile."""
    document = Document.objects.select_for_update().filter(pk=document_id, taken_until=until).first()
    if document is None or document.status != Document.Status.QUEUED:
        return
    if document.attempts >= TRIES:
        give_up(document, reason)
        return
    document.error, document.taken_until = reason[:300], None
    document.next_try_at = now() + PAUSES[document.attempts - 1]
    document.save()


def give_up(document: Document, reason: str) -> None:
    """No more tries by itself: the row says why, the journal too, and the coordinator is told."""
    document.status, document.error, document.taken_until = Document.Status.FAILED, reason[:300], None
    document.save()
    case = document.opinion.case
    journal(case, "pdf_failed", None, party=Party.SYSTEM, reason=document.error)
    record("opinion.pdf_failed", case_uid=case.uid, patient_id=case.patient_id, target=str(document.opinion.uid))
    for person in recipients(case, Party.COORDINATOR):
        tell(person, "pdf_failed", case=case, key=f"pdf:{document.pk}:{now().timestamp():.0f}:{person.pk}")


@transaction.atomic
def retry(case: Case, *, by: User, version: int) -> Document:
    """Try a PDF that failed again, from the start. Raises ``NotAllowed`` for others than the care team, ``Refused`` if it is there."""
    if Party.COORDINATOR not in parties(case, by):
        raise NotAllowed("only the care team retries")
    rows = Document.objects.select_for_update().filter(opinion__case=case, opinion__version=version)
    document = rows.exclude(status=Document.Status.READY).first()
    if document is None:
        raise Refused("The document is there already.")
    if document.taken_until and document.taken_until > now():
        raise Refused("It is being made right now. Please look again in a minute.")
    document.status, document.attempts, document.next_try_at, document.taken_until = Document.Status.QUEUED, 0, now(), None
    document.save()
    record("opinion.rerender", by=by, case_uid=case.uid, patient_id=case.patient_id, target=str(document.opinion.uid))
    enqueue(TASK, document.pk)
    return document


def sweep() -> int:
    """Send every job that is due to the workers; returns how many."""
    due = list(Document.objects.due().values_list("pk", flat=True)[:200])
    for pk in due:
        enqueue(TASK, pk)
    return len(due)


def is_intact(opinion: Opinion) -> bool:
    """Whether the PDF of a version is there and its stored bytes still have the hash that was written down for them."""
    document = Document.objects.select_related("stored").filter(opinion=opinion, status=Document.Status.READY).first()
    if document is None or document.stored is None:
        return False
    digest = hashlib.sha256()
    try:
        for piece in vault.read(document.stored):
            digest.update(piece)
    except vault.VaultError:
        return False
    return digest.hexdigest() == document.sha256
