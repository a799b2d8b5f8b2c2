"""What administrators keep: specialties, checklists, rules of jurisdictions, consent texts, holidays."""

import hashlib

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from secondop.accounts.models import check_time_zone
from secondop.web.clock import today

from .elements import faults
from .majority import ADULT_AT, Majority
from .places import country_code, known_region, official_region, plain
from .reasons import Reason
from .ticks import HELP as TICKS_HELP
from .ticks import check as check_tick


class Specialty(models.Model):
    """A field of medicine, with its code in the NUCC Health Care Provider Taxonomy."""

    name = models.CharField(max_length=80, unique=True)
    nucc_code = models.CharField("NUCC taxonomy code", max_length=10, blank=True)
    active = models.BooleanField(default=True)
    blind_first_read = models.BooleanField(
        default=True, help_text="The specialist locks a short own impression before the first opinion is shown."
    )
    prompts = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="Questions patients of this specialty often ask."
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "specialties"

    def __str__(self) -> str:
        return self.name


class QuestionPrompt(models.Model):
    """A question that patients may want to ask who come for a reason; with a specialty only where that one was chosen."""

    reason = models.CharField(max_length=12, choices=Reason.choices)
    specialty = models.ForeignKey(
        Specialty, models.CASCADE, null=True, blank=True, related_name="questions", help_text="Empty: in every field of medicine"
    )
    text = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True, help_text="Where it comes from, as patients read it")
    sample = models.BooleanField("only a sample", default=False, help_text="No clinician here has read it. Untick it once one has.")
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["reason", "specialty__name", "position", "pk"]
        verbose_name = "question to ask"
        verbose_name_plural = "questions to ask"

    def __str__(self) -> str:
        return self.text


class ChecklistTemplate(models.Model):
    """One thing a complete case of a specialty holds; without a specialty it holds for every case.

    Cases hold copies, each with the ``version`` it was made from; the database counts it up with each change of what is copied.
    """

    specialty = models.ForeignKey(Specialty, models.CASCADE, null=True, blank=True, related_name="checklist")
    text = models.CharField(max_length=200)
    required = models.BooleanField(default=True)
    ticks = ArrayField(
        models.CharField(max_length=200, validators=[check_tick]),
        verbose_name="ticks itself when",
        default=list,
        blank=True,
        help_text=TICKS_HELP,
    )
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["specialty__name", "position", "pk"]
        verbose_name = "checklist item"
        triggers = [
            pgtrigger.Trigger(
                name="checklist_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("text", "required", "ticks"),
                func="NEW.version = OLD.version + 1; RETURN NEW;",
            )
        ]

    def __str__(self) -> str:
        return self.text


