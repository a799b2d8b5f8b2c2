"""What stays with the specialist: private notes."""

from django.conf import settings
from django.db import models


class PrivateNote(models.Model):
    """A specialist's own notes on a case. No other row leads here (``related_name="+"``), so no page of a case can print them."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField(max_length=8000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "author"], name="private_note_one_an_author")]

    def __str__(self) -> str:
        return f"notes of {self.author_id}"
