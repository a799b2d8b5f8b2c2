"""Screen 1: who and how fast."""

from django import forms

from secondop.cases.models.brief import AgeBand, Authority, Channel, ForWhom, Relationship
from secondop.web.forms import DateInput

from .base import ScreenForm
from .place import country_field, region_field

LANGUAGES = (
    *("English", "Spanish", "Arabic", "Bengali", "Cantonese", "Farsi", "French", "German", "Greek", "Gujarati", "Haitian Creole"),
    *("Hebrew", "Hindi", "Italian", "Japanese", "Korean", "Mandarin", "Polish", "Portuguese", "Punjabi", "Romanian", "Russian"),
    *("Somali", "Swahili", "Tagalog", "Turkish", "Ukrainian", "Urdu", "Vietnamese", "American Sign Language", "Another language"),
)
WHY_BIRTH_DATE = (
    "Why we ask: on a birthday that the law sets, your child becomes an adult. From that day on the request is theirs alone. "
    "We put the date in no mail."
)
EMERGENCY = [("no", "No, none of these"), ("yes", "Yes, or I am not sure")]


def one_of(choices, *, label: str, empty: str = "", help_text: str = "") -> forms.ChoiceField:
    """A choice: radio buttons, or a list that opens where ``empty`` names its first line."""
    widget = forms.Select if empty else forms.RadioSelect
    offered = [("", empty), *choices] if empty else choices
    return forms.ChoiceField(choices=offered, required=False, label=label, help_text=help_text, widget=widget)


class WhoForm(ScreenForm):
    """Emergency, residence, whose case, when, and how to get in touch."""

    screen = "who"
    asked = (
        *("emergency", "country", "region", "for_whom", "subject_name", "relationship", "authority", "birth_date", "age_band"),
        *("language", "interpreter", "channel", "phone"),
    )

    emergency = one_of(
        EMERGENCY,
        label="Is any of this happening now?",
        help_text="A second opinion takes days. We ask first, so that nobody waits who needs help now.",
    )
    country = country_field()
    region = region_field()
    for_whom = one_of(
        ForWhom.choices, label="Who is the second opinion for?", help_text="We have to know whose records these are, and that you may ask."
    )
    subject_name = forms.CharField(
        max_length=120,
        required=False,
        label="Full name of the patient",
        help_text="As it stands on the records. The opinion will carry this name.",
    )
    relationship = one_of(Relationship.choices, label="How are you related?", empty="Choose one")
    authority = one_of(
        Authority.choices,
        label="What allows you to ask for them?",
        empty="Choose one",
        help_text="A guardian or a power of attorney has a paper. We need to see it before a specialist can start.",
    )
    birth_date = forms.DateField(
        required=False,
        label="Date of birth of the patient",
        help_text=WHY_BIRTH_DATE,
        widget=DateInput(attrs={"autocomplete": "off"}),
    )
    age_band = one_of(
        AgeBand.choices, label="Age of the patient", empty="Choose an age", help_text="What helps at one age may not help at another."
    )
    decision_date = forms.DateField(
        required=False,
        label="By when do you need to decide?",
        help_text="We tell you if we can make it. Leave this empty if there is no set day, or if you do not know it.",
        widget=DateInput(),
    )
    consequence = forms.CharField(
        max_length=1000,
        required=False,
        label="What happens then?",
        help_text="It shows what the answer is needed for. For example: “My operation is planned for that week.”",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    language = forms.ChoiceField(
        choices=[(name, name) for name in LANGUAGES],
        required=False,
        label="Language you like best",
        help_text="We look for a specialist who speaks it. The opinion itself is in English.",
    )
    interpreter = forms.BooleanField(required=False, label="I need an interpreter", help_text="So that one can be there when we talk.")
    accessibility = forms.CharField(
        max_length=1000,
        required=False,
        label="Is there anything that helps you read, hear, or talk with us?",
        help_text="For example large print, or slow and clear speech.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    channel = forms.ChoiceField(
        choices=Channel.choices,
        required=False,
        label="Best way to reach you",
        help_text="For when we need something from you.",
        widget=forms.RadioSelect,
        initial=Channel.EMAIL,
    )
    phone = forms.CharField(
        max_length=40,
        required=False,
        label="Phone number",
        help_text="We use it for this request only.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    quiet_from = forms.TimeField(
        required=False,
        label="Do not call from",
        help_text="Leave both times empty if any time is fine.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_to = forms.TimeField(required=False, label="until", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
