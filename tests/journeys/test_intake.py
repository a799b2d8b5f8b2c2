"""The intake as people meet it: on a phone of 360 pixels, in a waiting room, stopped half-way and gone on with on another device."""

import re
import sys
import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Person

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
MINUTES, TAPS = 10, 90  # a generous bound: a person reads, a script does not; the taps are the same for both
LISTS = ("event", "medicine", "allergy", "condition", "operation", "family")


class Hand(Person):
    """Somebody with a phone who counts what they tap."""

    taps = 0

    def tap(self, selector: str) -> None:
        """Touch a control, whose whole line answers to it."""
        self.taps += 1
        self.page.locator(f"main {selector}").first.check() if "input" in selector else self.page.locator(f"main {selector}").first.click()

    def type(self, **fields: str) -> None:
        """Touch fields and write into each."""
        self.taps += len(fields)
        self.fill(**fields)

    def pick(self, name: str, value: str) -> None:
        """Choose from a list that opens: one touch to open it, one to choose."""
        self.taps += 2
        self.page.select_option(f"main [name={name}]", value)

    def go(self, name: str, *, link: bool = False) -> None:
        """Touch a button or a link that leads to another page, which has to fit the screen."""
        self.taps += 1
        (self.follow if link else self.press)(name)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], self.page.url

    def says(self, part: str, words: str) -> None:
        """Wait until a section says so of its saving."""
        line = self.page.locator(f"[data-part={part}] > .fold-body > [data-autosave-status]")
        expect(line).to_have_text(re.compile(words))


@pytest.fixture
def hand(chromium, site):
    """Opens a phone of the demo's patient, as often as it is called."""
    phones = []

    def another() -> Hand:
        phones.append(Hand(chromium, site, **PHONE).sign_in("patient@demo.example"))
        return phones[-1]

    yield another
    for phone in phones:
        phone.context.close()


def begin(phone: Hand) -> None:
    """The place first, and what it means; then who and how fast, with a slip of the keys on the way."""
    page = phone.page
    page.goto("/request/")
    phone.type(region="Ohio")
    phone.go("Start my request")
    assert "We can help you where you live" in phone.text and "Nobody on our side can see it" in phone.text
    phone.go("Who and how fast", link=True)
    phone.tap("input[name=emergency][value=no]")
    phone.tap("input[name=for_whom][value=self]")
    phone.pick("age_band", "40-64")
    phone.type(decision_date="0203-01-01")
    phone.says("when", "Not saved yet. By when do you need to decide. – Please check the year")
    phone.says("person", "^Saved [0-9]")
    tomorrow = date.today() + timedelta(days=1)
    phone.type(decision_date=tomorrow.isoformat())
    expect(page.locator("[data-part=when] .notice-title")).to_have_text(re.compile("not in time"))
    phone.says("when", "^Saved [0-9]")
    phone.go("Save and continue")


def half_of_the_question(phone: Hand) -> None:
    """The reason, the diagnosis, a question that others asked, and one thing too many that matters."""
    page = phone.page
    phone.tap("input[name=reason][value=operation]")
    phone.type(diagnosis="A worn hip joint")
    phone.tap("summary:has-text('Questions that others ask')")
    shown = page.locator("[data-prompts] > div:visible")
    expect(shown).to_have_count(1)
    phone.tap("[data-prompts] button:visible")
    assert page.input_value("main [name='questions-0-text']") == "Do I need this operation, and why now?"
    for value in ("quality", "work", "family", "independence"):
        phone.tap(f"input[name=values][value={value}]")
    kind = "You chose 4. All of them matter. Which 3 come first? Please take the others off."
    expect(page.locator("[data-most-line]")).to_have_text(kind)
    phone.taps += 1
    page.uncheck("main [name=values][value=work]")
    expect(page.locator("[data-most-line]")).to_have_text("3 of 3 chosen.")
    phone.wait_until_stored()
    for part in ("reason", "told", "questions", "matters"):
        phone.says(part, "^Saved [0-9]")
        expect(page.locator(f"[data-part={part}] .fold-state")).to_have_text(re.compile("In progress"))


def the_rest(phone: Hand) -> None:
    """What is left of the question, the lists, the records, the consents, and sending."""
    phone.tap("input[name=detail][value=full]")
    phone.go("Save and continue")
    for kind in LISTS[1:]:
        phone.tap(f"input[name={kind}_state][value=none]")
    phone.tap("input[name=event_state][value=listed]")
    phone.type(event__0__when="May 2026", event__0__text="The pain began")
    phone.type(sources__0__name="Example Hospital")
    phone.go("Save and continue")
    for consent in ("remote_review", "share_with_doctor", "family", "follow_up"):
        phone.tap(f"input[name={consent}][value=yes]")
    phone.type(typed_name="Mara Quill")
    phone.tap("input[name=intent]")
    phone.go("Sign and check my answers")
    assert "Nothing is missing" in phone.text and "The pain began" in phone.text
    phone.go("Send my request")
    assert re.search(r"SO-\w{4}-\w{4}", phone.text)


def test_a_request_is_filled_in_on_a_phone_stopped_half_way_and_sent_from_another(hand):
    start, first = time.monotonic(), hand()
    begin(first)
    half_of_the_question(first)
    first.context.close()
    second = hand()
    second.page.goto("/request/")
    second.go("Go on: A worn hip joint", link=True)
    notes = second.page.locator("main .step-note").all_inner_texts()
    assert notes[0].startswith("Done") and notes[1].startswith("In progress")
    second.go("Continue", link=True)
    assert second.page.input_value("main [name=diagnosis]") == "A worn hip joint"
    states = [state.strip() for state in second.page.locator(".fold-state").all_inner_texts()]
    assert states == ["Done", "Done", "Done", "Done", "Not started"]
    the_rest(second)
    taps, minutes = first.taps + second.taps, (time.monotonic() - start) / 60
    sys.stdout.write(f"a request on a phone of 360 px: {taps} taps, {minutes:.1f} minutes for a script\n")
    assert taps <= TAPS and minutes <= MINUTES
    assert [text for text in first.complaints + second.complaints if "422" not in text] == [], "only the wrong date is answered with 422"