class JurisdictionRule(models.Model):
    """Whether patients who live in a place may be served, and when a child there becomes an adult.

    The most exact rule wins; no rule means ``silent``, and the usual age in the site's own time zone.
    """

    class Verdict(models.TextChoices):
        DIRECT = "direct", "Served directly"
        WITH_PHYSICIAN = "with_physician", "Served together with a local physician"
        PROHIBITED = "prohibited", "Not served"
        SILENT = "silent", "The law is silent: served"

    country = models.CharField(max_length=2, validators=[country_code], help_text="ISO 3166-1 alpha-2 code, such as US")
    region = models.CharField(max_length=80, blank=True, help_text="State or province; empty for the whole country")
    verdict = models.CharField(max_length=14, choices=Verdict.choices)
    note = models.CharField(max_length=300, blank=True, help_text="What the patient is told")
    source = models.CharField(max_length=300)
    reviewed_on = models.DateField()
    majority_age = models.PositiveSmallIntegerField(
        "age of majority",
        default=ADULT_AT,
        validators=[MinValueValidator(14), MaxValueValidator(25)],
        help_text="From this birthday on nobody asks for them by parental right; what a parent could see ends on that day.",
    )
    majority_source = models.CharField("source of that age", max_length=300, blank=True)
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        validators=[check_time_zone],
        help_text="Where that day begins, such as America/Chicago; empty for the zone of this site",
    )
    sample = models.BooleanField(
        "only a sample",
        default=False,
        help_text="Nobody here has reviewed it, and no reader is shown its source. Untick it once counsel has.",
    )

    class Meta:
        ordering = ["country", "region"]
        verbose_name, verbose_name_plural = "rule about a place", "rules about places"
        constraints = [models.UniqueConstraint(fields=["country", "region"], name="one_rule_a_place")]

    def __str__(self) -> str:
        return f"{self.country} {self.region}".strip()

    @property
    def shown_source(self) -> str:
        """Its source as readers outside the administration see it: none for a sample, which rests on nothing."""
        return "" if self.sample else self.source

    def clean(self) -> None:
        """A region is kept by its official name. Raises ``ValidationError`` for one that is not known, which would rule over nobody."""
        self.region = known_region(self.country, self.region)

    @classmethod
    def for_place(cls, country: str, region: str) -> "JurisdictionRule | None":
        """The rule for a place of residence: the region's own, else the country's, else ``None`` (silent).

        Regions are compared by their official names, whether they were written as name or code, with accents or without.
        """
        rules = {plain(official_region(rule.country, rule.region)): rule for rule in cls.objects.filter(country=country.upper())}
        return rules.get(plain(official_region(country, region))) or rules.get("")

    @classmethod
    def wants_physician(cls, country: str, region: str) -> bool:
        """Whether people who live in a place are served only together with a physician there."""
        rule = cls.for_place(country, region) if country else None
        return rule is not None and rule.verdict == cls.Verdict.WITH_PHYSICIAN

    @classmethod
    def majority_in(cls, country: str, region: str) -> Majority:
        """When people who live in a place become adults."""
        rule = cls.for_place(country, region) if country else None
        return Majority(rule.majority_age, rule.time_zone) if rule else Majority()


class ConsentText(models.Model):
    """One version of a consent's wording. Versions are added, never edited: patients signed the old words."""

    class Kind(models.TextChoices):
        REVIEW = "remote_review", "Remote review"
        SHARE = "share_with_doctor", "Sharing with my treating doctor"
        FAMILY = "family", "Sharing with my family"
        CONTACT = "follow_up", "Follow-up contact"
        RESEARCH = "research", "Research"
        SOURCE = "authorisation", "Authorisation to release records (one per source)"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField(
        help_text="{patient}, {recipient}, {purpose}, {expires}, {signer} and, for a source, {source} and {records} are filled in"
    )
    required = models.BooleanField(default=False)
    since = models.DateField(default=today)

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="one_text_a_version")]
        triggers = [pgtrigger.Protect(name="consent_text_fixed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    def clean(self) -> None:
        """Raises ``ValidationError`` that names each element which the words lack."""
        if found := list(faults(self.kind, self.body)):
            raise ValidationError({"body": found})

    @property
    def is_permission(self) -> bool:
        """Whether it only permits what people of the care team do by themselves: nothing of this site acts on it."""
        return self.kind in PERMISSIONS

    @classmethod
    def current(cls) -> dict[str, "ConsentText"]:
        """The newest version of each kind in force today."""
        texts = cls.objects.filter(since__lte=today()).order_by("kind", "version")
        return {text.kind: text for text in texts}

    def filled(self, **names: str) -> tuple[str, str]:
        """The body with the names filled in, and its SHA-256; unknown braces stay as they are."""
        body = self.body
        for name, value in names.items():
            body = body.replace("{" + name + "}", value)
        return body, hashlib.sha256(body.encode()).hexdigest()


PERMISSIONS = (ConsentText.Kind.SHARE, ConsentText.Kind.CONTACT, ConsentText.Kind.RESEARCH)


class Holiday(models.Model):
    """A day on which the organisation does not work, besides weekends."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"
