"""Forms about accounts."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password

from secondop.web.forms import Form, ModelForm, NameField

from .models import User


class PasswordAgain(forms.CharField):
    """The password of whoever is signed in, asked for once more before an act that matters; see ``accounts.identity``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(**{"label": "Your password", "strip": False, "max_length": 1000, "widget": widget, **kwargs})


class SignupForm(forms.Form):
    """What sign-up asks besides address and password; the page's script adds the time zone of the device (js/fields.js)."""

    full_name = NameField(max_length=120, label="Your full name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-zone": ""}))
    field_order = ["full_name", "email", "password1"]

    def clean_time_zone(self) -> str:
        """A zone that we know, or the site's: nobody can mend a field that they do not see."""
        zone = self.cleaned_data["time_zone"]
        return zone if zone in zoneinfo.available_timezones() else ""

    def signup(self, request, user: User) -> None:
        """Called by allauth with the new account before it is saved for good."""
        user.full_name = self.cleaned_data["full_name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.save()


class JoinForm(Form):
    """How an invited member of staff sets up the account."""

    full_name = NameField(max_length=120, label="Your full name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        max_length=256,
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()),
    )

    def __init__(self, *args, email: str = "", **kwargs) -> None:
        self.email = email
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Checked by the same rules as at sign-up."""
        password = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, full_name=self.cleaned_data.get("full_name", "")))
        return password


def zones() -> list[tuple[str, str]]:
    """The zones to choose from, by their IANA names; first the site's own, whichever that is."""
    site = f"The zone of this site ({spaced(settings.TIME_ZONE)})"
    return [("", site), *((name, spaced(name)) for name in sorted(zoneinfo.available_timezones()))]


def spaced(zone: str) -> str:
    """The name of a zone as people read it."""
    return zone.replace("_", " ")


class ProfileForm(ModelForm):
    """What people change about themselves; the name of staff stands under opinions and is an administrator's to change."""

    time_zone = forms.ChoiceField(choices=zones, required=False)

    class Meta:
        model = User
        fields = ["full_name", "time_zone"]
        field_classes = {"full_name": NameField}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.roles:
            self.fields["full_name"].disabled = True
            self.fields["full_name"].help_text = "Your name was verified. Please ask an administrator to change it."
