"""How somebody wants to be told, and on which number."""

import re
from datetime import time
from typing import Any, cast

import phonenumbers
from django import forms

from secondop.notices.groups import GATHERED, groups_for
from secondop.notices.models import Choices
from secondop.notices.texts import texts_for
from secondop.web.forms import Form

AT_ONCE = "at-once"
BOTH = "Give both times, or none."
NO_NUMBER = "Please write a mobile number with + and the code of the country, such as +1 202 555 0143."
TO_ABROAD = re.compile(r"^\s*00")  # what many telephones dial for the +
MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def hours() -> list[tuple[str, str]]:
    """The hours to choose from, with mails one by one as the first choice."""
    return [(AT_ONCE, "No. Send me each mail at once"), *((str(hour), f"Yes, at {time(hour):%H:%M}") for hour in range(24))]


class Clock(forms.TimeInput):
    """The browser's own time field; it takes and gives hours and minutes."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class ChoicesForm(Form):
    """What comes by mail and by text, the quiet hours, and for staff the summary of the day.

    ``roles`` says which work there is to tell of, ``can_text`` whether there is a number for texts.
    """

    by_mail = forms.MultipleChoiceField(
        required=False,
        label="Send me an e-mail about",
        widget=forms.CheckboxSelectMultiple,
        help_text="What you leave out waits for you on this site.",
    )
    by_text = forms.MultipleChoiceField(
        required=False,
        label="Send me a text as well about",
        widget=forms.CheckboxSelectMultiple,
        help_text="A text says only that something waits for you here.",
    )
    quiet_from = forms.TimeField(required=False, label="No e-mail from", widget=Clock)
    quiet_until = forms.TimeField(required=False, label="until", widget=Clock)
    digest_hour = forms.TypedChoiceField(
        choices=hours,
        coerce=lambda chosen: None if chosen == AT_ONCE else int(chosen),
        label="One e-mail a day instead of many?",
        help_text="It says how much is new, and holds a link. What is urgent still comes at once.",
    )
    urgent_any_time = forms.BooleanField(required=False, label="Send me urgent work in my quiet hours too")

    def __init__(self, *args: Any, roles: list[str], choices: Choices, can_text: bool, **kwargs: Any) -> None:
        groups, texts = groups_for(roles), texts_for(roles)
        mailed = [name for name in groups if name not in choices.only_here]
        kept = {name: getattr(choices, name) for name in ("quiet_from", "quiet_until", "urgent_any_time")}
        kept["digest_hour"] = AT_ONCE if choices.digest_hour is None else choices.digest_hour
        super().__init__(*args, initial={**kept, "by_mail": mailed, "by_text": choices.by_text}, **kwargs)
        self.groups, self.elsewhere = set(groups), set(choices.only_here) - set(groups)
        cast(forms.MultipleChoiceField, self.fields["by_mail"]).choices = [
            (name, f"{group.label}. {group.about}") for name, group in groups.items()
        ]
        cast(forms.MultipleChoiceField, self.fields["by_text"]).choices = [
            (name, f"{texted.label}. {texted.about}") for name, texted in texts.items()
        ]
        self.other_texts = set(choices.by_text) - set(texts)
        if not can_text:
            del self.fields["by_text"]
        if not GATHERED & set(groups):
            del self.fields["digest_hour"], self.fields["urgent_any_time"]

    def clean(self) -> dict[str, Any]:
        """Quiet hours have two ends that differ; what is not ticked is what comes on the site only."""
        data: dict[str, Any] = super().clean() or {}
        begins, ends = data.get("quiet_from"), data.get("quiet_until")
        if not {"quiet_from", "quiet_until"} & set(self.errors) and (begins is None) != (ends is None):
            self.add_error("quiet_until" if ends is None else "quiet_from", BOTH)
        if begins is not None and begins == ends:
            self.add_error("quiet_until", "Choose another time: these are the same.")
        if "by_text" in data:
            data["by_text"] = sorted({*data["by_text"], *self.other_texts})
        data["only_here"] = sorted(self.groups - set(data.pop("by_mail", [])) | self.elsewhere)
        return data


class NumberForm(Form):
    """A mobile number; ``number`` comes out in E.164, such as +12025550143."""

    number = forms.CharField(
        max_length=30,
        label="Your mobile number",
        help_text="Begin with + and the code of your country, such as +1 202 555 0143.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_number(self) -> str:
        """Numbers that cannot be a mobile one are asked for again; so is one without its country, which may be a stranger's abroad."""
        try:
            number = phonenumbers.parse(TO_ABROAD.sub("+", self.cleaned_data["number"]))
        except phonenumbers.NumberParseException as error:
            raise forms.ValidationError(NO_NUMBER) from error
        if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in MOBILE:
            raise forms.ValidationError(NO_NUMBER)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class CodeForm(Form):
    """The code that was sent to a number, however its digits are set apart."""

    code = forms.CharField(
        max_length=20,
        label="Code",
        help_text="Six digits. It works for 10 minutes.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        """The code's digits."""
        return "".join(part for part in self.cleaned_data["code"] if part not in " -\u00a0")


class SeenForm(Form):
    """When the list was shown whose notices are to be marked as read."""

    until = forms.DateTimeField(required=False)
