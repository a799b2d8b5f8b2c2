"""A screen that was left open, in a real browser: warned, kept signed in, and signed out with every word kept; limits of seconds."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from secondop.embedded.shots import demo
from tests.journeys.conftest import Person

WORDS = "A word about my scan, typed slowly."
IDLE, WARNING = 45, 25  # seconds: a busy machine has most of them before the warning, and most of them to answer it
PATIENT = "patient@demo.example"


@pytest.fixture(scope="module")
def hasty(seeded) -> Iterator[str]:
    """The address of a demo that signs people out soon."""
    with demo(seeded, SESSION_IDLE_SECONDS=str(IDLE), SESSION_WARNING_SECONDS=str(WARNING)) as address:
        yield address


@pytest.fixture
def patient(chromium, hasty) -> Iterator[Person]:
    person = Person(chromium, hasty).sign_in(PATIENT)
    yield person
    person.context.close()


def writing(person: Person) -> Page:
    """Their page, with a message begun."""
    person.page.goto("/cases/")
    person.click(person.page.locator("main a[href^='/cases/']"))
    person.follow("Write a message")
    person.fill(text=WORDS)
    return person.page


def window(page: Page, title: str) -> Locator:
    """The window over ``page``, once it has this title."""
    found = page.get_by_role("alertdialog", name=title)
    expect(found).to_be_visible(timeout=1000 * (IDLE + 15))
    return found


def test_the_warning_in_every_window_and_the_way_to_stay(patient):
    page, other = writing(patient), patient.context.new_page()
    other.goto("/notices/")
    warning = window(page, "Are you still there?")
    expect(window(other, "Are you still there?")).to_contain_text("For your safety we sign you out in less than")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Stay signed in"
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    expect(other.get_by_role("alertdialog")).to_be_hidden()
    assert page.input_value("main [name=text]") == WORDS
    patient.press("Send")
    assert WORDS in patient.text and not patient.complaints


def test_the_end_covers_what_was_typed_until_its_author_is_back(patient):
    page, other = writing(patient), patient.context.new_page()
    other.goto("/notices/")
    page.bring_to_front()
    window(page, "Are you still there?")
    over = window(page, "You are signed out")
    assert page.evaluate("document.activeElement.textContent").startswith("Sign in again"), "the button that had the focus is gone"
    assert page.evaluate("getComputedStyle(document.querySelector('[data-session]'), '::backdrop').backgroundColor").startswith("rgb(")
    for _ in range(4):
        page.keyboard.press("Escape")
        expect(over).to_be_visible()
    other.wait_for_url(re.compile("/accounts/login/"))
    assert "You were signed out" in other.inner_text("main"), "a page with nothing typed is left"
    with patient.context.expect_page() as opened:
        over.get_by_role("link", name="Sign in again").click()
    patient.page = opened.value
    patient.page.fill("input[name=login]", PATIENT)
    patient.page.fill("input[name=password]", "second-opinion-demo")
    patient.press("Sign in")
    patient.page, mine = page, patient.page
    mine.close()
    expect(over).to_be_hidden()
    patient.press("Send")
    assert WORDS in patient.text


def test_somebody_else_at_the_same_browser_does_not_see_it(patient):
    page = writing(patient)
    patient.page = patient.context.new_page()
    patient.context.clear_cookies()
    patient.sign_in("family@demo.example")
    window(page, "Somebody else is signed in")


def test_without_a_script_what_came_too_late_is_given_back_after_signing_in(chromium, hasty):
    person = Person(chromium, hasty, java_script_enabled=False).sign_in(PATIENT)
    page = writing(person)
    assert "we sign you out" in page.inner_text("footer")
    page.wait_for_timeout(1000 * (IDLE + 2))
    person.press("Send")
    assert "Sign in, and we show you again what you typed" in person.text and WORDS in person.text
    person.follow("Sign in")
    page.fill("input[name=login]", PATIENT)
    page.fill("input[name=password]", "second-opinion-demo")
    person.press("Sign in")
    assert "Welcome back" in person.text and WORDS in person.text
    person.follow("Go back to the form")
    person.fill(text=WORDS)
    person.press("Send")
    assert WORDS in person.text
    person.context.close()
