"""The signed copies of consents."""

from django.db import models

from secondop.documents.models import Document


class ConsentCopy(Document):
    """The PDF of one consent: as it was signed and, once it was taken back, another one that says so."""

    consent = models.ForeignKey("cases.Consent", models.CASCADE, related_name="copies")
    taken_back = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consent", "taken_back"], name="consent_copied_once")]
