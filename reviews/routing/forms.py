"""The shape of what is typed at the desk and by specialists; the fields are named like the services' arguments."""

from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils import timezone

from secondop.cases.asks import MAX_ITEMS
from secondop.cases.models import Case, ChecklistItem
from secondop.catalog.models import Specialty
from secondop.web.clock import today
from secondop.web.forms import Form, NameField

from .models import Decline, Offer
from .models.note import NOTE_LENGTH
from .services.offers import LATEST_DUE

END_OF_DAY = time(17)
ITEM_LENGTH = 500


def prose(label: str, help_text: str = "", *, max_length: int = 1000, required: bool = True, rows: int = 3) -> forms.CharField:
    """A field of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=max_length, required=required, widget=widget)


def end_of(day: date, at: time) -> datetime:
    """``day`` at ``at``, in the reader's own time zone."""
    return datetime.combine(day, at, tzinfo=timezone.get_current_timezone())


class CaseForm(Form):
    """A form about one case; ``case`` is given by the view, never by the browser."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case


class NoteForm(CaseForm):
    """What the team should know."""

    text = prose("Your note", "For colleagues of the care team.", max_length=NOTE_LENGTH)


class ClaimForm(CaseForm):
    """Taking over is asked for by its own button."""

    take_over = forms.BooleanField(required=False, widget=forms.HiddenInput)


class FactsForm(CaseForm):
    """What routing goes by."""

    specialty = forms.ModelChoiceField(Specialty.objects.none(), help_text="It brings its checklist and its specialists.")
    decision_date = forms.DateField(required=False, help_text="The day by which the patient has to decide.")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"specialty": case.specialty_id, "decision_date": case.decision_date})
        super().__init__(*args, case=case, **kwargs)
        cast(forms.ModelChoiceField, self.fields["specialty"]).queryset = Specialty.objects.filter(Q(active=True) | Q(pk=case.specialty_id))


class ItemForm(CaseForm):
    """One item of the checklist."""

    status = forms.ChoiceField(choices=ChecklistItem.Status.choices, initial=ChecklistItem.Status.WAIVED, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why the review can do without it",
        help_text="For an item that is not needed. The specialist reads this, and it becomes a limit of the opinion.",
        max_length=300,
        required=False,
    )


class AskForm(CaseForm):
    """Things needed from the patient, one a line."""

    items = prose("What do you need?", f"One thing a line, up to {MAX_ITEMS}. The patient reads your words as they are.", max_length=5000)

    def clean_items(self) -> list[str]:
        """The lines that say something."""
        lines = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if any(len(line) > ITEM_LENGTH for line in lines):
            raise forms.ValidationError(f"Please shorten each line to {ITEM_LENGTH} characters.")
        if len(lines) > MAX_ITEMS:
            raise forms.ValidationError(f"Please ask for {MAX_ITEMS} things at most. These are {len(lines)}.")
        return lines


class WaiveProofForm(CaseForm):
    """Why a case goes on without proof of authority."""

    reason = forms.CharField(label="Why the case can go on without the paper", max_length=300)


class HandOverForm(CaseForm):
    """Who the patient is, an adult now, and how that was checked."""

    full_name = NameField(max_length=120, label="Full name of the patient", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        max_length=254,
        label="E-mail address of the patient",
        help_text="Their own, not one of their parents.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    identity = forms.CharField(
        label="How did you check who they are?",
        help_text="For example: “ID card shown in a video call.” It stays with the team.",
        max_length=300,
    )


class ExtendForm(CaseForm):
    """More time for the patient to answer."""

    due_at = forms.DateField(label="New date", help_text="The patient has until the end of this day.")
    reason = prose("Why do they need more time?", "The patient reads this in the timeline.", max_length=500, rows=2)

    def clean_due_at(self) -> datetime:
        """The end of the day that was chosen, in the time zone of whoever chose it."""
        return end_of(self.cleaned_data["due_at"], time(23, 59))


class ReadyForm(CaseForm):
    """Marking as complete, although something may be missing."""

    override = prose(
        "If something is still missing: why can the review go on without it?",
        "What is missing becomes a limit of the opinion, with these words.",
        max_length=300,
        required=False,
        rows=2,
    )


class SendBackForm(CaseForm):
    """Back to collecting records."""

    reason = prose("Reason", "For the staff.")
    note = prose("Words for the patient", "They stand in the patient’s timeline.", required=False)


class DeclineForm(CaseForm):
    """Declining a request."""

    code = forms.ChoiceField(
        label="Reason", choices=Decline.Code.choices, widget=forms.RadioSelect, help_text="On clinical grounds a lead has to agree."
    )
    text = prose("What the patient reads", "Say why, in plain and kind words.", max_length=1200, rows=5)
    alternative = prose("What they can do instead", "A place, a person, or a next step.", max_length=700)


class RejectForm(CaseForm):
    """A lead does not agree with declining."""

    answer = prose("Why should the case go on?", "Your colleague who proposed to decline it reads this.")


class OfferForm(CaseForm):
    """Whom to ask."""

    specialist_id = forms.IntegerField(widget=forms.HiddenInput)


class RecallForm(CaseForm):
    """Taking an offer back."""

    reason = prose("Reason", "For the staff.", required=False, rows=2)


class WaiveForm(CaseForm):
    """Letting a declared conflict stand."""

    note = prose("Why does it not stand in the way?", "Kept with the opinion, where the patient can read it.")


class DueForm(CaseForm):
    """Agreeing to a date."""

    agree = forms.TypedChoiceField(choices=[("yes", "Agree"), ("no", "Keep 48 hours")], coerce=lambda value: value == "yes")


class ReasonForm(CaseForm):
    """A reason, for a case that goes back to the desk."""

    reason = prose("Reason", "For the staff. The patient does not read it.")


class ReopenForm(CaseForm):
    """Starting again with something new."""

    note = prose("What is new?", "The patient reads this in the timeline.")


class AcceptForm(CaseForm):
    """The declaration of conflicts, and a date when 48 hours are too short."""

    NOTHING = "none"

    kinds = forms.MultipleChoiceField(
        label="Is there a possible conflict of interest?",
        choices=[*Offer.ConflictKind.choices, (NOTHING, "None of these")],
        widget=forms.CheckboxSelectMultiple,
        help_text="A lead looks at what you declare before you can accept.",
        error_messages={"required": "Please tick what applies, or “None of these”."},
    )
    conflict_text = prose("What is the conflict?", "Only if you ticked one above.", required=False, rows=2)
    proposed_due = forms.DateField(
        label="Date, if you need more than 48 hours", required=False, help_text="The care coordinator confirms it."
    )

    def __init__(self, *args: Any, case: Case, declared: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["proposed_due"].widget.attrs.update(min=f"{today()}", max=f"{today() + LATEST_DUE}")
        if declared:
            del self.fields["kinds"], self.fields["conflict_text"]

    def clean(self) -> dict[str, Any]:
        """ "None of these" stands alone; a conflict needs words."""
        data = super().clean() or self.cleaned_data
        kinds = data.get("kinds") or []
        if self.NOTHING in kinds and len(kinds) > 1:
            self.add_error("kinds", "You ticked “None of these” together with something else.")
        elif kinds and self.NOTHING not in kinds and not data.get("conflict_text", "").strip():
            self.add_error("conflict_text", "Please say what the conflict is.")
        return data

    def conflicts(self) -> list[str]:
        """The kinds of conflict that were declared."""
        return [kind for kind in self.cleaned_data.get("kinds", []) if kind != self.NOTHING]

    def clean_proposed_due(self) -> datetime | None:
        """The end of the working day that was proposed, in the specialist's own time zone."""
        day = self.cleaned_data["proposed_due"]
        if day is None:
            return None
        return end_of(day, END_OF_DAY)


class DeclineOfferForm(CaseForm):
    """Saying no to an offer."""

    code = forms.ChoiceField(label="Reason", choices=Offer.DeclineCode.choices, widget=forms.RadioSelect)
    text = prose("A word to the coordinator", required=False, rows=2)
