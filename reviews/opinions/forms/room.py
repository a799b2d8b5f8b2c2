"""The small forms of the reading room."""

from django import forms

from secondop.accounts.forms import PasswordAgain
from secondop.cases.models import AskItem
from secondop.web.forms import Form

from ..models import Opinion
from .fields import DraftForm, area

ITEMS = 3


class FirstReadForm(DraftForm, Form):
    """The specialist's own first impression, before the first opinion is shown."""

    first_read = area(
        Opinion,
        "first_read",
        "Your first impression",
        "Two or three sentences: what do you think this is, and what would you do?",
        rows=5,
        needed=True,
    )


class AskForm(Form):
    """Up to three things the specialist needs to know from the patient."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        limit = AskItem._meta.get_field("text").max_length
        super().__init__(*args, **kwargs)
        for n in range(ITEMS):
            self.fields[f"item_{n}"] = forms.CharField(
                label="Your question" if n == 0 else f"Question {n + 1}", max_length=limit, required=n == 0
            )

    def items(self) -> list[str]:
        """What was asked; call it on a valid form."""
        return [text for text in self.cleaned_data.values() if text.strip()]


class SignForm(Form):
    """The password, asked for every time and never shown again."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=0)
    password = PasswordAgain(help_text="We ask for it every time, because your signature stands under this opinion.")
