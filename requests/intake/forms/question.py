"""Screen 2: my question."""

from django import forms

from secondop.cases.models.brief import Detail, Prognosis, Value
from secondop.catalog.models import Specialty
from secondop.catalog.reasons import Reason
from secondop.web.clock import now
from secondop.web.forms import DateInput, Form

from ..prompts import Group, groups
from ..screens import MAX_QUESTIONS, MAX_VALUES
from .base import ScreenForm
from .rows import RowsField
from .who import one_of


class QuestionRow(Form):
    """One question in own words."""

    text = forms.CharField(max_length=500, label="Question", widget=forms.Textarea(attrs={"rows": 2}))


class QuestionForm(ScreenForm):
    """Why, what was said so far, what to answer, and what matters."""

    screen = "question"
    asked = ("reason", "diagnosis", "diagnosis_unknown", "questions", "values", "detail", "prognosis")

    reason = one_of(
        Reason.choices, label="Why do you want a second opinion?", help_text="It tells the specialist which kind of answer helps you."
    )
    specialty = forms.ModelChoiceField(
        queryset=Specialty.objects.filter(active=True),
        required=False,
        empty_label="I don’t know. You choose",
        label="Which field of medicine fits best?",
        help_text="It leads us to the right specialist, and you to questions that others asked.",
    )
    diagnosis = forms.CharField(
        max_length=2000,
        required=False,
        label="What is the diagnosis, as you were told?",
        help_text="It leads us to the right specialist. Your own words are fine.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    diagnosis_unknown = forms.BooleanField(required=False, label="I don’t know")
    first_opinion = forms.CharField(
        max_length=4000,
        required=False,
        label="What did the first doctor propose?",
        help_text="A treatment, an operation, a test, or waiting. Skip this if nothing was proposed.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    first_opinion_by = forms.CharField(
        max_length=200, required=False, label="Who said so?", help_text="The name of the doctor or the hospital."
    )
    first_opinion_on = forms.DateField(
        required=False,
        label="When was that?",
        help_text="About the right day is fine. Leave it empty if you do not know.",
        widget=DateInput(),
    )
    questions = RowsField(
        QuestionRow,
        limit=MAX_QUESTIONS,
        add="Add another question",
        label=f"Your questions, up to {MAX_QUESTIONS}",
        help_text="The specialist answers each one. Put the most important first.",
    )
    values = forms.MultipleChoiceField(
        choices=Value.choices,
        required=False,
        label=f"What matters most to you? Choose up to {MAX_VALUES}",
        help_text="There is no right answer. It helps to weigh the options for you.",
        widget=forms.CheckboxSelectMultiple(attrs={"data-most": MAX_VALUES}),
    )
    values_own = forms.CharField(
        max_length=300,
        required=False,
        label="Something else that matters, in your own words",
        help_text=f"This counts as one of the {MAX_VALUES}.",
        widget=forms.TextInput(attrs={"data-most-own": ""}),
    )
    detail = forms.ChoiceField(
        choices=Detail.choices,
        required=False,
        label="How much do you want to read?",
        help_text="The specialist writes with this in mind.",
        widget=forms.RadioSelect,
        initial=Detail.LATER,
    )
    prognosis = forms.ChoiceField(
        choices=Prognosis.choices,
        required=False,
        label="Do you want to read how the illness is likely to go on?",
        help_text="Some people do and some do not. Both are fine.",
        widget=forms.RadioSelect,
        initial=Prognosis.ASK,
    )

    def clean_first_opinion_on(self):
        """A day in the far past is a slip of the keys."""
        on = self.cleaned_data["first_opinion_on"]
        if on and on.year < now().year - 100:
            raise forms.ValidationError("Please check the year.")
        return on

    def prompts(self) -> list[Group]:
        """Questions that others asked, those shown that fit the reason and the field of medicine chosen here."""
        chosen = self["specialty"].value() or ""
        return groups(str(self["reason"].value() or ""), str(getattr(chosen, "pk", chosen)))
