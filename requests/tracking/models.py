"""What the patient's pages keep: whom the patient let in, and that they want to leave."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from secondop.cases.access import FAMILY_RIGHTS
from secondop.cases.models.erasure import in_a_week
from secondop.web.clock import now
from secondop.web.link_secrets import hash_of, new_secret

VALID_FOR = timedelta(days=14)


class ClosureQuerySet(models.QuerySet["AccountClosure"]):
    """Reading accounts that are to be closed."""

    def due(self) -> Self:
        """Those whose day has come, and that nobody is at."""
        at = now()
        return self.filter(Q(taken_until=None) | Q(taken_until__lt=at), due_at__lte=at)


class AccountClosure(models.Model):
    """The account will be closed at ``due_at``; keeping it deletes this row. ``taken_until`` is the lease of the worker at it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="closure")
    asked_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=in_a_week)
    taken_until = models.DateTimeField(null=True)

    objects = ClosureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"to be closed on {self.due_at:%Y-%m-%d}"


class HelperQuerySet(models.QuerySet["Helper"]):
    """Reading invitations of family and helpers."""

    def open(self) -> Self:
        """Invitations whose link still works."""
        at = now()
        return self.filter(Q(until=None) | Q(until__gt=at), status=Helper.Status.INVITED, created_at__gt=at - VALID_FOR)

    def of_secret(self, secret: str) -> Self:
        """The invitation of a link."""
        return self.filter(secret_hash=hash_of(secret, "family"))


class Helper(models.Model):
    """Family or a friend whom the patient invites to a case, from the invitation to the day on which their rights end.

    What they may do now is told by their rows of Access alone. The link's secret is stored as a hash; inviting again makes a new row.
    """

    class Status(models.TextChoices):
        INVITED = "invited", "Invited"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Taken back before an answer"
        ENDED = "ended", "Ended"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="helpers")
    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=120)
    rights = ArrayField(models.CharField(max_length=20, choices=[(r.value, r.value) for r in FAMILY_RIGHTS]))
    until = models.DateTimeField(null=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.INVITED)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects = HelperQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint("case", Lower("email"), condition=Q(status="invited"), name="one_invitation_an_address"),
            models.UniqueConstraint("case", "user", condition=Q(status="accepted"), name="helps_a_case_once"),
        ]
        indexes = [
            models.Index(fields=["status", "until"], name="helper_by_end"),
            models.Index(fields=["invited_by", "created_at"], name="helper_by_inviter"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def link_ends_at(self):
        """When the link stops working, unless the time that it gives ends before."""
        return min(filter(None, (self.created_at + VALID_FOR, self.until)))

    def new_secret(self) -> str:
        """Set a fresh secret (not saved) and return it in the clear, for the link."""
        secret = new_secret()
        self.secret_hash = hash_of(secret, "family")
        return secret
