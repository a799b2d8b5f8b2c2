"""The PDF of a signed version."""

from django.db import models

from secondop.documents.models import Document


class Letter(Document):
    """The one document of one version."""

    opinion = models.OneToOneField("opinions.Opinion", models.CASCADE, related_name="document")
