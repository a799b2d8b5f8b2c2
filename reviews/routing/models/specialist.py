"""A specialist's credentials, as an administrator keeps and verifies them in the Django admin."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from secondop.catalog.places import country_code, known_region, official_region, place_in_words, plain


class ProfileQuerySet(models.QuerySet["SpecialistProfile"]):
    """Reading profiles."""

    def verified(self) -> Self:
        """Verified profiles of active accounts that hold the specialist's role."""
        return self.filter(verified_at__isnull=False, user__is_active=True, user__roles__contains=["specialist"])


class SpecialistProfile(models.Model):
    """Who a specialist is and what they may be asked. Unverified, it is never routed to."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="specialist_profile")
    credentials = models.CharField(max_length=120, help_text="As they stand under an opinion, such as MD, PhD, FACC")
    institution = models.CharField(max_length=160)
    specialties = models.ManyToManyField("catalog.Specialty", related_name="specialists")
    languages = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="Separated by commas")
    capacity = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(99)], help_text="Cases in review at the same time"
    )
    biography = models.TextField(max_length=2000, blank=True)
    verified_at = models.DateTimeField(null=True, editable=False)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["user__full_name"]
        verbose_name = "specialist"
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True) | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="profile_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.credentials}" if self.credentials else str(self.user)


class Licence(models.Model):
    """The right to practise in one jurisdiction; the day it expires is its last."""

    profile = models.ForeignKey(SpecialistProfile, models.CASCADE, related_name="licences")
    number = models.CharField(max_length=60)
    country = models.CharField(max_length=2, validators=[country_code], help_text="ISO 3166-1 code, such as US")
    region = models.CharField(max_length=80, blank=True, help_text="State or province; empty when it holds for the whole country")
    expires_on = models.DateField()
    verified_at = models.DateTimeField(null=True, editable=False)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["country", "region"]
        verbose_name = "license"

    def __str__(self) -> str:
        return f"{self.number} ({self.place})"

    def clean(self) -> None:
        """A region is kept by its official name, as patients' regions are. Raises ``ValidationError`` for one that is not known."""
        self.region = known_region(self.country, self.region)

    @property
    def place(self) -> str:
        """The jurisdiction in words, such as "Ohio, United States"."""
        return place_in_words(self.country, self.region)

    def is_valid(self, on: date) -> bool:
        """Whether it is verified and has not expired on the day ``on``."""
        return self.verified_at is not None and self.expires_on >= on

    def covers(self, country: str, region: str) -> bool:
        """Whether it holds in a place of residence; one for the whole country holds in all its regions.

        Regions are compared by their official names, as ``JurisdictionRule.for_place`` does.
        """
        if self.country != country.upper():
            return False
        return not self.region or plain(official_region(country, self.region)) == plain(official_region(country, region))


class TimeOff(models.Model):
    """Days on which a specialist takes no new cases, both ends included."""

    profile = models.ForeignKey(SpecialistProfile, models.CASCADE, related_name="time_off")
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ["first_day"]
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="time_off_ends_after_it_begins",
                violation_error_message="The last day comes before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"
