"""Files on their way, and the tokens by which other programs than a browser bring them."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.cases.models import Case
from secondop.vault.models import StoredFile
from secondop.web.clock import now

from ..names import MAX_LENGTH
from ..sourcing.models import DropLink

if TYPE_CHECKING:
    from secondop.accounts.models import User


class Status(models.TextChoices):
    """How far an upload has come: on its way, become a record, or not taken."""

    OPEN = "open", "On its way"
    DONE = "done", "Arrived"
    REFUSED = "refused", "Not taken"


class UploadToken(models.Model):
    """Lets a program send files to one case in the name of ``made_by``, while that person may do so; the token itself is not kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="upload_tokens")
    purpose = models.CharField(max_length=9)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    label = models.CharField(max_length=60)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def is_valid(self) -> bool:
        """Whether it is neither over nor revoked."""
        return self.revoked_at is None and self.expires_at > now()


class UploadQuerySet(models.QuerySet["Upload"]):
    """Reading uploads."""

    def open(self) -> Self:
        """Those on their way; each holds the room it has announced."""
        return self.filter(status=Status.OPEN, expires_at__gt=now())

    def of(self, sender: "User | DropLink") -> Self:
        """Those that ``sender`` began, or a program in their name."""
        return self.filter(link=sender) if isinstance(sender, DropLink) else self.filter(sender=sender)


class Upload(models.Model):
    """One file on its way: ``stored`` has what is here of it, until it becomes ``record``.

    Its sender is a person, or an office by its ``link``. ``metadata`` is what its sender said of it, as it was sent; ``fingerprint`` is
    by what a page knows the same file again.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=9)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    link = models.ForeignKey(DropLink, models.CASCADE, null=True, blank=True, related_name="uploads")
    token = models.ForeignKey(UploadToken, models.SET_NULL, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.OPEN)
    name = models.CharField(max_length=MAX_LENGTH)
    kind = models.CharField(max_length=20, blank=True)
    length = models.BigIntegerField()
    metadata = models.TextField(max_length=4096, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    stored = models.OneToOneField(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    record = models.ForeignKey("records.Record", models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["case", "status"], name="upload_of_case"),
            models.Index(fields=["case", "sender", "fingerprint"], name="upload_known", condition=~Q(fingerprint="")),
            models.Index(fields=["expires_at"], name="upload_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                name="upload_has_one_sender",
                condition=Q(sender__isnull=False, link__isnull=True) | Q(sender__isnull=True, link__isnull=False, token__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def offset(self) -> int:
        """How many of its bytes are here for good."""
        if self.status == Status.DONE:
            return self.length
        return self.stored.size if self.stored else 0
