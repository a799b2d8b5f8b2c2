"""The rows an opinion consists of besides its text: answers, agreement grid, options, evidence. Frozen with it."""

import pgtrigger
from django.db import models

from secondop.cases.models.kept import is_erased

from ..links import web_address

WATCH_AND_WAIT = "Watch and wait"


class FrozenWithOpinion(pgtrigger.Trigger):
    """Refuses to add, change or delete a row of an opinion that is signed; only with the whole case it is erased."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("signed", "BOOLEAN")]

    def get_func(self, model: models.Model) -> str:
        """OLD is empty on insert and NEW on delete, so both are looked at."""
        erased = f"TG_OP = 'DELETE' AND {is_erased('opinions_opinion.case_id')}"
        return self.format_sql(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM opinions_opinion
                WHERE signed_at IS NOT NULL AND id IN (OLD.opinion_id, NEW.opinion_id) AND NOT ({erased})
            ) INTO signed;
            IF signed THEN RAISE EXCEPTION 'pgtrigger: the opinion is signed, its % row stays as it is', TG_TABLE_NAME; END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
            """  # noqa: S608 (fixed names)
        )


class Answer(models.Model):
    """The answer to one of the patient's questions; ``question`` keeps the words it answers."""

    class Verdict(models.TextChoices):
        ANSWERED = "answered", "Answered"
        PARTLY = "partly", "Partly answered"
        CANNOT = "cannot", "Cannot be answered"

    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=500)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    text = models.TextField(max_length=4000, blank=True)
    why = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["opinion", "position"], name="answer_position")]
        triggers = [FrozenWithOpinion(name="answer_is_frozen")]

    def __str__(self) -> str:
        return f"answer {self.position + 1}"


class Aspect(models.TextChoices):
    """What a second opinion is compared with the first one in."""

    DIAGNOSIS = "diagnosis", "Diagnosis"
    STAGE = "stage", "Stage or extent"
    PATHOLOGY = "pathology", "Pathology"
    IMAGING = "imaging", "Imaging"
    TREATMENT = "treatment", "Treatment"
    URGENCY = "urgency", "Urgency"


class Verdict(models.TextChoices):
    """How the second opinion stands to the first in one aspect."""

    CANNOT = "cannot_assess", "Cannot assess"
    AGREE = "agree", "Agree"
    REFINE = "refine", "Refine"
    MINOR = "differ_minor", "Differ in a minor way"
    MAJOR = "differ_major", "Differ in a major way"


class Impact(models.TextChoices):
    """What the difference is expected to change for the patient."""

    NONE = "none", "None"
    MINOR = "minor", "Minor"
    MODERATE = "moderate", "Moderate"
    MAJOR = "major", "Major"


class GridRow(models.Model):
    """One aspect of the agreement grid."""

    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="grid")
    position = models.PositiveSmallIntegerField()
    aspect = models.CharField(max_length=9, choices=Aspect.choices)
    verdict = models.CharField(max_length=13, choices=Verdict.choices, blank=True)
    impact = models.CharField(max_length=8, choices=Impact.choices, blank=True)
    note = models.TextField(max_length=1000, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["opinion", "aspect"], name="grid_row_aspect")]
        triggers = [FrozenWithOpinion(name="grid_row_is_frozen")]

    def __str__(self) -> str:
        return self.get_aspect_display()

    @property
    def is_complete(self) -> bool:
        """A verdict is given, and its expected impact where the view differs from the first one."""
        return bool(self.verdict) and (not self.is_change or bool(self.impact))

    @property
    def is_change(self) -> bool:
        """Whether the second opinion says something else than the first."""
        return self.verdict in (Verdict.REFINE, Verdict.MINOR, Verdict.MAJOR)

    @property
    def differs(self) -> bool:
        """Whether the two opinions contradict each other."""
        return self.verdict in (Verdict.MINOR, Verdict.MAJOR)

    @property
    def is_major(self) -> bool:
        """Whether a second specialist has to look before the patient reads it."""
        return self.verdict == Verdict.MAJOR or (self.is_change and self.impact == Impact.MAJOR)


class Option(models.Model):
    """One thing the patient can do, with what speaks for and against it."""

    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    benefit = models.TextField(max_length=2000, blank=True)
    harm = models.TextField(max_length=2000, blank=True)
    burden = models.TextField(max_length=2000, blank=True)
    certainty = models.TextField(max_length=1000, blank=True)
    fit = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["position"]
        triggers = [FrozenWithOpinion(name="option_is_frozen")]

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """A source the opinion rests on. Only a checked http(s) address becomes a link."""

    opinion = models.ForeignKey("opinions.Opinion", models.CASCADE, related_name="evidence")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "evidence"
        triggers = [FrozenWithOpinion(name="evidence_is_frozen")]

    def __str__(self) -> str:
        return self.text or self.url

    @property
    def link(self) -> str:
        """The address when it may become a link, otherwise nothing."""
        return web_address(self.url)
