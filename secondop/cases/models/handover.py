"""The link by which somebody who is an adult now takes over what was asked for them as a child."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.web.clock import now
from secondop.web.link_secrets import hash_of, new_secret

VALID_FOR = timedelta(days=14)


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Reading invitations to take a case over."""

    def open(self) -> Self:
        """Invitations whose link still works."""
        return self.filter(status=Handover.Status.INVITED, created_at__gt=now() - VALID_FOR)

    def of_secret(self, secret: str) -> Self:
        """The invitation of a link."""
        return self.filter(secret_hash=hash_of(secret, "handover"))


class Handover(models.Model):
    """An invitation by a coordinator, who notes in ``identity`` how they checked who the person is. The secret is kept as a hash."""

    class Status(models.TextChoices):
        INVITED = "invited", "Invited"
        ACCEPTED = "accepted", "Taken over"
        CANCELLED = "cancelled", "Replaced by a new invitation"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="handovers")
    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120)
    identity = models.CharField(max_length=300)
    secret_hash = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.INVITED)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(status="invited"), name="one_handover_a_case")]

    def __str__(self) -> str:
        return self.full_name

    def new_secret(self) -> str:
        """Set a fresh secret (not saved) and return it in the clear, for the link."""
        secret = new_secret()
        self.secret_hash = hash_of(secret, "handover")
        return secret
