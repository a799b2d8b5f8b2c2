"""Series of images, and the people that their headers and health documents name."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.web.clock import now

from . import words

if TYPE_CHECKING:
    from secondop.accounts.models import User


class Verdict(models.TextChoices):
    """What comparing a header with the case's patient gives."""

    MATCHES = "matches", "The same person"
    DIFFERS = "differs", "Another person, it seems"
    UNCLEAR = "unclear", "Cannot tell"


class Answer(models.TextChoices):
    """What the patient's side says to "is this you?"."""

    YES = "yes", "Yes, this is about the patient"
    NO = "no", "No, this is somebody else"


class Decision(models.TextChoices):
    """What a coordinator decides."""

    ACCEPTED = "accepted", "About the patient"
    REJECTED = "rejected", "About somebody else"


class IdentityQuerySet(models.QuerySet["Identity"]):
    """Reading what headers say of people."""

    def unanswered(self) -> Self:
        """Those that the patient is asked about."""
        return self.filter(verdict=Verdict.DIFFERS, answer="", decision="")


class Identity(models.Model):
    """A person whom images or health documents of a case name: name, birth date (ISO) and sex just as they are written there.

    ``differs`` names which of them are not the patient's. While ``set_aside`` holds, specialists see nothing of its files;
    ``opened_at`` is since when that was last not so.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="identities")
    name = models.CharField(max_length=200, blank=True)
    birth_date = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=16, blank=True)
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    differs = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    set_aside = models.BooleanField(default=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["case", "name", "birth_date", "sex"], name="identity_once")]

    def __str__(self) -> str:
        return str(self.uid)


class SeriesQuerySet(models.QuerySet["Series"]):
    """Reading series."""

    def readable_by(self, user: "User | AnonymousUser") -> Self:
        """Series of cases on which ``user`` holds the right to records; those that are set aside are for whoever may upload."""
        senders = Case.objects.visible_to(user, Right.UPLOAD).values("pk")
        return self.filter(
            Q(identity__set_aside=False) | Q(case__in=senders), case__in=Case.objects.visible_to(user, Right.RECORDS).values("pk")
        )


class Series(models.Model):
    """The images that one header calls a series, of one person: its ``records``, in the order of their ``position``.

    ``uid`` names it in addresses; the numbers of the scanner (``study_uid``, ``series_uid``) are unique within a case and person only.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="series")
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="series")
    study_uid = models.CharField(max_length=64, blank=True)
    series_uid = models.CharField(max_length=64, blank=True)
    study_date = models.CharField(max_length=10, blank=True)
    study_description = models.CharField(max_length=200, blank=True)
    modality = models.CharField(max_length=16, blank=True)
    description = models.CharField(max_length=200, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    number = models.IntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["-study_date", "study_uid", "number", "pk"]
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["case", "study_uid", "series_uid", "identity"], name="series_once")]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def title(self) -> str:
        """What it is called at the scanner, else how it was taken."""
        return self.description or self.study_description or words.modality(self.modality) or "Images"

    def in_words(self, files: int) -> str:
        """What it is on one line of a text, with ``files`` of it: what it is called, how it was taken, of what and when."""
        parts = [self.title, words.modality(self.modality), words.body_part(self.body_part), words.day(self.study_date)]
        return f"{', '.join(dict.fromkeys(filter(None, parts)))} ({files} file{'' if files == 1 else 's'})"


class ListedQuerySet(models.QuerySet["Listed"]):
    """Reading tables of contents."""

    def missing(self) -> Self:
        """Images that are listed and are not among the files of their case."""
        here = self.model.record.field.related_model._default_manager.filter(case=OuterRef("record__case"), sop_uid=OuterRef("sop_uid"))
        return self.filter(~Exists(here))


class Listed(models.Model):
    """An image that the table of contents of a disc (a DICOMDIR, the ``record``) lists, by its own name and that of its file."""

    record = models.ForeignKey("records.Record", models.CASCADE, related_name="listed")
    sop_uid = models.CharField(max_length=64)
    place = models.CharField(max_length=200)

    objects = ListedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)
