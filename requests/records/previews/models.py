"""What is made from a record so that people can look at it: pictures of its pages, a safe copy, its text. Gone with the record."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from secondop.web.clock import now


class PreviewQuerySet(models.QuerySet["Preview"]):
    """Reading jobs."""

    def unmade(self) -> Self:
        """Previews that have something to make."""
        return self.filter(Q(status=Preview.Status.QUEUED) | Q(wanted__isnull=False))

    def due(self) -> Self:
        """Those of them that are in nobody's hands, and whose time has come."""
        return self.unmade().filter(Q(taken_until=None) | Q(taken_until__lt=now()), next_try_at__lte=now())


class Preview(models.Model):
    """The job of making a record's pictures, and how far it came.

    ``pages`` is how many pages can be looked at, of a plain text (``is_text``) without pictures; the first are made at once, more
    when somebody comes near (``wanted`` is the page that somebody waits for). ``broken`` names pages that could not be drawn.
    ``attempts`` counts the rounds begun: whoever finishes one writes only if no other has begun since; ``failures`` counts those
    in a row that brought nothing. ``tried_again`` says that somebody has had a failed one made once more: where that failed too, the
    file is to blame, and the desk is not called for it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"

    record = models.OneToOneField("records.Record", models.CASCADE, related_name="preview")
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.QUEUED)
    pages = models.PositiveIntegerField(default=0)
    is_text = models.BooleanField(default=False)
    wanted = models.PositiveIntegerField(null=True, blank=True)
    broken = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    tried_again = models.BooleanField(default=False)
    taken_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=now)

    objects = PreviewQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("next_try_at", name="preview_waiting", condition=Q(status="queued") | Q(wanted__isnull=False)),
            models.Index("record", name="preview_failed", condition=Q(status="failed", tried_again=False)),
        ]

    def __str__(self) -> str:
        return f"preview of {self.record_id}"

    @property
    def is_ready(self) -> bool:
        """Whether there is something to look at."""
        return self.status == self.Status.READY

    @property
    def has_thumbnail(self) -> bool:
        """Whether there is a small picture of it: of all that is drawn, and whose first page could be."""
        return self.is_ready and not self.is_text and 1 not in self.broken


class Rendition(models.Model):
    """One file made from a record: a small picture of it, a page (``index`` counts from 1), or a copy without what can act."""

    class Kind(models.TextChoices):
        THUMBNAIL = "thumbnail", "Small picture"
        PAGE = "page", "Page"
        SAFE = "safe", "Safe copy"

    record = models.ForeignKey("records.Record", models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    index = models.PositiveIntegerField(default=0)
    stored = models.OneToOneField("vault.StoredFile", models.PROTECT, related_name="rendition")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "kind", "index"], name="rendition_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.index} of {self.record_id}"


class PageText(models.Model):
    """The text of one page (``number`` counts from 1), and its words as the search compares them."""

    record = models.ForeignKey("records.Record", models.CASCADE, related_name="texts")
    number = models.PositiveIntegerField()
    text = models.TextField()
    search = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["search"], name="page_words")]
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="page_text_once")]

    def __str__(self) -> str:
        return f"text of page {self.number} of {self.record_id}"
