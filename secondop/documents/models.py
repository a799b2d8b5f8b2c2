"""A PDF of a case: a job until it is there, then the one file."""

from typing import Self

from django.db import models
from django.db.models import Q

from secondop.web.clock import now

from .kinds import OPINION


class DocumentQuerySet(models.QuerySet["Document"]):
    """Reading jobs and files."""

    def due(self) -> Self:
        """Jobs nobody works on whose time has come."""
        free = Q(taken_until__isnull=True) | Q(taken_until__lt=now())
        return self.filter(free, status=Document.Status.QUEUED, next_try_at__lte=now())

    def ready(self) -> Self:
        """Documents that are there."""
        return self.filter(status=Document.Status.READY)

    def for_patient(self) -> Self:
        """Documents that the patient of a case may have: an opinion's only once it was released."""
        return self.filter(~Q(kind=OPINION) | Q(letter__opinion__released_at__isnull=False))


class Document(models.Model):
    """One PDF. The row is the job (lease, attempts, last error) and, once ready, names the stored file.

    An app makes rows of a child of its own, which says of what; ``subject`` says it to the audit log.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    filename = models.CharField(max_length=100)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    taken_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    stored = models.OneToOneField("vault.StoredFile", models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)
    ready_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["status", "next_try_at"], name="document_when_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(stored__isnull=False, ready_at__isnull=False) & ~Q(sha256="")),
                name="document_ready_whole",
            )
        ]

    def __str__(self) -> str:
        return self.filename
