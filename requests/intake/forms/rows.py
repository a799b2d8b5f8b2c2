"""A field that holds a list of short rows, such as medicines: one form field, many lines, with or without JavaScript.

Lines are numbered inputs (``medicine-0-text``); numbers may have gaps, empty lines are dropped. "Add another" and "Remove"
are submit buttons named ``act``; static/js/rows.js does the same without a round trip.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from secondop.web.forms import Form

DIGITS, HIGHEST_COUNT = 3, 200  # of the numbers of lines, and how many lines are looked at


class RowsWidget(forms.Widget):
    """Draws the lines, one blank line below them while there is room, and the buttons."""

    template_name = "intake/rows.html"
    use_fieldset = True

    def __init__(self, row: type[Form], limit: int, add: str) -> None:
        super().__init__()
        self.row, self.limit, self.add = row, limit, add

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> list[dict[str, Any]]:
        """The lines as they were typed."""
        columns, start = self.row.base_fields, len(name) + 1
        parts = (key[start:].partition("-") for key in data if key.startswith(f"{name}-"))
        numbers = {int(number) for number, _, column in parts if column in columns and number.isdecimal() and len(number) <= DIGITS}
        return [{column: data.get(f"{name}-{number}-{column}", "") for column in columns} for number in sorted(numbers)[:HIGHEST_COUNT]]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> bool:
        """A hidden mark says that the list was on the page, even when every line of it has been removed."""
        return name not in data

    def lines(self, name: str, rows: list[dict[str, Any]]) -> list[Form]:
        """One unbound form a line, showing what was typed; lines with nothing in them make way for a single blank one."""
        filled = [row for row in rows if self.is_filled(row)]
        room: list[dict[str, Any]] = [{}] if len(filled) < self.limit else []
        return [self.line(name, number, row) for number, row in enumerate([*filled, *room])]

    def is_filled(self, row: dict[str, Any]) -> bool:
        """Whether something was typed; choices and check boxes alone do not make a line."""
        choosing = (forms.ChoiceField, forms.BooleanField)
        return any(str(row.get(name) or "").strip() for name, field in self.row.base_fields.items() if not isinstance(field, choosing))

    def line(self, name: str, number: int | str, row: dict[str, Any]) -> Form:
        """The form of one line; an empty line has a placeholder so that the style sheet can tell it is empty."""
        form = self.row(initial=row, prefix=f"{name}-{number}", auto_id="id_%s", use_required_attribute=False)
        for field in form.fields.values():
            field.widget.attrs["placeholder"] = " "
        return form

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds the lines, and an empty one for the script to copy."""
        context = super().get_context(name, value, attrs)
        context["widget"].update(lines=self.lines(name, value or []), blank=self.line(name, "NUMBER", {}), limit=self.limit, add=self.add)
        return context


class RowsField(forms.Field):
    """A list of dictionaries, each cleaned by the form ``row``; a line in which nothing was typed is no line."""

    def __init__(self, row: type[Form], *, limit: int, add: str, **kwargs: Any) -> None:
        self.row, self.limit = row, limit
        super().__init__(widget=RowsWidget(row, limit, add), required=False, **kwargs)

    def clean(self, value: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """The lines that hold something. Raises ``ValidationError`` naming each line that cannot stand."""
        rows, errors = [], []
        for number, typed in enumerate(filter(self.widget.is_filled, value or []), 1):
            form = self.row(typed)
            if form.is_valid():
                rows.append(form.cleaned_data)
            errors += [say(number, form, column, error) for column, found in form.errors.as_data().items() for error in found]
        if len(rows) > self.limit:
            errors.append(f"Please keep to {self.limit} lines. There are {len(rows)}.")
        if errors:
            raise ValidationError(errors)
        return rows


def say(number: int, form: Form, column: str, error: ValidationError) -> str:
    """What is wrong with one line, in words that name the line and what to write."""
    label = form.fields[column].label if column in form.fields else ""
    if error.code == "required":
        return f"Line {number}: write “{label}”, or clear the line."
    return f"Line {number}, {label}: {' '.join(error.messages)}"
