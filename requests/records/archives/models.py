"""An archive that came, and what was found in it. The files in it are records of their own."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from secondop.cases.access import Right
from secondop.cases.authority import PURPOSE
from secondop.cases.models import Case
from secondop.web.clock import now

if TYPE_CHECKING:
    from secondop.accounts.models import User

NAME_LENGTH = 300


class ArchiveQuerySet(models.QuerySet["Archive"]):
    """Reading archives."""

    def tree(self, root: "Archive") -> Self:
        """``root`` and all archives in it."""
        return self.filter(Q(pk=root.pk) | Q(root=root))

    def known_to(self, user: "User", rights: set[Right]) -> Self:
        """Those that somebody with ``rights`` on the case may know of: who reads records all, others what they sent.

        Of papers about who may ask, whoever the case belongs to and coordinators know, and who sent them.
        """
        own = Q(uploaded_by=user)
        shown = self if Right.RECORDS in rights else self.filter(own)
        return shown if rights & {Right.OWN, Right.COORDINATE} else shown.filter(own | ~Q(purpose=PURPOSE))


class Archive(models.Model):
    """A ZIP that is being unpacked or has been. ``record`` is the ZIP itself, which goes when all that is in it has come.

    ``total`` files are in it (0 while that is not known) and ``done`` of them have been looked at, in its order: ``taken`` became
    records, ``refused`` did not, the case had ``known``. ``inflated`` bytes came out of its ``size``. For an archive within another one
    ``root`` is the one that was sent, and ``depth`` how many there are around it. ``failures`` counts processes that died over it.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="archives")
    record = models.OneToOneField("records.Record", models.SET_NULL, null=True, related_name="unpacking")
    root = models.ForeignKey("self", models.CASCADE, null=True, related_name="inner")
    depth = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=NAME_LENGTH)
    purpose = models.CharField(max_length=9)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    size = models.BigIntegerField()
    inflated = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=now)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "-created_at"], name="archive_of_case")]

    def __str__(self) -> str:
        return f"archive {self.pk}"
