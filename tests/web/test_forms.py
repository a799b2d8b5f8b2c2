"""The form renderer and the base forms: markup that assistive technology understands, and text the database can hold."""

import re
from threading import Thread

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from secondop.web.forms import LINE_MAX_LENGTH, TEXT_MAX_LENGTH, Form


class Intake(Form):
    """A field of every kind that behaves differently."""

    born = forms.DateField(label="Date of birth", required=False)
    story = forms.CharField(label="Story", widget=forms.Textarea, help_text="In <your> words.")
    name = forms.CharField(label="Name", max_length=20)
    colour = forms.ChoiceField(label="Colour", widget=forms.RadioSelect, choices=[("r", "Red"), ("b", "Blue")])
    agree = forms.BooleanField(label="I agree")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def page(form) -> html.HtmlElement:
    return html.fromstring(f"<main>{form}</main>")


def test_every_control_has_a_name_and_its_hint():
    tree = page(Intake())
    for control in tree.xpath("//input[not(@type='hidden')]|//textarea"):
        assert tree.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
    group = tree.xpath("//fieldset[legend[normalize-space()='Colour']]")[0]
    assert len(group.xpath(".//input[@type='radio']")) == 2
    hint = tree.xpath("//*[@id='id_story_helptext']")[0]
    assert hint.text_content() == "In <your> words."
    assert tree.xpath("//textarea/@aria-describedby") == ["id_story_helptext"]
    assert tree.xpath("//label[@for='id_born']/span/text()") == ["(optional)"]


def test_errors_are_summed_up_on_top_and_tied_to_their_fields():
    form = Intake({"born": "0203-01-01", "name": "Ada"})
    tree = page(form)
    summary = tree.xpath("//*[@data-error-summary]")[0]
    targets = [link.lstrip("#") for link in summary.xpath(".//a/@href")]
    assert len(targets) == len(form.errors) == 4
    for target in targets:
        assert tree.xpath(f"//*[@id='{target}']"), target
    story = tree.xpath("//textarea")[0]
    assert story.get("aria-invalid") == "true"
    assert "id_story_error" in story.get("aria-describedby").split()
    assert "Please fill this in." in tree.xpath("//*[@id='id_story_error']")[0].text_content()
    assert "id_colour_error" in tree.xpath("//fieldset[legend[normalize-space()='Colour']]/@aria-describedby")[0]
    assert tree.xpath("//input[@name='name']/@value") == ["Ada"]


def test_what_was_typed_is_escaped():
    drawn = str(Intake({"story": "</textarea><script>alert(1)</script>", "name": '"><b>'}))
    assert "<script>" not in drawn
    assert "<b>" not in drawn


@pytest.mark.parametrize(("value", "fine"), [("0203-01-01", False), ("1899-12-31", False), ("1900-01-01", True), ("2101-01-01", False)])
def test_dates_lie_between_1900_and_2100(value, fine):
    form = Intake({"born": value})
    assert ("born" not in form.errors) is fine
    assert re.search(r'type="date"[^>]* min="1900-01-01" max="2100-12-31"', str(form["born"]))


def test_every_text_field_has_a_limit_and_says_it_in_words():
    form = Intake({"story": "x" * 100_000, "name": "x" * 21})
    assert f'maxlength="{TEXT_MAX_LENGTH}"' in str(form["story"])
    assert form.fields["secret"].max_length == LINE_MAX_LENGTH
    assert form.errors["story"] == [f"Please shorten this to {TEXT_MAX_LENGTH} characters. It has 100000 now."]
    assert form.errors["name"] == ["Please shorten this to 20 characters. It has 21 now."]


def test_a_line_end_counts_as_the_one_character_that_the_browser_counts():
    lines = "\r\n".join("x" * 99 for _ in range(TEXT_MAX_LENGTH // 100))
    form = Intake({"story": f"{lines}\r\n"})
    assert "story" not in form.errors
    assert "\r" not in form.cleaned_data["story"]
    assert "story" in Intake({"story": f"{lines}\r\nxx"}).errors


@given(st.text(max_size=50))
def test_text_passes_exactly_when_the_database_can_hold_it(text):
    form = Intake({"story": text + "."})
    form.is_valid()
    refused = form.errors.get("story", []) == ["This contains a character we cannot store. Please type it again."]
    assert refused is ("\x00" in text)


def test_a_lone_surrogate_is_refused():
    assert "cannot store" in Intake({"story": "a\ud800b"}).errors["story"][0]


def test_a_limit_of_its_own_is_kept_and_forms_do_not_share_state():
    first, second = Intake(), Intake()
    assert first.fields["name"].max_length == 20
    assert len(first.fields["story"].validators) == len(second.fields["story"].validators)


def test_a_form_of_another_thread_never_gets_fields_that_are_asked_half_of_it():
    made, others = [], [Thread()]

    class Slow(forms.CharField):
        """While it is being asked for its length, another thread makes a form."""

        @property
        def max_length(self):
            if not others:
                others.append(Thread(target=lambda: made.append(OfTwo())))
                others[0].start()
                others[0].join(0.3)  # or it waits for us, and is done after us
            return self.most

        @max_length.setter
        def max_length(self, most):
            self.most = most

    class OfTwo(Form):
        text = Slow()

    others.clear()
    OfTwo()
    others[0].join()
    assert made[0].fields["text"].max_length == LINE_MAX_LENGTH
