"""What the patient agreed to, word for word."""

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models

from secondop.catalog.models import ConsentText
from secondop.web.clock import now

from .kept import KeptWithCase

YEAR = timedelta(days=365)


class Consent(models.Model):
    """One consent given or refused: the exact text, its hash, and the signature.

    All that changes later, and once, is when and by whom it was taken back.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="consents")
    text = models.ForeignKey("catalog.ConsentText", models.PROTECT, related_name="+")
    source = models.ForeignKey("cases.Source", models.SET_NULL, null=True, blank=True, related_name="consents")
    given = models.BooleanField()
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    typed_name = models.CharField(max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.ReadOnly(
                name="consent_fixed",
                fields=["case", "text", "given", "body", "body_sha256", "typed_name", "by", "at", "ip", "agent"],
            ),
            pgtrigger.Protect(
                name="consent_taken_back_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False)
                & (
                    pgtrigger.Q(old__revoked_at__df=pgtrigger.F("new__revoked_at"))
                    | pgtrigger.Q(old__revoked_by__df=pgtrigger.F("new__revoked_by"))
                ),
            ),
            KeptWithCase(name="consent_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.text} ({'given' if self.given else 'refused'})"

    @property
    def ends_at(self) -> datetime | None:
        """When it ends by its own words: an authorization a year after its signature, or with the case; the others do not."""
        if self.text.kind != ConsentText.Kind.SOURCE:
            return None
        year, end = self.at + YEAR, self.case.ended_at or self.case.reopened_at
        return min(year, end) if end and end > self.at else year

    @property
    def holds(self) -> bool:
        """Whether it was given, was not taken back, and has not ended."""
        return self.given and self.revoked_at is None and (self.ends_at is None or self.ends_at > now())
