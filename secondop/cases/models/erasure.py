"""A case that its patient wants erased, until it is."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.web.clock import now

TIME_TO_KEEP = timedelta(days=7)  # in which the patient can still keep the case


def in_a_week() -> datetime:
    """When a case is erased whose patient asks now."""
    return now() + TIME_TO_KEEP


class ErasureQuerySet(models.QuerySet["ErasureRequest"]):
    """Reading requests to erase."""

    def due(self) -> Self:
        """Those whose day has come, and that nobody is at."""
        at = now()
        return self.filter(Q(taken_until=None) | Q(taken_until__lt=at), due_at__lte=at)


class ErasureRequest(models.Model):
    """The case will be erased at ``due_at``; keeping it deletes this row, erasing it does so too.

    ``with_account``: because the patient closes their account. ``taken_until`` is the lease of the worker that erases it.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="erasure")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=in_a_week)
    with_account = models.BooleanField(default=False)
    taken_until = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="erasure_by_day")]

    def __str__(self) -> str:
        return f"to be erased on {self.due_at:%Y-%m-%d}"
