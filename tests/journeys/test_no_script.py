"""A case from sign-up to the opinion, with errors on the way, in browsers without JavaScript."""

import re
import time
import uuid

from tests.journeys.conftest import PASSWORD, STAFF_PASSWORD, Person
from tests.journeys.test_main_path import ANSWER, BOTTOM_LINE, code_from_mail, find, pick
from tests.servers import LONG

QUESTION = "Can I wait with the operation?"


def test_a_request_is_made_and_sent_without_javascript(chromium, site, papers):
    patient = Person(chromium, site, java_script_enabled=False)
    email = f"noor.{uuid.uuid4().hex[:8]}@example.org"
    patient.page.goto("/accounts/signup/")
    patient.fill(full_name="Noor Plain", email=email, password1=PASSWORD)
    patient.press("Create my account")
    patient.fill(code=code_from_mail(patient, email))
    patient.enter("code")
    patient.page.goto("/request/")
    patient.fill(region="Ohio")
    patient.press("Start my request")
    answer(patient)
    patient.page.set_input_files("main input[type=file]", papers)
    patient.press("Send files")
    assert "fake.pdf" in patient.text and "MRI report.pdf" in patient.text
    patient.follow("Your request")
    patient.follow("My health and records")
    patient.press("Save and continue")
    for consent in ("remote_review", "share_with_doctor", "family", "follow_up", "research"):
        patient.choose(consent, "yes" if consent == "remote_review" else "no")
    patient.fill(typed_name="Noor Plain")
    patient.page.check("main [name=intent]")
    patient.press("Sign and check my answers")
    assert QUESTION in patient.text
    patient.press("Send my request")
    found = re.search(r"SO-\w{4}-\w{4}", patient.text)
    assert found, patient.text
    patient.page.goto("/cases/")
    assert "A torn meniscus" in patient.text
    review(chromium, site, found[0])
    patient.page.reload()
    patient.follow("A torn meniscus")
    patient.follow("Read")
    patient.press("Open it now")
    assert BOTTOM_LINE in patient.text and ANSWER in patient.text
    patient.context.close()


def review(chromium, site, reference: str) -> None:
    """The clinic's part: the desk, the offer, the write-up with its signature, the release."""
    coordinator, specialist = (Person(chromium, site, java_script_enabled=False) for _ in range(2))
    coordinator.sign_in("coordinator@demo.example")
    find(coordinator, reference)
    coordinator.press("Take over this case" if "Take over" in coordinator.text else "Claim this case")
    if "Choose a specialty" in coordinator.text:
        coordinator.page.select_option("main [name=specialty]", label="Orthopedic surgery")
        coordinator.press("Save")
    while coordinator.page.locator("main").get_by_role("button", name="Arrived").count():
        coordinator.press("Arrived")
    coordinator.press("Mark as complete")
    coordinator.follow("Choose a specialist")
    coordinator.press("Send the offer to Dr. Noor Rahman")
    specialist.sign_in("specialist@demo.example")
    specialist.follow(reference)
    specialist.press("Accept the case")
    assert "Please" in specialist.page.inner_text("[data-error-summary]")
    specialist.choose("kinds", "none")
    specialist.press("Accept the case")
    specialist.fill(first_read="Degenerative tear. Exercise first.")
    specialist.press("Lock it and go on")
    write(specialist)
    find(coordinator, reference)
    coordinator.follow("Look at the opinion")
    limit = time.monotonic() + LONG
    while not coordinator.page.get_by_role("button", name="Release to the patient").count() and time.monotonic() < limit:
        time.sleep(0.5)
        coordinator.page.reload()
    coordinator.press("Release to the patient")
    coordinator.context.close()
    specialist.context.close()


def write(specialist: Person) -> None:
    """The write-up is saved and refused to be signed until it is complete; a wrong password loses nothing."""
    specialist.fill(bottom_line=BOTTOM_LINE, patient_summary="Your knee is worn. Exercise helps.")
    specialist.press("Go on to sign")
    assert "Before you can sign" in specialist.text
    specialist.follow("Go on writing")
    assert specialist.page.input_value("main [name=bottom_line]") == BOTTOM_LINE
    specialist.fill(diagnosis="Degenerative meniscal tear", answers__0__text=ANSWER, answers__1__text="Nothing is lost by waiting.")
    for row in range(2):
        pick(specialist, f"answers-{row}-verdict", "answered")
    for row in range(6):
        pick(specialist, f"grid-{row}-verdict", "agree")
    specialist.fill(options__0__benefit="No operation.", options__0__harm="Pain may last longer.")
    specialist.fill(recommendation="Twelve weeks of exercise.", limits="I have not examined the patient.")
    specialist.page.select_option("main [name=strength]", "strong")
    specialist.page.select_option("main [name=urgency]", "none")
    specialist.press("Go on to sign")
    specialist.fill(password="not the password")
    specialist.press("Sign")
    assert specialist.page.locator("[data-error-summary]").count() == 1
    specialist.fill(password=STAFF_PASSWORD)
    specialist.press("Sign")


def answer(patient: Person) -> None:
    """The first three screens, with a second line added to a list, and one error on the way that loses nothing."""
    patient.follow("Who and how fast")
    patient.choose("emergency", "no")
    patient.choose("for_whom", "self")
    patient.page.select_option("main [name=age_band]", "40-64")
    patient.press("Save and continue")
    patient.fill(diagnosis="A torn meniscus", questions__0__text=QUESTION, first_opinion_on="0203-01-01")
    patient.press("Add another question")
    patient.fill(questions__1__text="What if I do nothing?")
    patient.choose("reason", "operation")
    patient.choose("values", "no_surgery")
    patient.choose("detail", "full")
    patient.press("Save and continue")
    assert "Please check the year" in patient.text
    assert patient.page.input_value("main [name='questions-1-text']") == "What if I do nothing?"
    patient.fill(first_opinion_on="")
    patient.press("Save and continue")
    for kind in ("event", "medicine", "allergy", "condition", "operation", "family"):
        patient.choose(f"{kind}_state", "none")
    patient.press("Save and add files")
