"""Whether the care team has seen by what right somebody asks for another person."""

from django.conf import settings
from django.db import models

from secondop.web.clock import now


class AuthorityCheck(models.Model):
    """A coordinator has seen the paper, or (with ``waiver``, their reason) lets the case go on without it."""

    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="authority_check")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    waiver = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{'waived' if self.waiver else 'seen'} by {self.by}"
