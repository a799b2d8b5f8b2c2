"""Everybody's way through a case without a pointer: Tab, Enter, Space and arrows, and at each step the focus can be seen."""

import re
import uuid

from playwright.sync_api import Locator, expect

from tests.journeys.conftest import PASSWORD, STAFF_PASSWORD, Person
from tests.journeys.test_main_path import code_from_mail

QUESTION = "Can I wait with the operation?"
# A list forgets after a second what was typed: where a busy machine brings the letters apart, they are typed once more.
FORGOTTEN_AFTER, TRIES = 1500, 5
# What a keyboard user sees of the focus: an outline on the element, or for a link that covers its card on the card.
IS_SEEN = """() => {
  const one = document.activeElement;
  if (one === document.body || !one.getClientRects().length) return false;
  const outlined = (node) => node && parseFloat(getComputedStyle(node).outlineWidth) >= 2 && getComputedStyle(node).outlineStyle !== 'none';
  const inView = one.getBoundingClientRect().bottom > 0 && one.getBoundingClientRect().top < innerHeight;
  return inView && (outlined(one) || outlined(one.closest('li')));
}"""


class Keyboard:
    """A person who has only a keyboard."""

    def __init__(self, person: Person) -> None:
        self.page = person.page
        self.person = person
        self.main = self.page.locator("main")

    def reach(self, target: Locator, most: int = 300) -> None:
        """Tab to an element; from a group of radio buttons one arrives at the chosen or the first of them."""
        handle = target.element_handle()
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if handle.evaluate(
                "(one) => one === document.activeElement || (one.type === 'radio' && document.activeElement.name === one.name)"
            ):
                assert self.page.evaluate(IS_SEEN), f"the focus is not seen on {target}"
                return
        raise AssertionError(f"Tab does not reach {target}")

    def button(self, name: str) -> None:
        """Press a button and wait for the page that follows."""
        self.reach(self.main.get_by_role("button", name=name).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def link(self, name: str) -> None:
        """Follow a link."""
        self.reach(self.main.get_by_role("link", name=name).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, name: str, words: str) -> None:
        """Write into a field."""
        self.reach(self.main.locator(f"[name='{name}']"))
        self.page.keyboard.type(words)

    def choose(self, name: str, value: str) -> None:
        """Choose a radio button by the arrows, or tick a box by Space."""
        target = self.main.locator(f"input[name='{name}'][value='{value}']")
        self.reach(target)
        if target.get_attribute("type") == "radio":
            for _ in range(target.page.locator(f"main input[name='{name}']").count()):
                if target.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
            if not target.is_checked():
                self.page.keyboard.press("Space")
        else:
            self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    def select(self, name: str, label: str) -> None:
        """Choose from a list by typing what it says."""
        self.reach(self.main.locator(f"select[name='{name}']"))
        for _ in range(TRIES):
            self.page.keyboard.type(label)
            if label in (chosen := self.page.evaluate("document.activeElement.selectedOptions[0].label")):
                return
            self.page.wait_for_timeout(FORGOTTEN_AFTER)
        raise AssertionError(f"{label} is not chosen, but {chosen}")

    def unfold(self, name: str) -> None:
        """Open what is folded."""
        self.reach(self.main.locator("summary").filter(has_text=name).first)
        self.page.keyboard.press("Enter")

    def sign_in(self, email: str, password: str) -> None:
        """From the sign-in page to one's own first page."""
        self.page.goto("/accounts/login/")
        self.write("login", email)
        self.write("password", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile("/(cases|offers|desk)/"))


def test_the_skip_link_leads_to_the_content_and_errors_take_the_focus(chromium, site):
    visitor = Keyboard(Person(chromium, site))
    visitor.page.goto("/accounts/signup/")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.className") == "skip-link"
    assert visitor.page.evaluate(IS_SEEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.main).to_be_focused()
    visitor.page.keyboard.press("Tab")
    expect(visitor.main.locator("[name=full_name]")).to_be_focused()
    visitor.button("Create my account")
    assert visitor.page.evaluate("document.activeElement.matches('[data-error-summary]')")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.main.locator("[name=full_name]")).to_be_focused()
    visitor.person.context.close()


def test_a_dialog_keeps_the_focus_and_gives_it_back(chromium, site):
    reader = Keyboard(Person(chromium, site))
    reader.sign_in("specialist2@demo.example", STAFF_PASSWORD)
    reader.link("Go on")
    opener = reader.main.locator("[data-opens=shortcuts]").first
    reader.reach(opener)
    reader.page.keyboard.press("Enter")
    for _ in range(12):
        reader.page.keyboard.press("Tab")
        within = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert reader.page.evaluate(within), "the page behind the dialog takes the focus"
    reader.page.keyboard.press("Escape")
    expect(reader.page.locator("#shortcuts")).to_be_hidden()
    expect(opener).to_be_focused()
    reader.person.context.close()


