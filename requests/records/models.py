"""A record: one file that somebody sent for a case, and what became of it."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, Left

from secondop.cases.access import Right, holds
from secondop.cases.authority import PURPOSE
from secondop.cases.checklists import Evidence
from secondop.cases.models import Case
from secondop.web.clock import now

from .archives.models import NAME_LENGTH, Archive
from .clinical.models import ClinicalEntry
from .kinds import DOCUMENTS, NAMING, Kind
from .names import MAX_LENGTH
from .previews.models import PageText, Preview, Rendition
from .sourcing.models import DropLink, RecordRequest, RequestEvent, RequestLetter
from .tus.models import Upload, UploadToken
from .viewer.models import Stack

if TYPE_CHECKING:
    from secondop.accounts.models import User

__all__ = [
    "Archive",
    "ClinicalEntry",
    "DropLink",
    "PageText",
    "Preview",
    "Purpose",
    "Record",
    "RecordRequest",
    "Rendition",
    "RequestEvent",
    "RequestLetter",
    "Stack",
    "Status",
    "Upload",
    "UploadToken",
]


class Status(models.TextChoices):
    """How far a file has come. Only a ready one is seen by others than those who may upload."""

    RECEIVED = "received", "Waiting to be checked"
    CHECKING = "checking", "Being checked"
    READY = "ready", "Ready"
    REFUSED = "refused", "Not taken"


class Purpose(models.TextChoices):
    """What a file is for: the review, or to show by what right somebody asks for the patient."""

    MEDICAL = "medical", "For the review"
    AUTHORITY = PURPOSE, "Shows who may ask"


# What names nobody, and images and health documents of a person who is not set aside.
IN_THE_OPEN = ~Q(kind__in=NAMING) | Q(series__identity__set_aside=False) | Q(identity__set_aside=False)
# Who reads records, who also those that are being checked or were refused, and who papers about who may ask.
READERS = ((Right.RECORDS,), (Right.UPLOAD,), (Right.OWN, Right.COORDINATE))
# When a record came before those who review: once it was checked, and the person whom it names was not set aside.
CAME = Greatest(Coalesce("ready_at", "created_at"), "identity__opened_at", "series__identity__opened_at")
WAITING = (Status.RECEIVED, Status.CHECKING)
HEADING = 300  # characters of a first page that say what a paper is; further on it speaks of others


class RecordQuerySet(models.QuerySet["Record"]):
    """Reading records."""

    def readable_by(self, user: "User | AnonymousUser", held: Collection[Right] | None = None) -> Self:
        """Records of cases on which ``user`` holds the right to records: the ready ones, and for those who may upload all of them.

        Papers about who may ask are for whoever the case belongs to and for coordinators, never for specialists or other family.
        Images and health documents open to those who do not send records unless the person whom they name is set aside.
        Whoever has just asked what ``user`` may do with the one case whose records these are gives that as ``held``.
        """
        if held is not None:
            return self.readable_with(held)
        reads, sends, is_trusted = (holds(user, *rights, case="case") for rights in READERS)
        shown = Q(IN_THE_OPEN, status=Status.READY) | Q(sends)
        return self.filter(shown, Q(purpose=Purpose.MEDICAL) | Q(is_trusted), reads)

    def readable_with(self, held: Collection[Right]) -> Self:
        """Those records of one case that may be read by somebody whose rights on it reach as far as ``held``."""
        reads, sends, is_trusted = (any(right in held for right in rights) for rights in READERS)
        if not reads:
            return self.none()
        shown = self if sends else self.filter(IN_THE_OPEN, status=Status.READY)
        return shown if is_trusted else shown.filter(purpose=Purpose.MEDICAL)

    def for_review(self) -> Self:
        """What a specialist would find: checked, medical, and not set aside."""
        return self.medical().filter(IN_THE_OPEN, status=Status.READY)

    def arrivals(self) -> Iterable[tuple[uuid.UUID, str, datetime]]:
        """Of each record its uid, its name, and since when those who review can read it."""
        return self.annotate(came=CAME).values_list("uid", "name", "came")

    def on_the_way(self) -> Self:
        """What is for the review and still has to be checked."""
        return self.medical().filter(status__in=WAITING)

    def taken_from_review(self) -> Self:
        """What those who review could read until the person whom it names was set aside."""
        aside = [Q(**{f"{path}__set_aside": True, f"{path}__opened_at__isnull": False}) for path in ("identity", "series__identity")]
        return self.medical().filter(aside[0] | aside[1], status=Status.READY)

    def evidence(self) -> list[Evidence]:
        """What the checklist of one case is ticked by: of images, one of each series; of papers also how their first page begins."""
        begin = PageText.objects.filter(record=OuterRef("pk"), number=1).annotate(begin=Left("text", HEADING))
        found = self.for_review().order_by("series_id", "pk")
        images = found.filter(kind=Kind.DICOM).distinct("series_id")
        others = list(found.exclude(kind=Kind.DICOM).annotate(heading=Subquery(begin.values("begin"))))
        entries: dict[int, set[str]] = {}
        documents = [record.pk for record in others if record.kind in DOCUMENTS]
        rows = ClinicalEntry.objects.filter(record__in=documents) if documents else ClinicalEntry.objects.none()
        for pk, kind in rows.order_by().values_list("record_id", "kind").distinct():
            entries.setdefault(pk, set()).add(kind)
        return [record.as_evidence(entries.get(record.pk, ())) for record in (*images, *others)]

    def listed_to(self, user: "User | AnonymousUser") -> Self:
        """What ``user`` sees in a list: what they may read, and what they sent themselves while they may upload."""
        readable = Record.objects.readable_by(user).values("pk")
        return self.filter(Q(pk__in=readable) | Q(holds(user, Right.UPLOAD, case="case"), uploaded_by_id=user.pk))

    def openable_by(self, user: "User | AnonymousUser", held: Collection[Right] | None = None) -> Self:
        """What ``user`` may open: readable records that are ready, or that they sent themselves and are being checked.

        ``held`` as in ``readable_by()``.
        """
        return self.readable_by(user, held).filter(Q(status=Status.READY) | Q(uploaded_by_id=user.pk), stored__isnull=False)

    def without_images(self) -> Self:
        """All but the images of series, which are looked at together."""
        return self.filter(series=None)

    def medical(self) -> Self:
        """What a review is made from."""
        return self.filter(purpose=Purpose.MEDICAL)

    def kept(self) -> Self:
        """Records whose bytes are in the vault."""
        return self.filter(stored__isnull=False)

    def due(self) -> Self:
        """Records that wait for a check nobody is making, and whose next try is due."""
        return self.filter(status__in=WAITING, next_try_at__lte=now()).filter(Q(taken_until=None) | Q(taken_until__lt=now()))


class Record(models.Model):
    """One file of a case. A refused one has no bytes; its ``reason`` is for the person who sent it.

    ``folder`` says where it lay, for people only: "scans.zip/CT". ``archive`` is what it came in. ``scanned_at``
    is when a virus scanner found nothing in it, ``ready_at`` when its check ended well.

    An office has no account: what it sent by the link of a ``request`` was uploaded by nobody else.
    ``attempts`` counts the checks begun: whoever finishes one writes only if no other has begun since. ``messages`` and ``asks``
    are those it was attached to. A DICOM image belongs to a ``series``, at the ``position`` its header names (``sop_uid`` is the
    scanner's own name of it). A health document names its ``identity`` itself.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="records")
    purpose = models.CharField(max_length=9, choices=Purpose.choices, default=Purpose.MEDICAL)
    name = models.CharField(max_length=MAX_LENGTH)
    folder = models.CharField(max_length=NAME_LENGTH, blank=True)
    archive = models.ForeignKey(Archive, models.SET_NULL, null=True, blank=True, related_name="files")
    kind = models.CharField(max_length=5, choices=Kind.choices, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RECEIVED)
    reason = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    series = models.ForeignKey("records.Series", models.RESTRICT, null=True, blank=True, related_name="records")
    position = models.BigIntegerField(null=True, blank=True)
    sop_uid = models.CharField(max_length=64, blank=True)
    identity = models.ForeignKey("records.Identity", models.RESTRICT, null=True, blank=True, related_name="records")
    stored = models.OneToOneField("vault.StoredFile", models.PROTECT, null=True, blank=True, related_name="record")
    scanned_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    request = models.ForeignKey(RecordRequest, models.CASCADE, null=True, blank=True, related_name="records")
    created_at = models.DateTimeField(default=now)
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=now)
    messages = models.ManyToManyField("cases.Message", related_name="records", blank=True)
    asks = models.ManyToManyField("cases.Ask", related_name="records", blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "name", "pk"]
        indexes = [
            models.Index(fields=["case", "-created_at", "name"], name="record_of_case"),
            models.Index(fields=["next_try_at"], name="record_waiting", condition=Q(status__in=WAITING)),
            models.Index(fields=["case", "sop_uid"], name="record_by_sop_uid", condition=~Q(sop_uid="")),
            models.Index(fields=["series", "position"], name="record_of_series", condition=Q(series__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "purpose", "sha256"], name="record_content_once", condition=Q(stored__isnull=False)),
            models.CheckConstraint(name="record_has_sender", condition=Q(uploaded_by__isnull=False) | Q(request__isnull=False)),
            models.CheckConstraint(
                name="record_has_bytes_or_reason",
                condition=Q(status="refused", stored__isnull=True) & ~Q(reason="")
                | ~Q(status="refused") & Q(stored__isnull=False) & ~Q(sha256="") & ~Q(kind=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    def as_evidence(self, entries: Iterable[str]) -> Evidence:
        """What it is, as far as a checklist asks; ``entries`` are the kinds of those that a health document has."""
        facts = self.facts
        said = " ".join(str(facts.get(name, "")) for name in ("title", "study_description", "series_description", "body_part"))
        said = f"{said} {getattr(self, 'heading', None) or ''}"
        return Evidence(self.uid, self.name, self.kind, facts.get("modality", ""), said, frozenset(entries), self.request_id is not None)

    @property
    def sender(self) -> str:
        """Who sent it: a person, or the office that was asked for it."""
        return str(self.uploaded_by) if self.uploaded_by else self.request.office if self.request else ""

    @property
    def is_waiting(self) -> bool:
        """Whether the check is still to come."""
        return self.status in WAITING


from .imaging.models import Identity, Listed, Series  # noqa: E402, F401 - Django finds an app's models here
