"""The case's journal: what happened, when, by whom. Lines are added and never changed."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models

from secondop.cases.states import Party, State
from secondop.web.clock import now

from .kept import KeptWithCase


class JournalQuerySet(models.QuerySet["JournalEntry"]):
    """Reading the journal."""

    def with_people(self) -> Self:
        """Each line with who made it, and whom it is about."""
        return self.select_related("by", "about")


class JournalEntry(models.Model):
    """A move (with ``source`` and ``target``) or another event; ``note`` is for the patient too, ``reason`` for staff only.

    Lines never change, so no text of theirs names family or a helper: ``about`` does, for as long as these have an account.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="journal")
    at = models.DateTimeField(default=now)
    event = models.CharField(max_length=30)
    source = models.CharField(max_length=10, blank=True, choices=[(s.value, s.value) for s in State])
    target = models.CharField(max_length=10, blank=True, choices=[(s.value, s.value) for s in State])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    party = models.CharField(max_length=20, choices=[(p.value, p.value) for p in Party])
    code = models.CharField(max_length=30, blank=True)
    reason = models.TextField(max_length=2000, blank=True)
    note = models.TextField(max_length=2000, blank=True)

    objects = JournalQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name_plural = "journal entries"
        triggers = [KeptWithCase(name="journal_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.event} at {self.at:%Y-%m-%d %H:%M}"
