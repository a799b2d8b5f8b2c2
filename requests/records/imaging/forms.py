"""What people are asked about files that name somebody else."""

from typing import cast

from django import forms

from secondop.web.forms import Form

from .models import Answer, Decision, Identity


class AnswerForm(Form):
    """Is this you? For the patient's side."""

    answer = forms.ChoiceField(label="Are these files about the patient?", widget=forms.RadioSelect)
    reason = forms.CharField(
        max_length=300,
        required=False,
        label="If yes: why does the file say something else?",
        help_text="For example: “This is my name from before I married.”",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, is_self: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if is_self:
            self.fields["answer"].label = "Are these files about you?"
        yes, no = ("Yes, this is me", "No, this is not me") if is_self else ("Yes, these are theirs", "No, these are somebody else’s")
        choices = [(Answer.YES, yes), (Answer.NO, f"{no}. Delete the files for good.")]
        cast(forms.ChoiceField, self.fields["answer"]).choices = choices

    def clean(self) -> None:
        """A yes says why."""
        super().clean()
        if self.cleaned_data.get("answer") == Answer.YES and not self.cleaned_data.get("reason"):
            self.add_error("reason", "Please say in a few words why the file says something else.")


class DecideForm(Form):
    """Whose they are, as a coordinator settles it."""

    decision = forms.ChoiceField(label="Whose files are these?", widget=forms.RadioSelect)
    note = forms.CharField(max_length=300, label="How do you know?", help_text="For the staff.", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, identity: Identity, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rest = "Set them aside; what nobody has seen is taken out." if identity.opened_at else "Take them out of the case."
        choices = [
            (Decision.ACCEPTED, "The patient’s. Let specialists see them."),
            (Decision.REJECTED, f"Somebody else’s. {rest}"),
        ]
        cast(forms.ChoiceField, self.fields["decision"]).choices = choices
