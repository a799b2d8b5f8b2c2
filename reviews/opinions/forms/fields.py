"""Form fields of a draft: everything may be left empty until signing, which has a list of its own of what is missing."""

from typing import Any

from django import forms
from django.db import models

from secondop.web.text import clean


class Needed(forms.CharField):
    """Text that signing asks for. It is not marked as optional, and an empty one can be saved all the same."""

    def validate(self, value: Any) -> None:
        """Signing looks whether it is there."""


class NeededChoice(forms.ChoiceField):
    """A choice that signing asks for; a draft may leave it open."""

    def validate(self, value: Any) -> None:
        """Raise ``ValidationError`` for a value that is not one of the choices; nothing chosen is fine."""
        if value:
            super().validate(value)


class DraftForm(forms.Form):
    """Cleans line ends and invisible characters out of all text, so that what is signed is what is stored."""

    use_required_attribute = False
    title = ""

    def clean(self) -> dict[str, Any]:
        """The values as they are stored."""
        data = super().clean() or self.cleaned_data
        limits = {name: getattr(field, "max_length", None) for name, field in self.fields.items()}
        return {name: clean(value, limits.get(name)) if isinstance(value, str) else value for name, value in data.items()}

    def differences(self) -> list[tuple[str, str, str]]:
        """What is stored where this form holds something else: label, id of the field, stored text."""
        title = f"{self.title}: " if self.title else ""
        found = [(f"{title}{bound.label}", bound.id_for_label, as_text(bound.initial), as_text(bound.value())) for bound in self]
        return [(label, field, stored) for label, field, stored, typed in found if stored != typed]


def as_text(value: object) -> str:
    """A field's value for comparing: with plain line ends, and nothing where nothing was given."""
    return clean(str(value)).strip() if value else ""


def area(model: type[models.Model], name: str, label: str, help_text: str = "", *, rows: int = 4, needed: bool = False) -> forms.CharField:
    """A text area for a model's column, as long as the column is."""
    kind = Needed if needed else forms.CharField
    limit = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    widget = forms.Textarea(attrs={"rows": rows})
    return kind(label=label, help_text=help_text, max_length=limit, required=needed, widget=widget)


def line(model: type[models.Model], name: str, label: str, help_text: str = "", *, needed: bool = False) -> forms.CharField:
    """A line of text for a model's column."""
    limit = model._meta.get_field(name).max_length  # type: ignore[union-attr]
    return (Needed if needed else forms.CharField)(label=label, help_text=help_text, max_length=limit, required=needed)


def pick(choices: type[models.TextChoices], label: str, empty: str, *, needed: bool = False) -> NeededChoice:
    """A list to choose from that begins with an open choice."""
    return NeededChoice(label=label, choices=[("", empty), *choices.choices], required=needed)
