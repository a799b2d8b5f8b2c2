"""Saving what a specialist types, and locking their first impression."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models, transaction

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.cases.lifecycle import Conflict, Refused
from secondop.cases.models import Case
from secondop.web.clock import now
from secondop.web.prepared import write

from ..models import Opinion, PrivateNote
from .versions import held_draft

# Autosave writes every second; the audit log needs one line a sitting.
ONE_SITTING = timedelta(minutes=15)

Row = dict[str, Any]


class Overtaken(Exception):
    """The text was saved from another window meanwhile; ``opinion`` is what is stored. Nothing was written."""

    def __init__(self, opinion: Opinion) -> None:
        self.opinion = opinion
        super().__init__("This text was changed in another window.")


@dataclass
class WrittenText:
    """All that one form of the write-up holds; what is ``None`` was not in it. ``answers`` and ``grid`` are by position."""

    fields: Row = field(default_factory=dict)
    answers: dict[int, Row] = field(default_factory=dict)
    grid: dict[int, Row] = field(default_factory=dict)
    options: list[Row] | None = None
    evidence: list[Row] | None = None
    note: str | None = None


@dataclass(frozen=True)
class Stamp:
    """What a form was based on: the number of saves its page had seen, and the window it is in."""

    version: int
    window: str

    def holds(self, opinion: Opinion) -> bool:
        """Whether nobody else has saved since: the page saw the last save, or the last save came from the same window."""
        return self.version == opinion.edits or (bool(self.window) and self.window == opinion.writer)


@transaction.atomic
def save(case: Case, *, by: User, stamp: Stamp, text: WrittenText) -> Opinion:
    """Store what ``by`` has typed into their draft and return it.

    Raises ``Overtaken`` when another window saved meanwhile, ``Conflict`` when the case is not in review any more,
    ``NotAllowed`` for anybody but its specialist.
    """
    locked, draft = held_draft(case, by)
    if not stamp.holds(draft):
        raise Overtaken(draft)
    first_in_sitting = draft.saved_at is None or now() - draft.saved_at > ONE_SITTING
    for name, value in text.fields.items():
        setattr(draft, name, value)
    draft.edits += 1
    draft.writer, draft.saved_at = stamp.window, now()
    write(draft, *text.fields, "edits", "writer", "saved_at")
    write_known(draft.answers.all(), text.answers)
    write_known(draft.grid.all(), text.grid)
    write_list(draft.options, text.options)
    write_list(draft.evidence, text.evidence)
    if text.note is not None and text.note != private_note(locked, by):
        PrivateNote.objects.update_or_create(case=locked, author=by, defaults={"text": text.note})
    if first_in_sitting:
        record("opinion.write", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=str(draft.uid))
    return draft


@transaction.atomic
def lock_first_read(case: Case, *, by: User, stamp: Stamp, text: str) -> Opinion:
    """Keep the specialist's own first impression for good; only then does the page show the first opinion.

    Raises ``Overtaken`` when another window saved another text meanwhile, ``Refused`` without a text, and ``Conflict`` when it
    is locked already with another text.
    """
    locked, draft = held_draft(case, by)
    if draft.first_read_locked_at:
        if text.strip() == draft.first_read:
            return draft
        raise Conflict(locked, "Your first impression is locked already.")
    if not stamp.holds(draft) and text.strip() != draft.first_read.strip():
        raise Overtaken(draft)
    if not text.strip():
        raise Refused("Please write your own impression first. Two or three sentences are enough.")
    draft.first_read, draft.first_read_locked_at = text.strip(), now()
    # No page from before knows the whole write-up, not even the window that saved last.
    draft.edits, draft.writer = draft.edits + 1, ""
    draft.save(update_fields=["first_read", "first_read_locked_at", "edits", "writer"])
    record("opinion.first_read", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=str(draft.uid))
    return draft


def is_blind(case: Case, draft: Opinion) -> bool:
    """Whether the first opinion is still hidden: the specialty reads blind first, and no impression is locked yet."""
    reads_blind = case.specialty is None or case.specialty.blind_first_read
    return reads_blind and draft.first_read_locked_at is None


def private_note(case: Case, by: User) -> str:
    """The private notes of ``by`` on this case; nobody else's can be asked for."""
    note = PrivateNote.objects.filter(case=case, author=by).first()
    return note.text if note else ""


def write_known(rows: "models.QuerySet[Any]", wanted: dict[int, Row]) -> None:
    """Write the columns given for each position, where they differ; rows are neither added nor taken away."""
    for row in rows if wanted else ():
        changed = [name for name, value in wanted.get(row.position, {}).items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, wanted[row.position][name])
        if changed:
            row.save(update_fields=changed)


def write_list(rows: Any, wanted: list[Row] | None) -> None:
    """Make the rows of a draft's list the ones given, in that order; nothing is written when they are already."""
    if wanted is None:
        return
    held = [{name: getattr(row, name) for name in (wanted[0] if wanted else ())} for row in rows.all()]
    if held == wanted:
        return
    rows.all().delete()
    rows.bulk_create([rows.model(opinion=rows.instance, position=n, **row) for n, row in enumerate(wanted)])
