"""A stack: the images of one series, prepared so that a browser can scroll through them."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from secondop.cases.models import Case
from secondop.web.clock import now


class StackQuerySet(models.QuerySet["Stack"]):
    """Reading stacks."""

    def due(self) -> Self:
        """Those that wait for a worker, nobody works on, and whose time has come."""
        free = Q(taken_until=None) | Q(taken_until__lt=now())
        return self.filter(DUE, free, next_try_at__lte=now())

    def complete(self, waiting: models.QuerySet) -> Self:
        """Without those of cases that have records among ``waiting``: more of the series may be on their way."""
        return self.exclude(Exists(waiting.filter(case=OuterRef("case"))))

    def outdated(self, current: int) -> Self:
        """Those whose file is not of the format ``current``."""
        other = Q(layout__format__isnull=True) | ~Q(layout__format=current)
        return self.filter(other, stored__isnull=False)


DUE = Q(status__in=("queued", "preparing")) | Q(series=None)


class Stack(models.Model):
    """One series of a case. Its row stays when its files change, so that its address does; the sealed file is made anew.

    ``series`` is empty once that is gone; then a worker forgets the stack as well. ``changes`` counts what became of its files, and
    ``made_of`` says at which count the stored file was begun. ``claims`` tells the worker that has it from a later one; ``attempts``
    are those since the last change. ``layout`` says of what format the stored file is, and where in it its
    table, its index and its picture are (``viewer.sealed``). ``left_out`` names records that have no image here: their primary keys and
    why. ``tried_again`` says that somebody has had a failed one prepared once more since its files changed.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be prepared"
        PREPARING = "preparing", "Being prepared"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be prepared"

    WAITING = (Status.QUEUED, Status.PREPARING)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="stacks")
    series = models.OneToOneField("records.Series", models.SET_NULL, null=True, related_name="stack")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.QUEUED)
    changes = models.PositiveIntegerField(default=0)
    made_of = models.PositiveIntegerField(null=True)
    files_done = models.PositiveIntegerField(default=0)
    files_total = models.PositiveIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=list)
    layout = models.JSONField(default=dict)
    stored = models.OneToOneField("vault.StoredFile", models.PROTECT, null=True, related_name="stack")
    claims = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_again = models.BooleanField(default=False)
    taken_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(default=now)
    created_at = models.DateTimeField(default=now)

    objects = StackQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["next_try_at"], name="stack_waiting", condition=DUE),
            models.Index(fields=["case"], name="stack_failed", condition=Q(status="failed", tried_again=False)),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def is_waiting(self) -> bool:
        """Whether a worker has still to do something about it."""
        return self.status in self.WAITING
