"""What the pages about family and helpers ask."""

from django import forms

from secondop.cases.access import FAMILY_RIGHTS, Right
from secondop.cases.lifecycle import Refused
from secondop.web.forms import Form, NameField

from . import rules
from .pages import MEANINGS


class InviteForm(Form):
    """Whom to invite, what they may do, and until when. Only what the inviting person may give is asked."""

    full_name = NameField(max_length=120, label="Their name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        max_length=254,
        label="Their e-mail address",
        help_text="We send the invitation there. They need an account with this address, or make one.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    rights = forms.MultipleChoiceField(
        label="What may they do?",
        help_text="Seeing the status comes with all the others.",
        widget=forms.CheckboxSelectMultiple,
        initial=[str(Right.STATUS)],
        error_messages={"required": "Choose at least one."},
    )
    last_day = forms.DateField(
        required=False,
        label="Last day",
        help_text="Leave this empty if it should last until you take it back. You can take it back at any time.",
    )

    def __init__(self, *args, givable: list[Right], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rights"].choices = [(str(right), MEANINGS[right]) for right in FAMILY_RIGHTS if right in givable]  # type: ignore[attr-defined]

    def clean_last_day(self):
        """The moment at which the access ends, or ``None``."""
        try:
            return rules.end_of(self.cleaned_data["last_day"])
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def invitation(self) -> dict:
        """What ``services.invite`` needs."""
        given = self.cleaned_data
        rights = [Right(right) for right in given["rights"]]
        return {"email": given["email"], "full_name": given["full_name"], "rights": rights, "until": given["last_day"]}


class AgreeForm(Form):
    """The signature under the consent to share the case with family, with the hash of the words that were on the page."""

    read = forms.CharField(max_length=64, widget=forms.HiddenInput)
    typed_name = forms.CharField(
        max_length=120,
        label="Type your full name to sign",
        help_text="Your typed name, with today’s date and time, is your signature.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    intent = forms.BooleanField(label="I have read the text above, I agree, and I mean my typed name as my signature")
