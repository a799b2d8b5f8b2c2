"""Making documents: each taken by one worker at a time, tried again with growing pauses, stored once."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.urls import reverse

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.lifecycle import Refused, journal, recipients
from secondop.cases.models import Case
from secondop.cases.states import Party
from secondop.notices.services import tell
from secondop.vault import services as vault
from secondop.web.clock import now
from secondop.web.queue import enqueue

from .kinds import KINDS
from .models import Document, DocumentQuerySet
from .renderer import RenderFailed, render_pdf

LEASE = timedelta(minutes=3)
PAUSES = [timedelta(seconds=s) for s in (30, 120, 600, 1800)]
TRIES = len(PAUSES) + 1
LOST = "The renderer was stopped before it was done."
A_CASE_AN_HOUR = 100  # two letters to each of thirty places and a copy of each consent are fewer
TOO_MANY = "So many documents were made for this case that others wait behind them. Please try again in an hour."


def order(document: Document) -> None:
    """Send a new job to the workers, once the transaction that made it has committed."""
    enqueue(KINDS[document.kind].task, document.pk)


def check_pace(case: Case) -> None:
    """Raise ``Refused`` where people ordered more documents of ``case`` within the hour than they need; the caller has locked it."""
    if Document.objects.filter(case=case, created_at__gt=now() - timedelta(hours=1)).count() >= A_CASE_AN_HOUR:
        raise Refused(TOO_MANY)


def render(document_id: int, html_of: Callable[[Document], str]) -> bool:
    """Make a PDF of what ``html_of`` gives, unless it is there, or somebody else is at it; returns whether it is there now.

    A failure is written on the row, with the time of the next try; after the fifth the coordinator is told. A case that is erased
    meanwhile takes the row along, and nothing is left to do.
    """
    document, until = take(document_id)
    if document is None:
        return Document.objects.ready().filter(pk=document_id).exists()
    try:
        return keep(document, render_pdf(html_of(document)))
    except (RenderFailed, vault.VaultError, OSError, ObjectDoesNotExist) as error:
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
    return document, until


@transaction.atomic
def keep(document: Document, pdf: bytes) -> bool:
    """Store the PDF and name it on the row, unless another worker was first."""
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.stored_id is not None:
        return True
    stored = vault.put(row.case.uid, pdf)
    row.stored, row.sha256, row.size = stored, stored.sha256, stored.size
    row.status, row.ready_at, row.taken_until, row.error = Document.Status.READY, now(), None, ""
    row.save()
    if KINDS[row.kind].journal:
        journal(row.case, "pdf_ready", None, party=Party.SYSTEM)
    note(row, "pdf")
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
    case, link = document.case, reverse(KINDS[document.kind].page, args=[document.case.uid])
    if KINDS[document.kind].journal:
        journal(case, "pdf_failed", None, party=Party.SYSTEM, reason=document.error)
    note(document, "pdf_failed")
    for person in recipients(case, Party.COORDINATOR):
        tell(person, "pdf_failed", case=case, link=link, key=f"pdf:{document.pk}:{now().timestamp():.0f}:{person.pk}")


@transaction.atomic
def retry(document: Document, *, by: User) -> Document:
    """Try a document that failed again, from the start. The caller has looked at what ``by`` may do with it.

    Raises ``Refused`` when it is there, or being made right now.
    """
    row = Document.objects.select_for_update().get(pk=document.pk)
    if row.status == Document.Status.READY:
        raise Refused("The document is there already.")
    if row.taken_until and row.taken_until > now():
        raise Refused("It is being made right now. Please look again in a minute.")
    row.status, row.attempts, row.next_try_at, row.taken_until = Document.Status.QUEUED, 0, now(), None
    row.save()
    note(row, "rerender", by)
    order(row)
    return row


def sweep() -> int:
    """Send every job that is due to the workers; returns how many."""
    due = list(Document.objects.due()[:200])
    for document in due:
        order(document)
    return len(due)


def is_intact(document: Document) -> bool:
    """Whether a document is there and its stored bytes still have the hash that was written down for them."""
    if document.status != Document.Status.READY or document.stored is None:
        return False
    digest = hashlib.sha256()
    try:
        for piece in vault.read(document.stored):
            digest.update(piece)
    except vault.VaultError:
        return False
    return digest.hexdigest() == document.sha256


def given_to_patient(case: Case) -> DocumentQuerySet:
    """Every finished document of ``case`` that its patient may have, with the stored file: what an export takes along."""
    return Document.objects.ready().for_patient().filter(case=case).select_related("stored")


def note(document: Document, what: str, by: User | None = None) -> None:
    """Write to the audit log what happened to a document."""
    case = document.case
    record(f"{document.kind}.{what}", by=by, case_uid=case.uid, patient_id=case.patient_id, target=document.subject)
