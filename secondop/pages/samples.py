"""What the styleguide shows: every component with parameters a real page could give it."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict

from secondop.web.forms import Form

ASKED = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
TIMELINE = [
    {"title": "You sent your case", "at": ASKED, "who": "You", "state": "done"},
    {"title": "Your records were complete", "at": ASKED + timedelta(days=2), "who": "Care coordinator", "state": "done"},
    {
        "title": "A specialist is reading your records",
        "at": ASKED + timedelta(days=3),
        "who": "Specialist",
        "text": "Expected by Friday 27 November.",
        "state": "now",
    },
    {"title": "Final check", "state": "next"},
    {"title": "You read your second opinion", "state": "next"},
]
STEPS = [
    {"title": "Who and how fast", "text": "Who it is for and by when you need it", "url": "#steps", "state": "done"},
    {"title": "My question", "text": "What you were told and what you ask", "url": "#steps", "state": "now", "note": "3 minutes"},
    {"title": "My health and records", "text": "Dates, medicines, and files", "url": "#steps", "note": "4 minutes"},
]
PARTS = [
    {"name": "sample-when", "title": "How fast", "state": "done", "open": False},
    {"name": "sample-who", "title": "Who", "state": "now", "open": True, "saved": "Saved 14:02"},
    {"name": "sample-contact", "title": "How we reach you", "state": "skip", "open": False},
    {"name": "sample-where", "title": "Where", "state": "todo", "open": False},
]
FACTS = [
    {"label": "By when do you need an answer?", "value": "Monday 30 November 2026", "url": "#kv"},
    {"label": "Your diagnosis, as you were told", "value": "I don’t know", "url": "#kv"},
    {"label": "Interpreter", "value": ""},
]
TEXTS = [{"label": "Text", "value": "Thank you for the letter.\nI have one more question."}]
FILES = [
    {"name": "Discharge letter.pdf", "meta": "PDF, 12 pages, 1.2 MB", "url": "#files", "status": "Ready", "kind": "success"},
    {"name": "IM000001", "meta": "DICOM, 512 kB", "status": "Being checked", "kind": "info"},
    {"name": "letter.pdf", "meta": "0 bytes", "status": "Refused", "kind": "danger", "reason": "This file is empty. Please send it again."},
]
TABS = [
    {"label": "All open", "number": 12, "url": "#tabs", "current": True},
    {"label": "Being checked", "number": 3, "url": "#tabs"},
    {"label": "In review", "number": 9, "url": "#tabs"},
    {"label": "Ended", "number": 0, "url": "#tabs"},
]
REASONS = [("confirm", "To confirm a diagnosis"), ("choose", "To choose a treatment"), ("none", "I don’t know")]
MATTERS = [("time", "More time"), ("pain", "Less pain"), ("home", "Being at home")]
LANGUAGES = [("en", "English"), ("es", "Spanish"), ("pt", "Portuguese"), ("fr", "French")]
ICONS = [
    *("check", "clock", "file", "upload", "download", "user", "users", "alert", "info", "arrow", "back", "lock"),
    *("mail", "eye", "pencil", "x", "plus", "calendar", "chat", "shield", "search", "menu", "external"),
]


class EveryField(Form):
    """A field of every kind."""

    name = forms.CharField(label="Your name", max_length=120, help_text="As it is on your papers.")
    email = forms.EmailField(label="E-mail address")
    phone = forms.CharField(
        label="Phone", max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    page = forms.URLField(label="Page of the hospital", assume_scheme="https", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    born = forms.DateField(label="Date of birth", required=False)
    quiet_from = forms.TimeField(label="Do not call from", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    sure = forms.IntegerField(label="How sure are you?", min_value=0, max_value=100, help_text="From 0 to 100.")
    story = forms.CharField(
        label="What happened?", max_length=200, widget=forms.Textarea, help_text="In your own words, at most 200 characters."
    )
    country = forms.ChoiceField(label="Country", choices=[("", "Choose one"), ("US", "United States"), ("CA", "Canada")])
    languages = forms.MultipleChoiceField(label="Languages you read", choices=LANGUAGES, required=False)
    reason = forms.ChoiceField(
        label="Why do you ask?", widget=forms.RadioSelect, choices=REASONS, help_text="It helps us find the right specialist."
    )
    matters = forms.MultipleChoiceField(
        label="What matters most to you?", widget=forms.CheckboxSelectMultiple, choices=MATTERS, required=False
    )
    letter = forms.FileField(label="Letter from your doctor", required=False)
    agree = forms.BooleanField(label="I agree that my records are read by the specialist.")
    known = forms.CharField(widget=forms.HiddenInput, initial="yes")


class ShortForm(Form):
    """A form of a few fields."""

    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="E-mail address", required=False)
    reason = forms.ChoiceField(label="Why do you ask?", widget=forms.RadioSelect, choices=REASONS)
    agree = forms.BooleanField(label="I agree that my records are read by the specialist.")


def styleguide(query: QueryDict) -> dict[str, object]:
    """The context of the styleguide page."""
    return {
        "timeline": TIMELINE,
        "steps": STEPS,
        "facts": FACTS,
        "files": FILES,
        "texts": TEXTS,
        "tabs": TABS,
        "sort": query.get("sort", "-due"),
        "page": Paginator(range(200), 10).get_page(query.get("page", 3)),
        "fields": EveryField(auto_id="every_%s"),
        "form": ShortForm(auto_id="short_%s"),
        "parts": PARTS,
        "parted": ShortForm(auto_id="parted_%s"),
        "wrong": EveryField(
            {"known": "yes", "email": "someone", "born": "0203-01-01", "story": "a\x00b", "name": "Ada"}, auto_id="wrong_%s"
        ),
        "icons": ICONS,
    }
