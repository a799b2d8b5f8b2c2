"""What the forms of all four screens share: they can be saved half done, and know whether they are complete."""

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.timezone import localtime

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.web.forms import Form

from .. import rules, store
from ..screens import SCREENS, Section
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


class Part(NamedTuple):
    """A section as a page shows it; see components/fold.html."""

    name: str
    title: str
    state: str
    open: bool
    saved: str = ""


class ScreenForm(LenientForm):
    """One screen. Nothing is required until ``complete``: then ``rules`` decide what is missing.

    ``given`` holds after cleaning every answer that may be stored, also when others are wrong. A request that names the fields
    it is ``only`` about, as the sections that save by themselves do, makes a form of these.
    """

    screen = ""
    saved = ""  # the section that was saved by itself just now
    stamp = forms.CharField(required=False, max_length=41, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, case: Case, user: User, complete: bool = False) -> None:
        self.case, self.user, self.complete = case, user, complete
        self.given: dict[str, Any] = {}
        only = set(data.getlist("only") if isinstance(data, QueryDict) and not complete else ())
        self.stored = {} if only else store.load(case, self.screen)
        if only:
            self.base_fields = {name: field for name, field in self.base_fields.items() if name in only or name == "stamp"}  # type: ignore[misc]
        super().__init__(data, initial={} if only else self.shown())

    def shown(self) -> dict[str, Any]:
        """What a page begins with: the stored answers, and a stamp of its own."""
        newest = self.case.brief.saved_by_page.get(self.screen, "")
        given = {name: value for name, value in self.stored.items() if value not in ("", None)}
        return {**given, "stamp": f"{newest}.{secrets.token_hex(6)}"}

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

    def sections(self) -> tuple[Section, ...]:
        """The sections of the screen, in order."""
        return SCREENS[self.screen].sections

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The sections by name, each with where it stands; those of a screen that is done are closed until they are opened."""
        missing = self.stored_gaps()
        closed = not self.is_bound and not missing and self.screen in self.case.brief.done
        words = f"Saved {localtime(self.case.touched_at):%H:%M}"
        found = {}
        for section in self.sections():
            just = section.name == self.saved
            state = self.state_of(section, missing)
            found[section.name] = Part(section.name, section.title, state, just or not closed, words if just else "")
        return found

    def stored_gaps(self) -> Messages:
        """What is missing from the stored answers, by field."""
        return self.gaps(self.stored)

    def state_of(self, section: Section, missing: Messages) -> str:
        """Where a section stands: done, begun (now), not begun (todo), or of a kind that can be skipped."""
        given = any(self.answer(name) not in (None, "", [], False) for name in section.fields)
        if any(name in missing for name in section.fields):
            return "now" if given else "todo"
        if given:
            return "done"
        return "todo" if any(name in self.asked for name in section.fields) else "skip"

    def answer(self, name: str) -> Any:
        """The stored answer of a field."""
        return self.stored.get(name)

    def faults(self) -> dict[str, str]:
        """What cannot be stored, by field, in one sentence each that names the question."""
        return {name: f"{self.fields[name].label} – {errors[0]}" for name, errors in self.errors.items() if name in self.fields}
