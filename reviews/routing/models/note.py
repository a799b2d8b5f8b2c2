"""What coordinators note about a case for each other."""

import pgtrigger
from django.conf import settings
from django.db import models

from secondop.cases.models.kept import KeptWithCase
from secondop.web.clock import now

NOTE_LENGTH = 4000


class DeskNote(models.Model):
    """A note of the care team; added and never changed. No other row leads here, so no page, mail or copy of a case can print it."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(max_length=NOTE_LENGTH)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["case", "-at"], name="desk_note_of_case")]
        triggers = [KeptWithCase(name="desk_note_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"note of {self.at:%Y-%m-%d %H:%M}"
