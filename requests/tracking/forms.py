"""What a patient writes on the case's page."""

from collections.abc import Iterable
from typing import Any

from django import forms

from secondop.cases.forms import FilesField
from secondop.cases.models import Ask, AskItem
from secondop.web.forms import Form


class LaterField(forms.CharField):
    """A text that is asked for but may be given later."""

    def validate(self, value: str) -> None:
        """An empty answer is fine for now."""


class AnswerForm(Form):
    """One answer for each thing an ask needs; they may come one by one.

    The page posts what it showed as well, so that a page left open does not bring back an answer that was changed elsewhere.
    """

    def __init__(self, *args, ask: Ask, records: Iterable[Any] = (), **kwargs) -> None:
        """``records`` are those of the case that the reader may open; what is attached already is not offered again."""
        self.base_fields = {f"item_{item.pk}": answer_field(item) for item in ask.items.all()}  # type: ignore[misc]
        left = [found for found in records if found not in ask.records.all()]
        if left:
            files = FilesField(label="Files that belong to your answers")
            files.offer(left)
            self.base_fields["files"] = files
        super().__init__(*args, auto_id=f"ask_{ask.pk}_%s", use_required_attribute=False, **kwargs)

    def answers(self) -> dict[int, str]:
        """The answers by item that were changed on the page and can be kept."""
        kept = {name: text for name, text in self.cleaned_data.items() if name in self.changed_data and name != "files"}
        return {int(name.removeprefix("item_")): text for name, text in kept.items()}

    def picked(self) -> list[Any]:
        """The records that were picked."""
        return self.cleaned_data.get("files", [])


def answer_field(item: AskItem) -> LaterField:
    """The field for the answer to ``item``, filled with the one that is there."""
    widget = forms.Textarea(attrs={"rows": 3})
    return LaterField(label=item.text, max_length=4000, initial=item.answer, show_hidden_initial=True, widget=widget)


class WithdrawForm(Form):
    """Why, if the patient wants to say."""

    note = forms.CharField(max_length=1000, required=False, label="Why do you withdraw?", widget=forms.Textarea(attrs={"rows": 3}))


class ReopenForm(Form):
    """What is new."""

    note = LaterField(
        max_length=2000,
        label="What is new, or what needs to be corrected?",
        help_text="For example: “I have a new scan from last week.”",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
