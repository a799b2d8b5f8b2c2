"""What the forms of all four screens share: they can be saved half done, and know whether they are complete."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.forms import Form

from .. import rules, store
from ..services import Stamp

Messages = dict[str, str]


def stamp_of(data: Mapping[str, Any]) -> Stamp:
    """The stamp that a page sent along; a request without one counts as a page made before anything was saved."""
    made_from, _, page = str(data.get("stamp", "")).partition(".")
    return Stamp(made_from[:20], page[:20])


class LenientForm(Form):
    """A form that may be sent half done: it insists on nothing.

    Fields named in ``asked`` are asked of everybody (or of those they are shown to) and do not call themselves optional.
    """

    asked: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.call_required(True)

    def call_required(self, required: bool) -> None:
        """Whether the fields in ``asked`` count as required: while they are drawn, and not while they are cleaned."""
        for name, field in self.fields.items():
            field.required = required and name in self.asked

    def full_clean(self) -> None:
        """Clean what is given without insisting on the rest."""
        self.call_required(False)
        super().full_clean()
        self.call_required(True)


class ScreenForm(LenientForm):
    """One screen. Nothing is required until ``complete``: then ``rules`` decide what is missing.

    ``given`` holds after cleaning every answer that may be stored, also when others are wrong.
    """

    screen = ""
    stamp = forms.CharField(required=False, max_length=41, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, case: Case, user: User, complete: bool = False) -> None:
        self.case, self.user, self.complete = case, user, complete
        self.given: dict[str, Any] = {}
        self.stored = store.load(case, self.screen)
        newest = case.brief.saved_by_page.get(self.screen, "")
        initial = {name: value for name, value in self.stored.items() if value not in ("", None)}
        super().__init__(data, initial={**initial, "stamp": f"{newest}.{secrets.token_hex(6)}"})

    def clean(self) -> dict[str, Any]:
        """Collect what may be stored, then ask the rules what is missing or cannot stand where the screen is to be complete."""
        cleaned = super().clean() or self.cleaned_data
        self.given = self.answers(cleaned)
        if self.complete:
            for name, message in self.gaps({**self.stored, **self.given}).items():
                field = name if name in self.fields else None
                if field is None or not self.has_error(field):
                    self.add_error(field, message)
        return cleaned

    def answers(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was sent, under the names of the store; what the request left out is left alone."""
        sent = {}
        for name, value in cleaned.items():
            widget = self.fields[name].widget
            if name != "stamp" and not widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name)):
                sent[name] = value
        return sent

    def gaps(self, answers: dict[str, Any]) -> Messages:
        """What is missing from the screen, by field."""
        return rules.gaps(self.screen, answers)
