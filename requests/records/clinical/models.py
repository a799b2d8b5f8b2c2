"""What the health documents of a case say: one row an entry, as it stands in its file."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from ..formats.clinical.rows import COLUMNS


class EntryKind(models.TextChoices):
    """What an entry is about, in the order of the pages."""

    PROBLEM = "problem", "Problems"
    MEDICINE = "medicine", "Medicines"
    ALLERGY = "allergy", "Allergies"
    RESULT = "result", "Test results"
    VITAL = "vital", "Vital signs"
    REPORT = "report", "Reports"
    PROCEDURE = "procedure", "Procedures"
    IMMUNIZATION = "immunization", "Vaccines"
    VISIT = "visit", "Visits"
    HISTORY = "history", "Background"
    PLAN = "plan", "Plans"
    DOCUMENT = "document", "Documents"
    OTHER = "other", "More"
    NOTE = "note", "In the document’s own words"


MEASURED = (EntryKind.RESULT, EntryKind.VITAL)


def words(name: str) -> models.CharField:
    """A column of text, as long as the reader of documents makes it."""
    return models.CharField(max_length=COLUMNS[name], blank=True)


class ClinicalEntry(models.Model):
    """One entry of a health document (FHIR or C-CDA).

    Dates are as exact as the document gives them, ``2015`` to ``2015-03-01T14:05``, and sort as text. ``denial`` goes before the
    words: the document says that this is not so. ``path`` is where in the file the entry stands. ``same`` is equal for entries that
    say the same, in whichever file; ``series`` for values that can be compared. ``search`` are all its words, as the search compares them.
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="clinical_entries")
    record = models.ForeignKey("records.Record", models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    denial = words("denial")
    text = words("text")
    code = words("code")
    system = words("system")
    starts = words("starts")
    ends = words("ends")
    value = words("value")
    unit = words("unit")
    range = words("range")
    flag = words("flag")
    status = words("status")
    panel = words("panel")
    by = words("by")
    details = models.TextField(max_length=COLUMNS["details"], blank=True)
    path = words("path")
    same = models.CharField(max_length=32)
    series = models.CharField(max_length=32)
    search = SearchVectorField(null=True)

    class Meta:
        ordering = ["record", "position"]
        indexes = [
            models.Index(fields=["case", "kind", "-starts"], name="entry_of_case"),
            models.Index(fields=["case", "series"], name="entry_series"),
            models.Index(fields=["case", "same"], name="entry_same"),
            GinIndex(fields=["search"], name="entry_words"),
        ]
        constraints = [models.UniqueConstraint(fields=["record", "position"], name="entry_position")]

    def __str__(self) -> str:
        return f"{self.denial}: {self.text}" if self.denial else self.text

    @property
    def words(self) -> str:
        """All that it says, to be searched and shown where something was found."""
        told = (str(self), f"{self.value} {self.unit}".strip(), self.flag, self.status, self.panel, self.by, self.details)
        return " · ".join(filter(None, told))
