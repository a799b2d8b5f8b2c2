"""The case itself: where it stands, whose it is, and its dates."""

import uuid
from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models

from secondop.cases.access import CaseQuerySet
from secondop.cases.states import MOVES, STATE_LABELS, State
from secondop.web.clock import now
from secondop.web.text import random_code

# A draft that nobody has changed for so long is deleted, so long after its people were told at the earliest.
DRAFT_KEPT, DRAFT_NOTICE = timedelta(days=60), timedelta(days=7)


def new_reference() -> str:
    """A random case reference for people, such as ``SO-7F3K-29QD``; it tells nothing about how many cases there are."""
    return f"SO-{random_code(2)}"


class Case(models.Model):
    """One request for a second opinion. ``state`` is written by ``lifecycle.move()`` only; the database checks it too.

    ``touched_at``, the ``reminded`` count since then and ``ending_told_at``, when people were told that the draft will be deleted,
    are about drafts: ``drafts.touch()`` begins them anew.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    state = models.CharField(max_length=10, choices=[(s.value, STATE_LABELS[s]) for s in State], default=State.DRAFT)
    patient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="cases")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="owned_cases")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reviewed_cases")
    specialty = models.ForeignKey("catalog.Specialty", models.PROTECT, null=True, blank=True, related_name="+")
    decision_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    touched_at = models.DateTimeField(default=now)
    reminded = models.PositiveSmallIntegerField(default=0, editable=False)
    ending_told_at = models.DateTimeField(null=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    reopened_at = models.DateTimeField(null=True, editable=False)
    taken_over_at = models.DateTimeField(null=True, editable=False)
    lead_told_at = models.DateTimeField(null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="case_queue"),
            models.Index(fields=["patient", "-created_at"], name="case_of_patient"),
            models.Index(fields=["owner", "state"], name="case_of_owner"),
            models.Index("touched_at", name="case_draft_silent", condition=models.Q(state=State.DRAFT)),
        ]
        triggers = [
            pgtrigger.FSM(
                name="case_moves",
                field="state",
                transitions=sorted({(str(s), str(m.target)) for m in MOVES.values() for s in m.sources}),
            ),
            pgtrigger.Trigger(
                name="case_starts_as_draft",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.state <> 'draft'"),
                func="RAISE EXCEPTION 'a case starts as a draft';",
            ),
            pgtrigger.ReadOnly(name="case_identity", fields=["uid", "reference", "created_at"]),
            pgtrigger.Protect(
                # A case changes hands once, when a child who is an adult now takes it over.
                name="case_patient",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__patient_id__df=pgtrigger.F("new__patient_id"))
                & ~pgtrigger.Q(old__taken_over_at__isnull=True, new__taken_over_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def journal_lines(self) -> int:
        """How many lines the journal has: tells two passes through the same move apart."""
        return self.journal.count()

    @property
    def first_asked_at(self):
        """When the patient asked: the start of the first of the two clocks."""
        return self.submitted_at or self.created_at

    @property
    def draft_kept_until(self) -> datetime | None:
        """The moment from which this draft may be deleted; ``None`` as long as nobody was told that it will be."""
        if self.state != State.DRAFT or self.ending_told_at is None:
            return None
        return max(self.touched_at + DRAFT_KEPT, self.ending_told_at + DRAFT_NOTICE)
