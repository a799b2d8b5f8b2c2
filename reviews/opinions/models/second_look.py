"""A second specialist's look at an opinion that differs in a major way."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.web.clock import now


class SecondLookQuerySet(models.QuerySet["SecondLook"]):
    """Reading second looks."""

    def open(self):
        """Asked or accepted, and not answered yet."""
        return self.filter(status__in=SecondLook.OPEN)


class SecondLook(models.Model):
    """Asked → accepted (no conflict declared) → confirmed or refused; or declined, or cancelled when the opinion moved on."""

    class Status(models.TextChoices):
        ASKED = "asked", "Asked"
        ACCEPTED = "accepted", "Reading"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Not confirmed"
        DECLINED = "declined", "Declined to look"
        CANCELLED = "cancelled", "No longer needed"

    OPEN = (Status.ASKED, Status.ACCEPTED)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="second_looks")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="second_looks")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ASKED)
    accepted_at = models.DateTimeField(null=True)
    note = models.TextField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["opinion"], condition=Q(status__in=["asked", "accepted"]), name="second_look_one_open"),
        ]

    def __str__(self) -> str:
        return f"second look by {self.specialist_id}"
