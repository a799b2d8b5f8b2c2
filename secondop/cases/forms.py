"""The shape of what is written in a thread."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from secondop.web.forms import Form

from .models.message import MESSAGE_LENGTH


class FilesField(forms.TypedMultipleChoiceField):
    """Records to attach, picked from those it was given with ``offer()``."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def offer(self, records: Iterable[Any]) -> None:
        """Offer ``records``, by name and day."""
        found = {str(record.uid): record for record in records}
        self.choices = [(uid, f"{record.name}, {record.created_at:%b} {record.created_at.day}") for uid, record in found.items()]
        self.coerce = found.__getitem__


class MessageForm(Form):
    """A message, with records that are in the case already."""

    text = forms.CharField(label="Your message", max_length=MESSAGE_LENGTH, widget=forms.Textarea(attrs={"rows": 4}))
    records = FilesField(label="Files to show with it")

    def __init__(self, *args: Any, records: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files = cast(FilesField, self.fields["records"])
        files.offer(records)
        if not files.choices:
            del self.fields["records"]
