"""The form that makes a token."""

from django import forms

from secondop.web.forms import Form

DAYS = (1, 7, 30)


class TokenForm(Form):
    """Which program, and for how long."""

    label = forms.CharField(
        max_length=60, label="What is the program, or whose computer?", help_text="Such as “Clinic PC”. Only you see this."
    )
    days = forms.TypedChoiceField(
        choices=[(days, "1 day" if days == 1 else f"{days} days") for days in DAYS],
        coerce=int,
        initial=7,
        label="How long may it send files?",
    )
