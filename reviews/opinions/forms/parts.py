"""The rows of the write-up: one small form each."""

from typing import Any

from django import forms

from secondop.web.forms import Form

from ..models import Answer, Evidence, GridRow, Impact, Option, Verdict
from .fields import DraftForm, NeededChoice, area, line, pick


class RowForm(DraftForm, Form):
    """One row of a list; ``title`` names it on the page, the field ``marker`` is always posted with it, ``spare`` ones are folded."""

    spare = False
    marker = ""


class AnswerForm(RowForm):
    """The answer to one question."""

    verdict = NeededChoice(label="Is it answered?", choices=Answer.Verdict.choices, widget=forms.RadioSelect)
    text = area(Answer, "text", "Your answer", needed=True)
    why = area(Answer, "why", "If not or only partly: why?", rows=2)


class GridForm(RowForm):
    """One aspect compared with the first opinion."""

    verdict = pick(Verdict, "Compared with the first opinion", "Choose", needed=True)
    impact = pick(Impact, "Expected impact", "Choose if you do not agree")
    note = area(GridRow, "note", "Note", rows=2)


class OptionForm(RowForm):
    """One option of the patient. Without a name the row is dropped."""

    marker = "name"
    name = line(Option, "name", "Option", "To take an option out, clear its fields.", needed=True)
    benefit = area(Option, "benefit", "Benefit", rows=2, needed=True)
    harm = area(Option, "harm", "Harm", rows=2, needed=True)
    burden = area(Option, "burden", "Burden", "Time, travel, cost, recovery", rows=2)
    certainty = area(Option, "certainty", "How sure is this?", rows=2)
    fit = area(Option, "fit", "Fit with what matters to the patient", rows=2)

    def clean(self) -> dict[str, Any]:
        """Refuse text without a name, because it would be dropped."""
        data = super().clean()
        if not data.get("name") and any(value for name, value in data.items() if name != "name"):
            self.add_error("name", "Give the option a name, or clear its other fields too.")
        return data


class EvidenceForm(RowForm):
    """One source."""

    marker = "url"
    text = line(Evidence, "text", "Source", "Authors, title, journal or guideline, year")
    url = line(Evidence, "url", "Link", "Begins with https://")
