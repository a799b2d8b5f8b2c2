"""What a complete case holds, ticked, waived or still missing."""

from django.conf import settings
from django.db import models


class ChecklistItem(models.Model):
    """One thing the specialty needs to see. A waived item keeps the reason and becomes a limitation of the opinion."""

    class Status(models.TextChoices):
        MISSING = "missing", "Missing"
        ARRIVED = "arrived", "Arrived"
        WAIVED = "waived", "Not needed"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="checklist")
    text = models.CharField(max_length=200)
    required = models.BooleanField(default=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.MISSING)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
