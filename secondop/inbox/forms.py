"""How somebody wants to be told."""

from datetime import time
from typing import Any, cast

from django import forms

from secondop.notices.groups import GATHERED, groups_for
from secondop.notices.models import Choices
from secondop.web.forms import Form

AT_ONCE = "at-once"
BOTH = "Give both times, or none."


def hours() -> list[tuple[str, str]]:
    """The hours to choose from, with mails one by one as the first choice."""
    return [(AT_ONCE, "No. Send me each mail at once"), *((str(hour), f"Yes, at {time(hour):%H:%M}") for hour in range(24))]


class Clock(forms.TimeInput):
    """The browser's own time field; it takes and gives hours and minutes."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class ChoicesForm(Form):
    """What comes by mail, the quiet hours, and for staff the summary of the day. ``roles`` says which work there is to tell of."""

    by_mail = forms.MultipleChoiceField(
        required=False,
        label="Send me an e-mail about",
        widget=forms.CheckboxSelectMultiple,
        help_text="What you leave out waits for you on this site.",
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

    def __init__(self, *args: Any, roles: list[str], choices: Choices, **kwargs: Any) -> None:
        groups = groups_for(roles)
        mailed = [name for name in groups if name not in choices.only_here]
        kept = {name: getattr(choices, name) for name in ("quiet_from", "quiet_until", "urgent_any_time")}
        kept["digest_hour"] = AT_ONCE if choices.digest_hour is None else choices.digest_hour
        super().__init__(*args, initial={**kept, "by_mail": mailed}, **kwargs)
        self.groups, self.elsewhere = set(groups), set(choices.only_here) - set(groups)
        cast(forms.MultipleChoiceField, self.fields["by_mail"]).choices = [
            (name, f"{group.label}. {group.about}") for name, group in groups.items()
        ]
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
        data["only_here"] = sorted(self.groups - set(data.pop("by_mail", [])) | self.elsewhere)
        return data


class SeenForm(Form):
    """When the list was shown whose notices are to be marked as read."""

    until = forms.DateTimeField(required=False)
