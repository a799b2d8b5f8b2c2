"""What staff ask the patient for, item by item."""

from django.conf import settings
from django.db import models

from secondop.web.clock import now


class AskQuerySet(models.QuerySet["Ask"]):
    """Reading asks."""

    def open(self):
        """Asks the patient has not finished and nobody has closed."""
        return self.filter(status=Ask.Status.OPEN)

    def overdue(self):
        """Open asks of specialists whose days to answer are over."""
        return self.open().filter(by_specialist=True, due_at__lt=now())


class Ask(models.Model):
    """Something we need from the patient; while it is open the case waits on them."""

    class Status(models.TextChoices):
        OPEN = "open", "Waiting for the patient"
        ANSWERED = "answered", "Answered"
        LAPSED = "lapsed", "Not answered in time"
        CANCELLED = "cancelled", "No longer needed"

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="asks")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by_specialist = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    reminded = models.PositiveSmallIntegerField(default=0)

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at"]
        indexes = [models.Index(fields=["status", "due_at"], name="ask_open")]

    def __str__(self) -> str:
        return f"ask of {self.opened_at:%Y-%m-%d}"


class AskItem(models.Model):
    """One thing asked for, and the patient's answer to it."""

    ask = models.ForeignKey(Ask, models.CASCADE, related_name="items")
    text = models.CharField(max_length=500)
    answer = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
