"""What a complete case holds, ticked, waived or still missing."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ChecklistItem(models.Model):
    """One thing the specialty needs to see. A waived item keeps the reason and becomes a limitation of the opinion.

    Text, ``required`` and ``ticks`` (when it ticks itself) are a copy of one version of the catalog's. What nobody decided (``by``) was
    ticked by the record that ``record_uid`` names.
    """

    class Status(models.TextChoices):
        MISSING = "missing", "Missing"
        ARRIVED = "arrived", "Arrived"
        WAIVED = "waived", "Not needed"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="checklist")
    template = models.ForeignKey("catalog.ChecklistTemplate", models.SET_NULL, null=True, blank=True, related_name="+")
    template_version = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=200)
    required = models.BooleanField(default=True)
    ticks = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.MISSING)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    record_uid = models.UUIDField(null=True, blank=True)
    record_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
