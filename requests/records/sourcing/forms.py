"""The forms about records that others hold."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from secondop.cases.models import Source
from secondop.web.clock import today
from secondop.web.forms import DateInput, Form

from .models import RecordRequest


class AskForm(Form):
    """A place to ask for records: one that the patient named, or another."""

    source = forms.ModelChoiceField(Source.objects.none(), required=False, label="Place", empty_label="Another place, named below")
    office = forms.CharField(
        max_length=160, required=False, label="Name of the other place", help_text="Such as a hospital, office, or lab"
    )
    place = forms.CharField(max_length=160, required=False, label="Its city and state")
    contact = forms.CharField(
        max_length=300, required=False, label="How to reach it", help_text="Phone, fax, or address of its records office"
    )
    what = forms.CharField(max_length=300, required=False, label="Which records", help_text="Such as the scan of May 2026 with its images")

    def __init__(self, *args: Any, sources: QuerySet[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sources:
            self.fields["source"].queryset = sources  # type: ignore[attr-defined]
        else:
            del self.fields["source"]
            self.fields["office"].required, self.fields["office"].label = True, "Name of the place"

    def clean(self) -> dict[str, Any]:
        """One of both has to be there."""
        data = super().clean() or {}
        if not data.get("source") and not data.get("office", "").strip() and "office" not in self.errors:
            self.add_error("office", "Choose a place above, or write the name of one.")
        return data


class SendForm(Form):
    """That a request went out: when, how, to where."""

    sent_on = forms.DateField(label="Sent on", widget=DateInput())
    how = forms.ChoiceField(choices=RecordRequest.How.choices, label="Sent by")
    contact = forms.CharField(max_length=300, required=False, label="Sent to", help_text="Fax number, address, or name of the portal")
    remark = forms.CharField(max_length=500, required=False, label="Note")

    def __init__(self, *args: Any, request: RecordRequest, **kwargs: Any) -> None:
        kwargs["initial"] = {"sent_on": today(), "contact": request.contact, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class RemarkForm(Form):
    """What was said or seen; a note for whoever runs the request."""

    remark = forms.CharField(max_length=500, required=False, label="Note", help_text="Who you spoke to, and what they said")

    def __init__(self, *args: Any, request: RecordRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class NothingForm(Form):
    """Just the button."""

    def __init__(self, *args: Any, request: RecordRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
