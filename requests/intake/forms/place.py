"""Where somebody lives: asked on the start page, so that nobody works for nothing, and again on the first screen."""

from django import forms

from secondop.catalog.places import COUNTRIES

from .base import LenientForm

COUNTRY_CHOICES = [("", "Choose a country"), *COUNTRIES]


def country_field() -> forms.ChoiceField:
    """The country of residence."""
    return forms.ChoiceField(
        choices=COUNTRY_CHOICES,
        required=False,
        label="Country where the patient lives now",
        help_text="The law there says if and how we may help.",
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


class PlaceForm(LenientForm):
    """The two questions of the start page; an empty place is asked for again on the first screen."""

    asked = ("country", "region")

    country = country_field()
    region = region_field()
