"""What is typed is stored by itself, in a real browser: also by somebody who was signed out meanwhile, and never for somebody else."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Person

AWAY, SAVED = re.compile("Not saved: you are signed out"), re.compile(r"^Saved \d")
ELSEWHERE = "Not saved: this was changed in another window."


@pytest.fixture
def patient(chromium, site) -> Person:
    """The demo's patient on the question of a request that was not sent yet."""
    person = Person(chromium, site).sign_in("patient@demo.example")
    person.page.goto("/cases/")
    drafts = person.page.locator("main a[href*='/request/']").evaluate_all("links => links.map(link => link.href)")
    uid = next(found[1] for link in drafts if (found := re.search(r"/request/([0-9a-f-]{36})/", link)))
    person.page.goto(f"/request/{uid}/screen/question/")
    yield person
    person.context.close()


def in_another_window(person: Person, act: Callable[[], object]) -> None:
    """Let ``person`` do something in a second window, and come back to the first."""
    here, person.page = person.page, person.context.new_page()
    act()
    person.page.close()
    person.page = here


def wait_for(page: Page, words: str | re.Pattern[str]) -> None:
    page.locator("[data-autosave-status]").get_by_text(words).first.wait_for()


def stored(person: Person, name: str) -> str:
    """What the server shows in a field when the page is loaded anew."""
    person.page.goto(person.page.url)
    return person.page.input_value(f"main [name={name}]")


def test_who_was_signed_out_keeps_the_text_and_it_is_saved_after_signing_in(patient):
    page = patient.page
    patient.fill(diagnosis="Before")
    wait_for(page, SAVED)
    patient.context.clear_cookies()
    patient.fill(diagnosis="Typed while signed out")
    wait_for(page, AWAY)
    page.get_by_role("button", name="Save and come back later").click()
    page.wait_for_timeout(1500)
    assert page.url.endswith("/question/") and page.input_value("main [name=diagnosis]") == "Typed while signed out"
    in_another_window(patient, lambda: patient.sign_in("patient@demo.example"))
    wait_for(page, SAVED)
    assert stored(patient, "diagnosis") == "Typed while signed out"


def test_the_button_too_sends_what_was_typed_after_signing_in_again(patient):
    in_another_window(patient, lambda: (patient.context.clear_cookies(), patient.sign_in("patient@demo.example")))
    patient.fill(diagnosis="Typed under an old token")
    patient.press("Save and come back later")
    patient.page.go_back()
    assert stored(patient, "diagnosis") == "Typed under an old token"


def test_nothing_is_saved_for_somebody_else_and_the_page_says_so(patient):
    other = "family@demo.example"
    in_another_window(patient, lambda: (patient.context.clear_cookies(), patient.sign_in(other)))
    patient.fill(diagnosis="Not for the next one")
    wait_for(patient.page, "this page is closed to you now")
    patient.page.get_by_role("button", name="Save and come back later").click()
    patient.page.wait_for_timeout(500)
    assert patient.page.input_value("main [name=diagnosis]") == "Not for the next one"


def test_the_older_of_two_windows_is_told_and_overwrites_nothing(patient):
    def newer() -> None:
        patient.page.goto(older)
        patient.fill(diagnosis="Typed in the newer window")
        wait_for(patient.page, SAVED)

    older = patient.page.url
    in_another_window(patient, newer)
    patient.fill(diagnosis="Typed in the older window")
    wait_for(patient.page, ELSEWHERE)
    assert patient.page.input_value("main [name=diagnosis]") == "Typed in the older window"
    patient.page.on("dialog", lambda dialog: dialog.accept())
    assert stored(patient, "diagnosis") == "Typed in the newer window"


def test_the_answer_to_the_later_of_two_questions_stays(patient):
    page, held = patient.page, []
    page.goto(page.url.replace("/question/", "/who/"))
    page.route("**/told/place/", lambda route: held.append(route))
    place = page.locator("[data-fresh$='/told/place/']")
    for asked in (1, 2):
        place.evaluate("place => place.closest('details').dispatchEvent(new Event('autosaved', { bubbles: true }))")
        while len(held) < asked:
            page.wait_for_timeout(50)
    held[1].fulfill(body="later")
    place.get_by_text("later").wait_for(state="attached")
    held[0].fulfill(body="earlier")
    page.evaluate("() => fetch(location.href).then(answer => answer.text())")
    assert place.text_content() == "later"


def test_leaving_with_an_answer_that_was_not_taken_is_asked_about(patient):
    page, asked = patient.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(page.url.replace("/question/", "/who/#id_decision_date"))
    page.fill("main [name=decision_date]", "0203-01-01")
    wait_for(page, re.compile("Not saved yet. By when do you need to decide. – Please check the year"))
    page.goto("/cases/")
    assert asked == ["beforeunload"]


def test_leaving_with_words_in_a_form_that_was_not_sent_is_asked_about(patient):
    page, asked = patient.page, []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/cases/")
    patient.click(page.locator("main a[href^='/cases/']"))
    patient.follow("Write a message")
    patient.fill(text="A word about my scan")
    page.goto("/cases/")
    assert asked == ["beforeunload"]
    page.go_back()
    patient.fill(text="A word about my scan")
    patient.press("Send")
    page.goto("/cases/")
    assert asked == ["beforeunload"], "what was sent is not asked about"


def test_keys_of_the_reading_room_go_by_their_place_on_the_keyboard(chromium, site):
    specialist = Person(chromium, site).sign_in("specialist@demo.example")
    specialist.page.goto("/offers/")
    specialist.click(specialist.page.locator("main a[href*='/review/']"))
    on_a_mac = "new KeyboardEvent('keydown', { key: '¡', code: 'Digit1', altKey: true, bubbles: true })"
    specialist.page.evaluate(f"document.body.dispatchEvent({on_a_mac})")
    assert specialist.page.evaluate("document.activeElement.id") == "room-questions"
    specialist.context.close()


def test_added_lines_and_a_lost_connection_lose_nothing(patient):
    page = patient.page
    page.goto(page.url.replace("/question/", "/health/"))
    patient.choose("medicine_state", "listed")
    patient.fill(medicine__0__text="Ibuprofen 400 mg")
    page.locator("main button[value='add:medicine']").click()
    patient.fill(medicine__1__text="Metformin")
    patient.wait_until_stored()
    assert (stored(patient, "medicine-0-text"), stored(patient, "medicine-1-text")) == ("Ibuprofen 400 mg", "Metformin")
    patient.context.set_offline(True)
    patient.fill(medicine__2__text="Vitamin D")
    wait_for(page, "Not saved")
    patient.context.set_offline(False)
    wait_for(page, SAVED)
    assert stored(patient, "medicine-2-text") == "Vitamin D"
