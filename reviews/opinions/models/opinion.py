"""The opinion itself: one row a version, frozen by the database from the moment it is signed."""

import uuid

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from secondop.cases.models.kept import KeptWithCase
from secondop.web.clock import now

ROWS = ("answers", "grid", "options", "evidence")


class Strength(models.TextChoices):
    """How firmly something is recommended (after the two grades of GRADE)."""

    STRONG = "strong", "Strong: nearly everyone in this situation would choose it"
    CONDITIONAL = "conditional", "Conditional: it depends on what matters to the patient"
    NONE = "none", "No recommendation either way: more has to be known first"


class Urgency(models.TextChoices):
    """How soon something has to happen."""

    NOW = "now", "Today: this is an emergency"
    DAYS = "days", "Within days"
    WEEKS = "weeks", "Within weeks"
    MONTHS = "months", "Within months"
    NONE = "none", "There is no hurry"


class Frozen(pgtrigger.ReadOnly):
    """Refuses changes of a row's fields once the column ``since`` is set."""

    def __init__(self, *, since: str, **kwargs) -> None:
        self.since = since
        super().__init__(**kwargs)

    def get_condition(self, model: models.Model) -> pgtrigger.Condition:
        """The change matters once ``since`` was set before it."""
        return super().get_condition(model) & pgtrigger.Q(**{f"old__{self.since}__isnull": False})


class OpinionQuerySet(models.QuerySet["Opinion"]):
    """Reading opinions; which case may be read was decided by whoever holds the case."""

    def drafts(self):
        """Versions that are still being written."""
        return self.filter(status=Opinion.Status.DRAFT)

    def signed(self):
        """Versions that are signed, newest first, whatever became of them."""
        return self.filter(signed_at__isnull=False).order_by("-version")

    def released(self):
        """Versions a patient has been given, newest first; also those that a later one replaced."""
        return self.filter(released_at__isnull=False).order_by("-version")

    def whole(self):
        """With all the rows that belong to the text."""
        return self.prefetch_related(*ROWS)


class Opinion(models.Model):
    """One version of a case's opinion. A draft has no version number; signing gives it one and freezes its text."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Being written"
        SIGNED = "signed", "Signed"
        RELEASED = "released", "Given to the patient"
        SUPERSEDED = "superseded", "Replaced by a later version"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="opinions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="opinions")
    version = models.PositiveSmallIntegerField(null=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)

    first_read = models.TextField(max_length=2000, blank=True)
    first_read_locked_at = models.DateTimeField(null=True, editable=False)

    bottom_line = models.TextField(max_length=1000, blank=True)
    patient_summary = models.TextField(max_length=4000, blank=True)
    difficult_news = models.BooleanField(default=False)
    materials_reviewed = models.TextField(max_length=8000, blank=True)
    materials_missing = models.TextField(max_length=4000, blank=True)
    case_summary = models.TextField(max_length=8000, blank=True)
    diagnosis = models.TextField(max_length=4000, blank=True)
    alternatives = models.TextField(max_length=4000, blank=True)
    reasoning = models.TextField(max_length=8000, blank=True)
    icd10 = models.CharField(max_length=100, blank=True)
    recommendation = models.TextField(max_length=8000, blank=True)
    strength = models.CharField(max_length=11, choices=Strength.choices, blank=True)
    settle = models.TextField(max_length=4000, blank=True)
    urgency = models.CharField(max_length=6, choices=Urgency.choices, blank=True)
    seek_help = models.TextField(max_length=2000, blank=True)
    tests = models.TextField(max_length=4000, blank=True)
    certainty = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])
    to_doctor = models.TextField(max_length=4000, blank=True)
    limits = models.TextField(max_length=4000, blank=True)
    jurisdiction = models.TextField(max_length=1000, blank=True)
    conflict = models.TextField(max_length=2500, blank=True)

    created_at = models.DateTimeField(default=now, editable=False)
    edits = models.PositiveIntegerField(default=0, editable=False)
    writer = models.CharField(max_length=32, blank=True, editable=False)
    saved_at = models.DateTimeField(null=True, editable=False)

    signature = models.JSONField(default=dict, editable=False)
    signed_at = models.DateTimeField(null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    code = models.CharField(max_length=14, blank=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        ordering = ["case", "version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="opinion_version"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="opinion_code"),
            models.UniqueConstraint(fields=["case", "author"], condition=Q(status="draft"), name="opinion_one_draft_an_author"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="released"), name="opinion_one_in_force"),
            models.CheckConstraint(
                condition=Q(status="draft", signed_at__isnull=True, version__isnull=True, sha256="", code="")
                | (Q(signed_at__isnull=False, version__gt=0) & ~Q(code="") & ~Q(sha256="") & ~Q(status="draft")),
                name="opinion_signed_whole",
            ),
            models.CheckConstraint(condition=~Q(status="released") | Q(released_at__isnull=False), name="opinion_released_when"),
            models.CheckConstraint(condition=Q(certainty__isnull=True) | Q(certainty__lte=100), name="opinion_certainty"),
        ]
        triggers = [
            Frozen(name="signed_text_is_frozen", since="signed_at", exclude=["status", "released_at"]),
            Frozen(name="first_read_is_kept", since="first_read_locked_at", fields=["first_read", "first_read_locked_at"]),
            Frozen(name="release_is_kept", since="released_at", fields=["released_at"]),
            KeptWithCase(name="signed_opinion_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__signed_at__isnull=False)),
            pgtrigger.FSM(
                name="opinion_life",
                field="status",
                transitions=[("draft", "signed"), ("signed", "released"), ("signed", "superseded"), ("released", "superseded")],
            ),
        ]

    def __str__(self) -> str:
        return f"opinion of {self.case_id}, version {self.version or 'in writing'}"
