"""A request that the organisation declines, or proposes to decline."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.web.clock import now


class Decline(models.Model):
    """Why a case is declined and what the patient can do instead; on clinical grounds it waits for a lead."""

    class Code(models.TextChoices):
        SCOPE = "scope", "Outside what we do"
        NOT_LICENSED = "not_licensed", "No specialist is licensed for the patient's place"
        NO_RECORDS = "no_records", "The records cannot be had"
        EMERGENCY = "emergency", "An emergency, which needs care at once"
        CLINICAL = "clinical", "Clinical grounds"
        DUPLICATE = "duplicate", "The same request was sent twice"
        OTHER = "other", "Another reason"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting for a lead"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected by a lead"
        DROPPED = "dropped", "The case went on meanwhile"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="declines")
    code = models.CharField(max_length=12, choices=Code.choices)
    text = models.TextField(max_length=1200)
    alternative = models.TextField(max_length=700)
    clinical = models.BooleanField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=now)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(status="waiting"), name="one_decline_waits")]

    def __str__(self) -> str:
        return f"{self.get_code_display()}, {self.get_status_display().lower()}"

    @property
    def note(self) -> str:
        """What the patient reads: why, and what else they can do."""
        return f"{self.text}\n\n{self.alternative}"
