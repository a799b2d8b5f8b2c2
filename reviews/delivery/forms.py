"""Closing a case early."""

from django import forms

from secondop.web.forms import Form


class CloseForm(Form):
    """Why a case is closed before its 30 days are over."""

    reason = forms.CharField(label="Why now?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Only staff read this.")
