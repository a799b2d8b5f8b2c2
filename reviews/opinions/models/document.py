"""The PDF of a signed version: a job until it is there, then the one file."""

from django.db import models
from django.db.models import Q

from secondop.web.clock import now


class DocumentQuerySet(models.QuerySet["Document"]):
    """Reading jobs."""

    def due(self):
        """Jobs nobody works on whose time has come."""
        free = Q(taken_until__isnull=True) | Q(taken_until__lt=now())
        return self.filter(free, status=Document.Status.QUEUED, next_try_at__lte=now())


class Document(models.Model):
    """One PDF for one version. The row is the job (lease, attempts, last error) and, once ready, names the stored file."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"

    opinion = models.OneToOneField("opinions.Opinion", models.CASCADE, related_name="document")
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
        indexes = [models.Index(fields=["status", "next_try_at"], name="document_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="ready") | (Q(stored__isnull=False, ready_at__isnull=False) & ~Q(sha256="")),
                name="document_ready_whole",
            )
        ]

    def __str__(self) -> str:
        return f"PDF of opinion {self.opinion_id}"
