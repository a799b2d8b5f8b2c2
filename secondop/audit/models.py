"""The audit log: one row for every act, read and refusal, and the seals that chain them."""

import pgtrigger
from django.conf import settings
from django.db import models


class Outcome(models.TextChoices):
    """How what was asked for ended."""

    ALLOWED = "allowed", "Allowed"
    REFUSED = "refused", "Refused"


class Entry(models.Model):
    """Who did or read what, when, from where. Never changed, never deleted: it outlives its case and its actor."""

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    action = models.CharField(max_length=60)
    case_uid = models.UUIDField(null=True)
    patient_id = models.BigIntegerField(null=True)
    target = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.ALLOWED)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["case_uid", "at"], name="audit_of_case")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.outcome}"


class Seal(models.Model):
    """A run of entries, bound by hash to the run before it.

    ``index`` holds, for each entry in order, its sequence number (8 bytes, big-endian) and the SHA-256 of its content
    (32 bytes), so that a changed row can be named; ``hash`` is the SHA-256 of the previous seal's hash and the index.
    """

    at = models.DateTimeField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    index = models.BinaryField()
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.first_seq}-{self.last_seq} {self.hash[:12]}"
