"""What stays with the specialist: private notes, and wrong passwords while signing."""

from django.conf import settings
from django.db import models

from secondop.web.clock import now


class PrivateNote(models.Model):
    """A specialist's own notes on a case. No other row leads here (``related_name="+"``), so no page of a case can print them."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField(max_length=8000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "author"], name="private_note_one_an_author")]

    def __str__(self) -> str:
        return f"notes of {self.author_id}"


class WrongPassword(models.Model):
    """A password that was wrong while signing. Counted here and not in the sign-in's limits, which must not lock a doctor out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="wrong_password_recent")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at:%Y-%m-%d %H:%M}"
