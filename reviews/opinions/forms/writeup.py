"""The whole write-up as one form of a page: the text, the answers, the grid, options, evidence and private notes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.forms import BoundField
from django.http import QueryDict

from secondop.web.forms import Form

from ..models import ROWS, Opinion, PrivateNote, Strength, Urgency
from ..services.writing import Row, WrittenText
from .fields import DraftForm, area, line, pick
from .parts import AnswerForm, EvidenceForm, GridForm, OptionForm, RowForm

MAX_OPTIONS, MAX_EVIDENCE, SPARE = 8, 20, 2


class TextForm(DraftForm, Form):
    """The text of the opinion, in the order in which it is read."""

    bottom_line = area(Opinion, "bottom_line", "The short answer", "Three sentences. The patient reads this first.", rows=3, needed=True)
    patient_summary = area(
        Opinion,
        "patient_summary",
        "In plain words",
        "For the patient: short sentences, everyday words, no abbreviations.",
        rows=6,
        needed=True,
    )
    difficult_news = forms.BooleanField(
        label="This holds difficult news", help_text="The patient is told so, gently, before opening it.", required=False
    )
    materials_reviewed = area(Opinion, "materials_reviewed", "What you reviewed", "We filled in the records that have arrived.", rows=5)
    materials_missing = area(Opinion, "materials_missing", "What was missing, and what that means", rows=3)
    first_read = area(Opinion, "first_read", "Your first impression", "Before you read the first opinion", rows=3)
    case_summary = area(Opinion, "case_summary", "The case in your words", rows=6)
    diagnosis = area(Opinion, "diagnosis", "Diagnosis", rows=3)
    alternatives = area(Opinion, "alternatives", "Alternatives you considered", rows=3)
    reasoning = area(Opinion, "reasoning", "Why you think so", rows=6)
    icd10 = line(Opinion, "icd10", "ICD-10 codes", "With commas between them, such as C64.2")
    recommendation = area(Opinion, "recommendation", "Recommendation", rows=5)
    strength = pick(Strength, "Strength of the recommendation", "Not given")
    settle = area(Opinion, "settle", "What would settle the difference", "Needed where you differ from the first opinion.", rows=3)
    urgency = pick(Urgency, "How soon", "Not given")
    seek_help = area(Opinion, "seek_help", "When to seek help", "The signs on which the patient should act, and how.", rows=3)
    tests = area(Opinion, "tests", "Tests and referrals to consider", rows=3)
    certainty = forms.IntegerField(label="Your own certainty, 0 to 100", min_value=0, max_value=100, required=False)
    to_doctor = area(Opinion, "to_doctor", "Message to the treating doctor", rows=4)
    limits = area(Opinion, "limits", "Limits of this opinion", "We filled in what we know to be missing.", rows=4, needed=True)
    jurisdiction = area(Opinion, "jurisdiction", "On what legal basis", rows=2)
    conflict = area(Opinion, "conflict", "Conflicts of interest", "As you declared when you accepted the case.", rows=2)


class NoteForm(DraftForm, Form):
    """What only the author ever sees."""

    private_note = area(PrivateNote, "text", "Private notes", "Only you see these. They are never part of the opinion.", rows=4)


@dataclass
class Section:
    """A stretch of the write-up: ``kind`` names the template part that draws it."""

    key: str
    title: str
    lead: str
    kind: str = "fields"
    names: tuple[str, ...] = ()
    fields: list[BoundField] = field(default_factory=list)
    forms: list[RowForm] = field(default_factory=list)


SECTIONS = (
    ("short", "For the patient", "What the patient reads first.", "fields", ("bottom_line", "patient_summary", "difficult_news")),
    ("answers", "Answers to the patient's questions", "", "answers", ()),
    ("materials", "Materials", "", "fields", ("materials_reviewed", "materials_missing")),
    ("case", "The case", "", "fields", ("first_read", "case_summary")),
    ("diagnosis", "Diagnosis", "", "fields", ("diagnosis", "alternatives", "reasoning", "icd10")),
    ("grid", "Agreement with the first opinion", "Aspect by aspect. A major difference asks a second specialist to look.", "grid", ()),
    ("options", "Options", "What can the patient choose from? Say it for “watch and wait” too.", "options", ()),
    ("recommendation", "Recommendation", "", "fields", ("recommendation", "strength", "settle")),
    ("next", "What comes next", "", "fields", ("urgency", "seek_help", "tests")),
    ("evidence", "Evidence", "", "evidence", ()),
    ("closing", "Certainty, treating doctor, limits", "", "fields", ("certainty", "to_doctor", "limits", "jurisdiction", "conflict")),
)


class WriteUp:
    """All forms of one page as one: filled from a draft, or from what was posted."""

    def __init__(self, draft: Opinion, note: str, data: QueryDict | None = None) -> None:
        self.draft, self.data = draft, data
        prefetch_related_objects([draft], *ROWS)
        self.text_form = TextForm(data, initial=vars(draft))
        if draft.first_read_locked_at:
            del self.text_form.fields["first_read"]
        self.note_form = NoteForm(data, initial={"private_note": note})
        self.answers = [self.row(AnswerForm, "answers", row, row.question) for row in draft.answers.all()]
        self.grid = [self.row(GridForm, "grid", row, row.get_aspect_display()) for row in draft.grid.all()]
        self.options = self.rows(OptionForm, "options", "Option", list(draft.options.all()), MAX_OPTIONS)
        self.evidence = self.rows(EvidenceForm, "evidence", "Source", list(draft.evidence.all()), MAX_EVIDENCE)

    def row(self, form: type[RowForm], name: str, row: Any, title: str) -> RowForm:
        """The form of one row that is there."""
        made = form(self.data, prefix=f"{name}-{row.position}", initial=vars(row))
        made.title = title
        return made

    def rows(self, form: type[RowForm], name: str, title: str, held: list[Any], most: int) -> list[RowForm]:
        """A form for every row that is there or was posted, or for those that are there and two to spare."""
        count = min(most, len(held) + SPARE)
        if self.data is not None:
            posted = [n for n in range(most) if f"{name}-{n}-{form.marker}" in self.data]
            count = max(len(held), max(posted, default=-1) + 1)
        filled = [vars(row) for row in held] + [{}] * count
        made = [form(self.data, prefix=f"{name}-{n}", initial=filled[n]) for n in range(count)]
        for n, row in enumerate(made, start=1):
            row.title, row.spare = f"{title} {n}", not any(bound.value() for bound in row)
        return made

    def __iter__(self) -> Iterator[BoundField]:
        """Every field of the page, for the summary of errors."""
        for form in self.forms():
            yield from form

    def forms(self) -> list[DraftForm]:
        """Every form of the page."""
        return [self.text_form, *self.answers, *self.grid, *self.options, *self.evidence, self.note_form]

    def is_valid(self) -> bool:
        """Whether everything can be saved as a draft; every form is looked at, so that all errors show at once."""
        wrong = [form for form in self.forms() if not form.is_valid()]
        return not wrong

    @property
    def errors(self) -> dict[str, Any]:
        """All errors by the name of the field in the page."""
        return {form.add_prefix(name): found for form in self.forms() for name, found in form.errors.items()}

    def sections(self) -> list[Section]:
        """The page in its order."""
        made = []
        for key, title, lead, kind, names in SECTIONS:
            fields = [self.text_form[name] for name in names if name in self.text_form.fields]
            made.append(Section(key, title, lead, kind, names, fields, getattr(self, kind, [])))
        return made

    def written(self) -> WrittenText:
        """What is to be saved; call it on a valid one."""
        return WrittenText(
            fields=dict(self.text_form.cleaned_data),
            answers={row.position: form.cleaned_data for row, form in zip(self.draft.answers.all(), self.answers, strict=True)},
            grid={row.position: form.cleaned_data for row, form in zip(self.draft.grid.all(), self.grid, strict=True)},
            options=filled_rows(self.options, "name"),
            evidence=filled_rows(self.evidence, "text", "url"),
            note=self.note_form.cleaned_data["private_note"],
        )

    def differences(self) -> list[tuple[str, str, str]]:
        """What is stored where this page holds something else: label, id of the field, stored text."""
        return [difference for form in self.forms() for difference in form.differences()]


def filled_rows(forms_of_rows: list[RowForm], *names: str) -> list[Row]:
    """The rows in which one of the columns ``names`` says something."""
    return [form.cleaned_data for form in forms_of_rows if any(form.cleaned_data[name].strip() for name in names)]
