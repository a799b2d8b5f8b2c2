"""A copy that somebody asked for: the job until the file is there, then the file, for a week."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from secondop.cases.access import PRIVATE_RIGHTS
from secondop.vault.models import Status as Stored
from secondop.web.clock import now


class ExportQuerySet(models.QuerySet["Export"]):
    """Reading copies."""

    def running(self) -> Self:
        """Copies that are being made, or wait for a worker."""
        return self.filter(status__in=Export.RUNNING)

    def due(self) -> Self:
        """Those of them that nobody works on and whose time has come."""
        return self.running().filter(Q(taken_until=None) | Q(taken_until__lt=now()), next_try_at__lte=now())

    def over(self) -> Self:
        """Files whose week is over, or that hold a case which was erased."""
        return self.filter(Q(expires_at__lte=now()) | ~Q(stored__status=Stored.STORED), status=Export.Status.READY)


class Export(models.Model):
    """One copy. ``cases`` are in it, and with ``everything`` the account as well. Its file is sealed under ``uid``, a key of its own.

    That key dies with the file, and with the key of any case of the copy (``vault.bind``). ``rights`` are those that the owner held on
    its cases when it was made. ``taken_until`` is the lease of the worker that makes it; whoever loses it stops. ``error`` is for the
    log, not for people.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be made"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"
        EXPIRED = "expired", "Gone"

    RUNNING = (Status.QUEUED, Status.MAKING)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    everything = models.BooleanField()
    cases = models.ManyToManyField("cases.Case", related_name="exports")
    rights = ArrayField(models.CharField(max_length=20, choices=[(r.value, r.value) for r in PRIVATE_RIGHTS]), default=list)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.QUEUED)
    files_done = models.PositiveIntegerField(default=0)
    files_total = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    taken_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    stored = models.OneToOneField("vault.StoredFile", models.PROTECT, null=True, related_name="+")
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="export_of_person"),
            models.Index(fields=["status", "next_try_at"], name="export_when_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(status__in=["queued", "making"]), name="export_one_at_a_time"),
            models.CheckConstraint(
                name="export_ready_whole",
                condition=~Q(status="ready") | Q(stored__isnull=False, ready_at__isnull=False, expires_at__isnull=False) & ~Q(sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.status}"

    @property
    def is_running(self) -> bool:
        """Whether it is being made, or waits for a worker."""
        return self.status in self.RUNNING
