"""Records that others hold: a request to an office, what became of it, its letters, and the link by which the office sends them."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.documents.models import Document
from secondop.web.clock import now, today
from secondop.web.link_secrets import hash_of
from secondop.web.text import random_code

LINK_FOR = timedelta(days=60)
# Days after a request went out on which the office is asked again while nothing has come.
CHASE_DAYS = (3, 7, 14, 21, 28)


def new_code() -> str:
    """A random reference that the office reads out on the telephone, such as ``R-7F3K-29QD``; it tells nothing about the case."""
    return f"R-{random_code(2)}"


class RequestQuerySet(models.QuerySet["RecordRequest"]):
    """Reading requests."""

    def open(self) -> Self:
        """Requests that are neither answered nor given up."""
        return self.filter(status__in=RecordRequest.OPEN)

    def sent(self) -> Self:
        """Requests that went out and wait for the office."""
        return self.filter(status__in=RecordRequest.OUT)

    def to_chase(self) -> Self:
        """Requests whose office is to be asked again today."""
        return self.sent().filter(chase_on__lte=today())


class RecordRequest(models.Model):
    """One office that is asked for records of a case, by the care team with the patient's authorization or by the patient.

    ``due_on`` is the last day that the law leaves the office, ``chase_on`` when it is to be asked again, ``told_on`` the chase of
    which people were told, ``arrived_at`` when files came by the link that nobody has looked at yet.
    """

    class Status(models.TextChoices):
        TO_SEND = "to_send", "To be sent"
        SENT = "sent", "Sent"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RECEIVED = "received", "Received"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Cancelled"

    class How(models.TextChoices):
        MAIL = "mail", "Mail"
        FAX = "fax", "Fax"
        PORTAL = "portal", "Patient portal"
        EMAIL = "email", "E-mail"

    OUT = (Status.SENT, Status.ACKNOWLEDGED)
    OPEN = (Status.TO_SEND, *OUT)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="record_requests")
    source = models.ForeignKey("cases.Source", models.SET_NULL, null=True, blank=True, related_name="requests")
    by_patient = models.BooleanField(default=False)
    office = models.CharField(max_length=160)
    place = models.CharField(max_length=160, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    what = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=6, choices=How.choices, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.TO_SEND)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    sent_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    is_extended = models.BooleanField(default=False)
    chase_on = models.DateField(null=True, blank=True)
    told_on = models.DateField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["case", "status"], name="request_of_case"),
            models.Index(fields=["chase_on"], name="request_to_chase", condition=Q(status__in=["sent", "acknowledged"])),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], name="request_once_a_source", condition=Q(status__in=["to_send", "sent", "acknowledged"])
            ),
            models.CheckConstraint(
                name="request_sent_has_dates",
                condition=~Q(status__in=["sent", "acknowledged"]) | Q(sent_on__isnull=False, due_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_open(self) -> bool:
        """Whether it is neither answered nor given up."""
        return self.status in self.OPEN

    @property
    def is_out(self) -> bool:
        """Whether it waits for the office."""
        return self.status in self.OUT

    @property
    def is_late(self) -> bool:
        """Whether the office has let its time pass."""
        return self.is_out and self.due_on is not None and self.due_on < today()

    @property
    def chases(self) -> bool:
        """Whether the office is to be asked again today."""
        return self.is_out and self.chase_on is not None and self.chase_on <= today()


class RequestEvent(models.Model):
    """One thing that happened to a request; ``by`` is empty for what came by the link. Notes are for whoever runs the request."""

    class What(models.TextChoices):
        MADE = "made", "Request made"
        SENT = "sent", "Sent"
        ACKNOWLEDGED = "acknowledged", "The office has it"
        CHASED = "chased", "Asked again"
        EXTENDED = "extended", "The office needs longer"
        ARRIVED = "arrived", "Files came by the link"
        PARTLY = "partly", "Looked at: more is to come"
        RECEIVED = "received", "Complete"
        REFUSED = "refused", "The office refused"
        CANCELLED = "cancelled", "Cancelled"
        LETTERS = "letters", "Letters made, with a new link"
        CLOSED = "closed", "The link was closed"

    request = models.ForeignKey(RecordRequest, models.CASCADE, related_name="events")
    what = models.CharField(max_length=12, choices=What.choices)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what} at {self.at:%Y-%m-%d %H:%M}"


class RequestLetter(Document):
    """A letter of a request as a PDF: what the office is asked, or the authorization that the patient has signed."""

    class Part(models.TextChoices):
        COVER = "letter", "Letter"
        AUTHORIZATION = "authorization", "Authorization"

    request = models.ForeignKey(RecordRequest, models.CASCADE, related_name="letters")
    part = models.CharField(max_length=13, choices=Part.choices)
    consent = models.ForeignKey("cases.Consent", models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]


def last_day_of_link() -> datetime:
    """When a link that is made now ends by itself."""
    return now() + LINK_FOR


class LinkQuerySet(models.QuerySet["DropLink"]):
    """Reading links."""

    def live(self) -> Self:
        """Links that neither ended nor were closed."""
        return self.filter(revoked_at=None, expires_at__gt=now())

    def of_secret(self, secret: str) -> Self:
        """The link that a secret belongs to, however the office typed it."""
        return self.filter(secret_hash=hash_of(plain(secret), "drop"))


class DropLink(models.Model):
    """The link by which an office sends records without an account. Its secret is kept as a hash, and is made anew from the key
    of this installation where a letter has to show it. ``window`` and ``used`` count the files of its last hour.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(RecordRequest, models.CASCADE, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(default=last_day_of_link)
    revoked_at = models.DateTimeField(null=True, blank=True)
    window = models.DateTimeField(default=now)
    used = models.PositiveIntegerField(default=0)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["request"], name="request_one_link", condition=Q(revoked_at=None))]

    def __str__(self) -> str:
        return str(self.uid)


def plain(secret: str) -> str:
    """A secret without what people type between its letters."""
    return secret.replace("-", "").strip().lower()
