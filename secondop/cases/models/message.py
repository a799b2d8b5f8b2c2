"""The thread of a case: what its people write to each other, and how far each has read."""

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from secondop.cases.states import Party
from secondop.web.clock import now

from .kept import KeptWithCase

if TYPE_CHECKING:
    from secondop.accounts.models import User
    from secondop.cases.access import Anybody

MESSAGE_LENGTH = 4000


class MessageQuerySet(models.QuerySet["Message"]):
    """Reading messages."""

    def since_acceptance(self) -> Self:
        """What the specialist who has the case may read: nothing that was written before they accepted it."""
        return self.filter(at__gte=F("case__accepted_at"))

    def unread_by(self, user: "User | Anybody") -> Self:
        """What others wrote since ``user`` last opened the thread."""
        return self.filter(is_news_to(user))

    def with_news(self, user: "User") -> Self:
        """Messages with ``is_new``: whether ``unread_by(user)`` has them."""
        return self.annotate(is_new=is_news_to(user))


def is_news_to(user: "User | Anybody") -> Q:
    """Whether somebody else wrote a message since ``user`` last opened the thread."""
    marks = ReadMark.objects.filter(case=OuterRef("case"), user=user.pk, read_at__gte=OuterRef("at"))
    return ~Q(author=user.pk) & ~Q(Exists(marks))


class Message(models.Model):
    """Something one person of a case wrote to the others; added and never changed. Files are records of the case (``records``)."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    party = models.CharField(max_length=20, choices=[(p.value, p.value) for p in Party])
    text = models.TextField(max_length=MESSAGE_LENGTH)
    at = models.DateTimeField(default=now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["case", "at"], name="message_of_case")]
        triggers = [KeptWithCase(name="message_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"message of {self.at:%Y-%m-%d %H:%M}"


class ReadMark(models.Model):
    """How far one person has read one thread: up to the newest message they were shown."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"read up to {self.read_at:%Y-%m-%d %H:%M}"
