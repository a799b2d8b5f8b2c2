"""Where somebody lives: asked on the start page, so that nobody works for nothing, and again on the first screen."""

from django import forms

from secondop.catalog.places import COUNTRIES
from secondop.web.forms import Form

COUNTRY_CHOICES = [("", "Choose a country"), *COUNTRIES]


def country_field() -> forms.ChoiceField:
    """The country of residence."""
    return forms.ChoiceField(
        choices=COUNTRY_CHOICES,
        required=False,
        label="Country where the patient lives now",
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )


def region_field() -> forms.CharField:
    """The state or province of residence."""
    return forms.CharField(
        max_length=80,
        required=False,
        label="State or province",
        help_text="Medical licenses hold for a place. That is why we ask.",
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )


class PlaceForm(Form):
    """The two questions of the start page."""

    country = country_field()
    region = region_field()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.call_required(True)

    def call_required(self, required: bool) -> None:
        """Whether the fields look required; an empty place is asked for again on the first screen."""
        for field in self.fields.values():
            field.required = required

    def full_clean(self) -> None:
        """The place may be left for later; only what is given is looked at."""
        self.call_required(False)
        super().full_clean()
        self.call_required(True)
