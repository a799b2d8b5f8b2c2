"""The outbox: a row for everything somebody is to be told."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from secondop.web.clock import now

from .kind import ACCOUNT

LATE = timedelta(minutes=10)


class Channel(models.TextChoices):
    """The way a notice goes."""

    MAIL = "mail", "E-mail"
    TEXT = "text", "Text message"


class Status(models.TextChoices):
    """How far a notice has come."""

    QUEUED = "queued", "Waiting to be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    HERE = "here", "On the site only"
    GATHERED = "gathered", "Waiting for the summary of the day"
    SUMMED = "summed", "Told in a summary"
    DROPPED = "dropped", "A text that nobody wants any more"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Reading the outbox."""

    def mails(self) -> Self:
        """Without the text messages that go beside some of them: each person's notices, once each."""
        return self.filter(channel=Channel.MAIL)

    def due(self, at: datetime) -> Self:
        """What is to be sent at the moment ``at`` and in nobody's hands."""
        return self.filter(status=Status.QUEUED, next_try_at__lte=at).filter(Q(taken_until=None) | Q(taken_until__lt=at))

    def stuck(self) -> Self:
        """What a coordinator should know of: failed for good, refused at least once, or waiting for too long; newest first."""
        waiting = Q(status=Status.QUEUED) & (~Q(last_error="") | Q(next_try_at__lt=now() - LATE))
        return self.filter(waiting | Q(status=Status.FAILED)).order_by("-created_at")


class Notice(models.Model):
    """What one person is told, by mail and on the site; holds no health data. The text message that goes beside a mail is its own row.

    ``raw`` is a finished mail of allauth's, or a code with the number it goes to, emptied once it is sent. ``key`` makes a notice
    once-only. ``taken_until`` is the lease of the worker that is sending it; ``attempts`` counts the tries that the notice itself may
    be to blame for, not those where no server was there.
    """

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=4, choices=Channel.choices, default=Channel.MAIL)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices")
    email = models.EmailField(max_length=254)
    case_uid = models.UUIDField(null=True, db_index=True)
    link = models.CharField(max_length=300, blank=True)
    context = models.JSONField(default=dict)
    raw = models.TextField(blank=True)
    key = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001 (many notices have none)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    taken_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("next_try_at", name="notice_due", condition=Q(status=Status.QUEUED)),
            models.Index("created_at", name="notice_failed", condition=Q(status=Status.FAILED)),
            models.Index(fields=["recipient", "-created_at"], name="notice_of_person"),
            models.Index(fields=["recipient", "-created_at"], name="notice_unread", condition=Q(read_at=None)),
            models.Index("recipient", name="notice_gathered", condition=Q(status=Status.GATHERED)),
        ]
        constraints = [
            models.CheckConstraint(name="notice_sent_has_date", condition=~Q(status=Status.SENT) | Q(sent_at__isnull=False, raw=""))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @property
    def is_code_by_text(self) -> bool:
        """Whether this is the text message that confirms a number."""
        return self.kind == ACCOUNT and self.channel == Channel.TEXT


class Choices(models.Model):
    """How one person wants to be told; who has no row gets everything by mail, at any hour.

    ``only_here`` names groups (of GROUPS) without mail, ``by_text`` those (of TEXTS) with a text message as well. Quiet hours are by
    the person's own clock; urgent work may come all the same. ``digest_hour`` is the full hour of their summary of the day.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notice_choices")
    only_here = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    by_text = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    urgent_any_time = models.BooleanField(default=False)
    digest_hour = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quiet_hours_have_two_ends",
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
            ),
            models.CheckConstraint(name="digest_at_an_hour", condition=Q(digest_hour=None) | Q(digest_hour__lt=24)),
        ]

    def __str__(self) -> str:
        return f"choices of {self.user_id}"


class Phone(models.Model):
    """The mobile number of one person, in E.164, and the one that they have still to confirm, with the code that was sent there.

    Several people may have one number, each after having confirmed it. ``code_hash`` is keyed, and ``tries`` counts what was typed.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="phone")
    number = models.CharField(max_length=16, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    wanted = models.CharField(max_length=16, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index("code_until", name="phone_unconfirmed", condition=~Q(wanted=""))]
        constraints = [
            models.CheckConstraint(
                name="phone_number_is_confirmed",
                condition=Q(number="", confirmed_at=None) | (~Q(number="") & Q(confirmed_at__isnull=False)),
            ),
            models.CheckConstraint(name="phone_code_has_number", condition=Q(code_hash="") | (~Q(wanted="") & Q(code_until__isnull=False))),
        ]

    def __str__(self) -> str:
        return f"phone of {self.user_id}"
