"""The form that asks for a copy."""

from typing import Any
from uuid import UUID

from django import forms

from secondop.accounts.forms import PasswordAgain
from secondop.accounts.models import User
from secondop.cases.answers import title
from secondop.cases.models import Case
from secondop.web.forms import Form

from .services import open_cases

EVERYTHING = "everything"
RADIOS = 6  # more choices than these go into a list that opens


class AskForm(Form):
    """What the copy is to hold, and who asks."""

    use_required_attribute = False
    field_order = ["what", "password"]
    password = PasswordAgain(help_text="We ask again, because the copy holds all that is private.")

    def __init__(self, *args: Any, user: User, wanted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases = {str(case.uid): case for case in open_cases(user).select_related("brief", "patient").prefetch_related("questions")}
        mine = any(case.patient_id == user.pk for case in self.cases.values())
        label = "Everything: my account and all of my cases" if mine else "My account"
        self.fields["what"] = forms.ChoiceField(
            label="What shall the copy hold?",
            choices=[(EVERYTHING, label), *((uid, name_of(case, user)) for uid, case in self.cases.items())],
            initial=wanted if wanted in self.cases else EVERYTHING,
            widget=forms.RadioSelect if len(self.cases) < RADIOS else forms.Select,
        )
        self.order_fields(self.field_order)

    def case(self) -> Case | None:
        """The one case that was chosen; ``None`` for everything."""
        return self.cases.get(self.cleaned_data["what"])


def name_of(case: Case, user: User) -> str:
    """What a case is called in the list."""
    whose = "" if case.patient_id == user.pk else f", shared by {case.patient}"
    return f"Only {case.reference}: {title(case) or 'not filled in yet'}{whose}"


def as_uid(text: str) -> str:
    """``text`` as a uid is written, or nothing."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""
