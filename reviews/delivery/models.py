"""Who has opened which version of an opinion."""

from django.conf import settings
from django.db import models

from secondop.web.clock import now


class Opening(models.Model):
    """A patient, or somebody of their family, has opened a version; until then they see its cover."""

    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opinion", "user"], name="opening_once")]

    def __str__(self) -> str:
        return f"opened at {self.at:%Y-%m-%d %H:%M}"
