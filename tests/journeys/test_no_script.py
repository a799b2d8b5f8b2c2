"""Sign-up, the intake with its lists, a plain upload and the sending, in a browser without JavaScript."""

import uuid

from tests.journeys.conftest import PASSWORD, Person
from tests.journeys.test_main_path import code_from_mail

QUESTION = "Can I wait with the operation?"


def test_a_request_is_made_and_sent_without_javascript(chromium, site, papers):
    patient = Person(chromium, site, java_script_enabled=False)
    email = f"noor.{uuid.uuid4().hex[:8]}@example.org"
    patient.page.goto("/accounts/signup/")
    patient.fill(full_name="Noor Plain", email=email, password1=PASSWORD)
    patient.press("Create my account")
    patient.fill(code=code_from_mail(patient, email))
    with patient.page.expect_navigation():
        patient.page.press("main [name=code]", "Enter")
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
    assert "SO-" in patient.text
    patient.page.goto("/cases/")
    assert "A torn meniscus" in patient.text
    patient.context.close()


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
