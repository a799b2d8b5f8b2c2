"""How every form of the site is drawn (Renderer) and what text it lets in (Form, ModelForm)."""

import datetime
from threading import Lock
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.forms.renderers import TemplatesSetting

from .clock import now
from .text import has_bad_characters, one_line

LINE_MAX_LENGTH = 500
TEXT_MAX_LENGTH = 20_000
EARLIEST = datetime.date(1900, 1, 1)
LATEST = datetime.date(2100, 12, 31)
TIDYING = Lock()  # a form of another thread would copy fields that are asked half of it


class Renderer(TemplatesSetting):
    """Draws forms from templates/components/, so that a new form needs no markup."""

    form_template_name = "components/fields.html"
    field_template_name = "components/field.html"


class Textarea(forms.Textarea):
    """Gives a line end as one character, as the browser counts it, and not as the two that it sends."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The text as its writer sees it."""
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class DateInput(forms.DateInput):
    """The browser's own date field; it takes and gives ISO dates only."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def storable(text: object) -> None:
    """Refuse text with a NUL or a lone surrogate, which PostgreSQL cannot hold. Raises ValidationError."""
    if isinstance(text, str) and has_bad_characters(text):
        raise ValidationError("This contains a character we cannot store. Please type it again.", code="unstorable")


def _kind_words(item: forms.Field) -> str:
    if isinstance(item, forms.BooleanField):
        return "Please tick this box to go on."
    if isinstance(item, forms.FileField):
        return "Please choose a file."
    return "Please choose an answer." if isinstance(item, forms.ChoiceField) else "Please fill this in."


def _limit_text(char: forms.CharField) -> None:
    if type(char.widget) is forms.Textarea:
        char.widget = Textarea(char.widget.attrs)
    char.validators = [v for v in char.validators if getattr(v, "code", "") != "null_characters_not_allowed"]
    char.validators.insert(0, storable)
    if char.max_length is None:
        char.max_length = TEXT_MAX_LENGTH if isinstance(char.widget, forms.Textarea) else LINE_MAX_LENGTH
        char.validators.append(MaxLengthValidator(char.max_length))
        char.widget.attrs.update(char.widget_attrs(char.widget))
    for validator in char.validators:
        if isinstance(validator, MaxLengthValidator):
            validator.message = "Please shorten this to %(limit_value)d characters. It has %(show_value)d now."


def _limit_date(date: forms.DateField) -> None:
    if type(date.widget) is forms.DateInput:
        date.widget = DateInput(date.widget.attrs)
    earliest = datetime.date.fromisoformat(str(date.widget.attrs.setdefault("min", EARLIEST.isoformat())))
    latest = datetime.date.fromisoformat(str(date.widget.attrs.setdefault("max", LATEST.isoformat())))
    check = f"Please check the year. It has four digits, such as {now().year}."
    date.validators += [MinValueValidator(earliest, check), MaxValueValidator(latest, check)]


def _tidy(item: forms.Field) -> None:
    """Ask of a field what every field of ours is asked; one that was asked already is left alone, and so are its copies."""
    if getattr(item, "is_tidy", False):
        return
    item.is_tidy = True  # type: ignore[attr-defined]
    if item.error_messages["required"] == forms.Field.default_error_messages["required"]:
        item.error_messages["required"] = _kind_words(item)
    if isinstance(item, forms.EmailField):
        wrong = EmailValidator("Please write the whole address, such as name@example.org.")
        item.validators = [wrong if isinstance(check, EmailValidator) else check for check in item.validators]
    if isinstance(item, forms.CharField):
        _limit_text(item)
    elif isinstance(item, forms.DateField):
        _limit_date(item)


class CleanText:
    """What every form of ours asks of its fields; mixed into Form and ModelForm.

    Text is limited in length and refused when it cannot be stored; dates are browser date fields between 1900 and 2100 unless the
    field's widget attrs say otherwise.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        with TIDYING:
            for item in self.base_fields.values():  # type: ignore[attr-defined]
                _tidy(item)  # once for all forms of the class, which copy these
        super().__init__(*args, **kwargs)
        for item in self.fields.values():  # type: ignore[attr-defined]
            _tidy(item)


class NameField(forms.CharField):
    """A person's name: one line, without marks that turn the direction of writing."""

    def to_python(self, value: object) -> str:
        """The name as it is kept."""
        return one_line(super().to_python(value) or "")


class Form(CleanText, forms.Form):
    """Base of every plain form."""


class ModelForm(CleanText, forms.ModelForm):
    """Base of every form that writes a model's fields."""
