"""Screen 4: consent and send."""

from typing import Any

from django import forms

from .. import consents
from ..screens import Section
from .base import Messages, Part, ScreenForm

DECISION = [("yes", "I agree"), ("no", "I do not agree")]


class ConsentForm(ScreenForm):
    """One decision for each consent, then the signature.

    Each decision comes with the hash of the words that were on the page, so that nobody signs words they have not read.
    """

    screen = "consent"

    typed_name = forms.CharField(
        max_length=120,
        required=False,
        label="Type your full name to sign",
        help_text="Your typed name, with today’s date and time, is your signature.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    intent = forms.BooleanField(required=False, label="I have read the texts above and mean my typed name as my signature")

    def __init__(self, data=None, *, case, user, complete: bool = False) -> None:
        self.wordings = consents.wordings(case, user)
        decided = case.brief.decisions
        fields: dict[str, forms.Field] = {}
        for wording in self.wordings:
            known = decided.get(wording.key, {})
            read = known.get("sha256") == wording.sha256
            given = known.get("given") if read else (False if wording.text.kind == consents.Kind.RESEARCH else None)
            initial = {True: "yes", False: "no", None: ""}[given]
            fields[wording.key] = forms.ChoiceField(
                choices=DECISION, required=False, label=wording.title, widget=forms.RadioSelect, initial=initial
            )
            fields[f"read_{wording.key}"] = forms.CharField(max_length=64, required=False, initial=wording.sha256, widget=forms.HiddenInput)
        self.base_fields = {**fields, **self.base_fields}  # type: ignore[misc]
        self.asked = (*(wording.key for wording in self.wordings), "typed_name", "intent")
        super().__init__(data, case=case, user=user, complete=complete)
        self.initial["typed_name"] = case.brief.signed_name
        self.initial["intent"] = bool(case.brief.signed_at and case.brief.signed_by_id == user.pk)

    def answers(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Decisions with the hash of the words that were read, and the name as typed so far."""
        decisions = dict(self.case.brief.decisions)
        for wording in self.wordings:
            if cleaned.get(wording.key):
                decisions[wording.key] = {"given": cleaned[wording.key] == "yes", "sha256": cleaned.get(f"read_{wording.key}", "")}
        given: dict[str, Any] = {"decisions": decisions}
        if "typed_name" in cleaned and "typed_name" in self.data:
            given["signed_name"] = cleaned["typed_name"]
        return given

    def gaps(self, answers: dict[str, Any]) -> Messages:
        """Decisions that are missing or stale, a needed consent refused, and the signature."""
        found = consents.gaps(self.wordings, answers["decisions"])
        if not answers.get("signed_name"):
            found["typed_name"] = "Type your full name."
        if not self.cleaned_data.get("intent"):
            found["intent"] = "Tick the box if you mean this as your signature."
        return found

    def sections(self) -> tuple[Section, ...]:
        """A section for each consent, then the signature."""
        return (*(Section(wording.key, wording.title, (wording.key,)) for wording in self.wordings), *super().sections())

    def stored_gaps(self) -> Messages:
        """What is missing from the stored decisions and the stored signature."""
        found = consents.gaps(self.wordings, self.case.brief.decisions)
        return found | {name: "missing" for name in ("typed_name", "intent") if not self.initial[name]}

    def answer(self, name: str) -> Any:
        """The stored decision, or part of the signature."""
        return self.initial[name] if name in ("typed_name", "intent") else self.case.brief.decisions.get(name)

    def decisions(self) -> list[tuple[consents.Wording, Part, forms.BoundField, forms.BoundField]]:
        """Each wording with its section, its question and the hidden hash."""
        return [(wording, self.parts[wording.key], self[wording.key], self[f"read_{wording.key}"]) for wording in self.wordings]