def test_a_case_is_asked_for_routed_answered_and_read_by_keyboard(chromium, site, people):
    patient, coordinator, specialist = (Keyboard(one) for one in (people.patient, people.coordinator, people.specialist))
    email = f"kay.{uuid.uuid4().hex[:8]}@example.org"
    reference = ask(patient, email)
    coordinator.sign_in("coordinator@demo.example", STAFF_PASSWORD)
    screen(coordinator, reference)
    answer(patient)
    offer(coordinator)
    specialist.sign_in("specialist@demo.example", STAFF_PASSWORD)
    accept(specialist, reference)
    write(specialist)
    release(coordinator)
    patient.page.goto("/cases/")
    patient.link("A torn meniscus")
    patient.link("Read")
    patient.button("Open it now")
    assert "Exercise comes first." in patient.person.text


def ask(patient: Keyboard, email: str) -> str:
    """Sign up, the four screens, the check page; returns the reference."""
    patient.page.goto("/accounts/signup/")
    patient.write("full_name", "Kay Board")
    patient.write("email", email)
    patient.write("password1", PASSWORD)
    patient.button("Create my account")
    patient.write("code", code_from_mail(patient.person, email))
    with patient.page.expect_navigation():
        patient.page.keyboard.press("Enter")
    patient.link("Ask for a second opinion")
    patient.write("region", "Ohio")
    patient.button("Start my request")
    patient.link("Who and how fast")
    patient.choose("emergency", "no")
    patient.choose("for_whom", "self")
    patient.select("age_band", "40 to 64")
    patient.button("Save and continue")
    patient.choose("reason", "operation")
    patient.select("specialty", "Orthopedic surgery")
    patient.write("diagnosis", "A torn meniscus")
    patient.write("first_opinion", "Keyhole surgery")
    patient.write("questions-0-text", QUESTION)
    patient.choose("values", "no_surgery")
    patient.choose("detail", "full")
    patient.choose("prognosis", "yes")
    patient.button("Save and continue")
    for kind in ("event", "medicine", "allergy", "condition", "operation", "family"):
        patient.choose(f"{kind}_state", "none")
    patient.write("sources-0-name", "Lakeside Clinic")
    patient.button("Save and continue")
    for consent in ("remote_review", "share_with_doctor", "family", "follow_up", "research"):
        patient.choose(consent, "yes" if consent == "remote_review" else "no")
    patient.write("typed_name", "Kay Board")
    patient.reach(patient.main.locator("[name=intent]"))
    patient.page.keyboard.press("Space")
    patient.button("Sign and check my answers")
    assert QUESTION in patient.person.text
    patient.button("Send my request")
    found = re.search(r"SO-\w{4}-\w{4}", patient.person.text)
    assert found, patient.person.text
    return found[0]


def screen(coordinator: Keyboard, reference: str) -> None:
    """Find the case in the queue, take it, ask the patient for something."""
    coordinator.write("q", reference)
    coordinator.select("whose", "Everybody")
    coordinator.button("Show")
    coordinator.link(reference)
    coordinator.button("Take over this case" if "Take over" in coordinator.person.text else "Claim this case")
    coordinator.unfold("Ask the patient for something")
    coordinator.write("items", "Which knee is it?")
    coordinator.button("Send to the patient")
    assert "Which knee is it?" in coordinator.person.text


def answer(patient: Keyboard) -> None:
    """The patient answers on the page of the case."""
    patient.page.goto("/cases/")
    patient.link("A torn meniscus")
    patient.reach(patient.main.locator("textarea").first)
    patient.page.keyboard.type("The right one")
    patient.button("Save my answers")


def offer(coordinator: Keyboard) -> None:
    """The checklist is ticked, and Dr. Rahman is asked."""
    coordinator.page.reload()
    while coordinator.main.get_by_role("button", name="Arrived").count():
        coordinator.button("Arrived")
    coordinator.button("Mark as complete")
    coordinator.link("Choose a specialist")
    coordinator.button("Send the offer to Dr. Noor Rahman")
    assert "Noor Rahman" in coordinator.person.text


def accept(specialist: Keyboard, reference: str) -> None:
    """The offer, the declaration, the first impression."""
    specialist.link(reference)
    specialist.choose("kinds", "none")
    specialist.button("Accept the case")
    specialist.write("first_read", "Degenerative tear. Exercise first.")
    specialist.button("Lock it and go on")


def write(specialist: Keyboard) -> None:
    """The write-up in the order of the page, and the signature."""
    specialist.write("bottom_line", "Exercise comes first.")
    specialist.write("patient_summary", "Your knee is worn. Exercise helps.")
    specialist.choose("answers-0-verdict", "answered")
    specialist.write("answers-0-text", "Yes, twelve weeks at least.")
    specialist.write("diagnosis", "Degenerative meniscal tear")
    for row in range(6):
        specialist.select(f"grid-{row}-verdict", "Agree")
    specialist.write("options-0-benefit", "No operation.")
    specialist.write("options-0-harm", "Pain may last longer.")
    specialist.write("recommendation", "Twelve weeks of exercise.")
    specialist.select("strength", "Strong")
    specialist.select("urgency", "There is no hurry")
    specialist.write("limits", "I have not examined the patient.")
    specialist.button("Go on to sign")
    specialist.write("password", STAFF_PASSWORD)
    specialist.button("Sign")


def release(coordinator: Keyboard) -> None:
    """The opinion is checked and released as soon as its document is there."""
    coordinator.page.reload()
    coordinator.link("Look at the opinion")
    coordinator.main.get_by_role("button", name="Release to the patient").wait_for()
    coordinator.button("Release to the patient")
