"""What the database knows of the vault: the wrapped key of each case, and the files."""

import uuid

from django.db import models
from django.db.models import Q

from secondop.web.clock import now

NO_FILE = uuid.UUID(int=0)


class CaseKey(models.Model):
    """The key of a case, wrapped by a master key; destroying it makes every copy of the case's files unreadable."""

    case_uid = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    master_id = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=now)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="destroyed_key_is_empty",
                condition=Q(destroyed_at__isnull=True) & ~Q(wrapped=b"") | Q(destroyed_at__isnull=False, wrapped=b""),
            )
        ]

    def __str__(self) -> str:
        return str(self.case_uid)


class Bond(models.Model):
    """The key ``key_uid``, of a file that holds something of several cases, dies with the key of the case ``case_uid``."""

    key_uid = models.UUIDField()
    case_uid = models.UUIDField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_uid", "case_uid"], name="bond_once")]

    def __str__(self) -> str:
        return f"{self.key_uid} with {self.case_uid}"


class Status(models.TextChoices):
    """How far a file has come."""

    WRITING = "writing", "Being written"
    STORED = "stored", "Stored"
    DISCARDED = "discarded", "Discarded"


class StoredFile(models.Model):
    """A file in the vault: ``parts`` sealed parts of ``part_size`` bytes, the last one shorter. ``sha256`` is of the plain bytes."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_uid = models.UUIDField(db_index=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    part_size = models.PositiveIntegerField()
    parts = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WRITING)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index("created_at", name="file_being_written", condition=Q(status=Status.WRITING))]
        constraints = [
            models.CheckConstraint(name="stored_file_has_hash", condition=~Q(status=Status.STORED) | Q(parts__gte=1) & ~Q(sha256=""))
        ]

    def __str__(self) -> str:
        return str(self.uid)


class Round(models.Model):
    """One look at every stored file; ``after`` is the file it has come to, ``faults`` what it met, as ``inspecting.Fault`` says it.

    ``unowned`` are the files that nothing pointed to. ``told_at``: when the administrators were told of its faults.
    """

    begun_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    after = models.UUIDField(default=NO_FILE)
    taken_until = models.DateTimeField(null=True)
    files = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    faults = models.JSONField(default=list)
    unowned = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d}"


class Unfinished(models.Model):
    """A file of ``length`` bytes that is written in several goes, until ``keep_until``; see ``resuming``.

    ``turn`` counts the goes: whoever writes does so only while no later one has begun.
    """

    file = models.OneToOneField(StoredFile, models.CASCADE, primary_key=True, related_name="unfinished")
    length = models.BigIntegerField()
    keep_until = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)
    taken_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.file_id)
