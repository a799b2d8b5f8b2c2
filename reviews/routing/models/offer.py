"""A case offered to one specialist, and how it ended."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from secondop.cases.states import State
from secondop.web.clock import now

if TYPE_CHECKING:
    from secondop.accounts.models import User
    from secondop.cases.models import Case


class OfferQuerySet(models.QuerySet["Offer"]):
    """Reading offers."""

    def open(self) -> Self:
        """Offers that can still be answered: sent, within their time, on a case that still looks for a specialist."""
        return self.filter(status=Offer.Status.SENT, expires_at__gt=now(), case__state=State.READY)

    def stale(self) -> Self:
        """Offers still marked as sent that nobody can answer any more."""
        return self.filter(status=Offer.Status.SENT).exclude(expires_at__gt=now(), case__state=State.READY)

    def failed_round(self, case: "Case") -> Self:
        """Offers that came to nothing since ``case`` was last marked as complete."""
        failed = self.filter(case=case, status__in=[Offer.Status.DECLINED, Offer.Status.LAPSED])
        return failed.filter(sent_at__gte=case.ready_at) if case.ready_at else failed

    def behind(self, case: "Case") -> "Offer | None":
        """The accepted offer of the case's present specialist, which holds the conflict declaration."""
        mine = self.filter(case=case, specialist=case.specialist_id, status=Offer.Status.ACCEPTED, given_back_at__isnull=True)
        return mine.order_by("-sent_at").first()

    def is_given_back(self, case_uid: uuid.UUID, by: "User") -> bool:
        """Whether ``by`` had the case ``case_uid`` and, by themselves or by the desk, has it no longer."""
        last = self.filter(case__uid=case_uid, specialist=by).order_by("-sent_at").first()
        return last is not None and last.given_back_at is not None


class Offer(models.Model):
    """One specialist asked to review one case: sent, then accepted, declined, lapsed or recalled."""

    class Status(models.TextChoices):
        SENT = "sent", "Waiting for an answer"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Not answered in time"
        RECALLED = "recalled", "Recalled"

    class DeclineCode(models.TextChoices):
        NO_TIME = "no_time", "No time"
        EXPERTISE = "expertise", "Outside my expertise"
        CONFLICT = "conflict", "Conflict of interest"
        NOT_LICENSED = "not_licensed", "Not licensed for this patient"
        RECORDS = "records", "The records are not sufficient"
        OTHER = "other", "Another reason"

    class Conflict(models.TextChoices):
        NONE = "none", "None"
        DECLARED = "declared", "Declared, waiting for a lead"
        WAIVED = "waived", "Declared and waived"

    class ConflictKind(models.TextChoices):
        TREATED = "treated", "I treat or have treated this patient"
        FAMILY = "family", "Family or friend"
        FINANCIAL = "financial", "Financial interest"
        INSTITUTION = "institution", "I work where the first opinion was given"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="offers")
    specialist = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="offers")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.SENT)
    answered_at = models.DateTimeField(null=True)
    decline_code = models.CharField(max_length=12, choices=DeclineCode.choices, blank=True)
    decline_text = models.TextField(max_length=1000, blank=True)
    conflict = models.CharField(max_length=8, choices=Conflict.choices, blank=True)
    conflict_kinds = ArrayField(models.CharField(max_length=11, choices=ConflictKind.choices), default=list, blank=True)
    conflict_text = models.TextField(max_length=1000, blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    waived_note = models.TextField(max_length=1000, blank=True)
    proposed_due = models.DateTimeField(null=True)
    due_answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    due_answered_at = models.DateTimeField(null=True)
    given_back_at = models.DateTimeField(null=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "specialist"], condition=Q(status="sent"), name="one_open_offer_a_specialist"),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(conflict__in=["none", "waived"]), name="accepted_offer_without_conflict"
            ),
            models.CheckConstraint(
                condition=~Q(conflict="waived") | (Q(waived_by__isnull=False) & ~Q(waived_note="")), name="waiver_has_a_lead_and_a_note"
            ),
        ]
        indexes = [models.Index(fields=["specialist", "status"], name="offer_by_specialist")]

    def __str__(self) -> str:
        return f"offer of {self.sent_at:%Y-%m-%d}"

    @property
    def conflict_words(self) -> list[str]:
        """The declared kinds of conflict, in words."""
        return [str(self.ConflictKind(kind).label) for kind in self.conflict_kinds]
