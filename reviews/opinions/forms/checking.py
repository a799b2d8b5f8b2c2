"""The forms of the check before release, and of the second look."""

from collections.abc import Iterable

from django import forms

from routing.services.eligibility import Candidate
from secondop.web.forms import Form

from ..services.checking import Query


class ReturnForm(Form):
    """Why the opinion goes back to its author."""

    code = forms.ChoiceField(label="What is the matter?", choices=Query.choices)
    text = forms.CharField(
        label="What should the specialist look at?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only staff read this. You cannot change the text yourself.",
    )


class SecondAskForm(Form):
    """Which specialist is asked to look."""

    def __init__(self, *args: object, candidates: Iterable[Candidate], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(c.user.pk, f"{c.profile}, {c.profile.institution}") for c in candidates]
        self.fields["specialist"] = forms.TypedChoiceField(label="Second specialist", coerce=int, choices=choices)


class SecondAnswerForm(Form):
    """What the second specialist comes to."""

    verdict = forms.ChoiceField(
        label="Do you come to the same view?",
        choices=[("confirm", "Yes, I confirm it"), ("refuse", "No, I do not")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Your note", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), help_text="Only staff read this.")


class SecondDeclineForm(Form):
    """Why the second specialist does not look."""

    note = forms.CharField(label="Why not?", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
