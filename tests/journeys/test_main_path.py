"""The whole path, as three people with real files: from a stranger's first click to the opinion in their hands."""

import re
import time
import uuid

from pypdf import PdfReader

from tests.journeys.conftest import PASSWORD, STAFF_PASSWORD, Person
from tests.servers import LONG

NAME = "Mara Quill"
QUESTION = "Is an operation on my knee needed now?"
BOTTOM_LINE = "An operation is not needed now. Exercise comes first."
ANSWER = "No. Twelve weeks of guided exercise come first."


def sign_up(patient: Person) -> None:
    """Step 1: home page, account, code from the mail, sign-in."""
    page, email = patient.page, f"mara.{uuid.uuid4().hex[:8]}@example.org"
    page.goto("/")
    patient.click(page.get_by_role("link", name="Sign up"))
    patient.fill(full_name=NAME, email=email, password1=PASSWORD)
    patient.press("Create my account")
    patient.fill(code=code_from_mail(patient, email))
    patient.enter("code")
    if "/login/" in page.url:
        patient.sign_in(email, PASSWORD)
    page.goto("/me/")
    assert "Your cases" in patient.text


def code_from_mail(patient: Person, email: str) -> str:
    """The code in the newest mail to the new account; the worker sends it within seconds."""
    mailbox = patient.context.new_page()
    limit = time.monotonic() + LONG
    while time.monotonic() < limit:
        mailbox.goto("/demo/mail/")
        letters = mailbox.locator("main tr, main li, main article").filter(has_text=email)
        if letters.count():
            with mailbox.expect_navigation():
                letters.first.get_by_role("link").first.click()
            found = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", mailbox.inner_text("main"))
            assert found, mailbox.inner_text("main")
            mailbox.close()
            return found[1]
        time.sleep(0.3)
    raise AssertionError("no mail came")


def ask(patient: Person, papers) -> tuple[str, str]:
    """Steps 2 and 3: the four screens and the records, sent; returns the reference, and the address of the records."""
    page = patient.page
    page.goto("/request/")
    page.select_option("main [name=country]", "US")
    patient.fill(region="Ohio")
    patient.press("Start my request")
    patient.follow("Who and how fast")
    patient.choose("emergency", "no")
    patient.choose("for_whom", "self")
    page.select_option("main [name=age_band]", "40-64")
    patient.press("Save and continue")
    patient.choose("reason", "operation")
    page.select_option("main [name=specialty]", label="Orthopedic surgery")
    patient.fill(diagnosis="A torn meniscus in the right knee", questions__0__text=QUESTION)
    patient.fill(first_opinion="Keyhole surgery was advised", first_opinion_by="Dr. Z. Example")
    patient.choose("values", "no_surgery")
    patient.choose("detail", "full")
    patient.choose("prognosis", "yes")
    patient.press("Save and continue")
    for kind in ("event", "medicine", "allergy", "condition", "operation", "family"):
        patient.choose(f"{kind}_state", "none")
    patient.press("Save and add files")
    send_files(patient, papers)
    patient.follow("Your request")
    patient.follow("My health and records")
    patient.press("Save and continue")
    for consent in ("remote_review", "share_with_doctor", "family", "follow_up"):
        patient.choose(consent, "yes")
    patient.choose("research", "no")
    patient.fill(typed_name=NAME)
    page.check("main [name=intent]")
    patient.press("Sign and check my answers")
    assert QUESTION in patient.text
    assert "Keyhole surgery" in patient.text
    patient.press("Send my request")
    found = re.search(r"SO-\w{4}-\w{4}", patient.text)
    assert found
    return found[0], f"/records/{page.url.split('/request/')[1].split('/')[0]}/"


def send_files(patient: Person, papers) -> None:
    """Several files at once: four are taken, the web page is not, and says so by name."""
    patient.page.set_input_files("main input[type=file]", papers)
    patient.page.get_by_role("button", name="Send files").click()
    patient.page.get_by_text("4 files arrived. 1 file was not taken.").wait_for()
    patient.page.locator("#record-lists").get_by_text("fake.pdf").first.wait_for()
    patient.page.get_by_text("Checking").first.wait_for(state="detached")
    for name in ("MRI report.pdf", "photo of letter.jpg", "scan.png", "MRI scan"):
        assert name in patient.text


def make_ready_and_offer(coordinator: Person, reference: str) -> None:
    """Step 4: the desk, a question to the patient, the checklist, the offer."""
    coordinator.sign_in("coordinator@demo.example")
    find(coordinator, reference)
    if "Take over this case" in coordinator.text:
        coordinator.press("Take over this case")
    else:
        coordinator.press("Claim this case")
    coordinator.page.get_by_text("Ask the patient for something").click()
    coordinator.fill(items="Which knee is it?")
    coordinator.press("Send to the patient")
    assert "Which knee is it?" in coordinator.text


def find(coordinator: Person, reference: str) -> None:
    """The coordinator's page of the case, by its reference."""
    coordinator.page.goto(f"/desk/?q={reference}&whose=all")
    coordinator.follow(reference)


def answer_question(patient: Person, reference: str) -> None:
    """The patient answers on the page of the case."""
    patient.page.goto("/cases/")
    patient.case(reference)
    patient.page.locator("main textarea").first.fill("The right one")
    patient.press("Save my answers")
    assert "The right one" in patient.text or "Thank you" in patient.text


def write_to_each_other(patient: Person, coordinator: Person, reference: str) -> None:
    """The patient writes to the coordinator, who finds it on the desk and writes back."""
    patient.follow("Write a message")
    patient.fill(text="Can my sister call you?")
    patient.press("Send")
    assert "Can my sister call you?" in patient.text
    coordinator.page.goto(f"/desk/?q={reference}&whose=all")
    coordinator.follow("New message")
    assert "Can my sister call you?" in coordinator.text
    coordinator.fill(text="Yes, on any weekday.")
    coordinator.press("Send")
    patient.page.goto("/cases/")
    assert "New message" in patient.text
    patient.case(reference)
    assert "Yes, on any weekday." in patient.text


def offer(coordinator: Person, reference: str) -> None:
    """Everything has arrived; Dr. Rahman is asked."""
    find(coordinator, reference)
    assert "The right one" in coordinator.text
    while coordinator.page.locator("main").get_by_role("button", name="Arrived").count():
        coordinator.press("Arrived")
    coordinator.press("Mark as complete")
    coordinator.follow("Choose a specialist")
    card = coordinator.page.locator(".card").filter(has_text="Dr. Noor Rahman")
    coordinator.click(card.get_by_role("button", name="Send the offer"))
    assert "Noor Rahman" in coordinator.text


def accept_and_write(specialist: Person, reference: str, records: str) -> None:
    """Step 5: the summary without records, the declaration, then the records and the opinion."""
    page = specialist.page
    specialist.sign_in("specialist@demo.example")
    page.goto("/offers/")
    specialist.case(reference)
    assert QUESTION in specialist.text
    assert NAME not in specialist.text
    assert page.request.get(records).status == page.request.get(f"{records}panel/").status == 404
    specialist.choose("kinds", "none")
    specialist.press("Accept the case")
    assert "MRI report.pdf" in page.request.get(f"{records}panel/").text()
    assert "Keyhole surgery" not in specialist.text
    specialist.fill(first_read="Degenerative tear. Exercise first.")
    specialist.press("Lock it and go on")
    assert "Keyhole surgery" in specialist.text
    page.get_by_role("link", name="MRI report.pdf").first.wait_for()
    write(specialist)
    specialist.press("Go on to sign")
    assert "Your signature" in specialist.text, specialist.text
    specialist.fill(password="not the password")
    specialist.press("Sign")
    assert BOTTOM_LINE in specialist.text
    specialist.fill(password=STAFF_PASSWORD)
    specialist.press("Sign")


def write(specialist: Person) -> None:
    """The write-up; it says that it has saved by itself."""
    page = specialist.page
    specialist.fill(bottom_line=BOTTOM_LINE, patient_summary="Your knee is worn. An operation helps little. Exercise helps.")
    specialist.fill(case_summary="A degenerative tear.", diagnosis="Degenerative meniscal tear", reasoning="Age and picture agree.")
    specialist.fill(answers__0__text=ANSWER, recommendation="Twelve weeks of exercise.", limits="I have not examined the patient.")
    specialist.fill(private_note="PRIVATE-MARKER-7", settle="A new examination after twelve weeks.")
    specialist.fill(options__0__benefit="No operation.", options__0__harm="Pain may last longer.")
    page.select_option("main [name=strength]", "strong")
    page.select_option("main [name=urgency]", "none")
    pick(specialist, "answers-0-verdict", "answered")
    for row in range(6):
        pick(specialist, f"grid-{row}-verdict", "differ_minor" if row == 4 else "agree")
    pick(specialist, "grid-4-impact", "moderate")
    page.get_by_text(re.compile(r"Saved \d\d:\d\d")).first.wait_for()


def pick(person: Person, name: str, value: str) -> None:
    """Choose in a field that may be a list or radio buttons."""
    if person.page.locator(f"main select[name='{name}']").count():
        person.page.select_option(f"main select[name='{name}']", value)
    else:
        person.choose(name, value)


def release(coordinator: Person, reference: str) -> None:
    """Step 6: the PDF is made by the worker; only then can the coordinator release it."""
    find(coordinator, reference)
    coordinator.follow("the opinion")
    coordinator.page.get_by_text("Return to the specialist").click()
    coordinator.fill(text="Typed while the document is being made")
    coordinator.page.get_by_role("button", name="Release to the patient").wait_for()
    assert coordinator.page.input_value("main [name=text]") == "Typed while the document is being made"
    coordinator.fill(text="")
    coordinator.press("Release to the patient")


def read(patient: Person, reference: str) -> None:
    """Step 7: the mail, the cover, the opinion, its PDF, the timeline."""
    page = patient.page
    limit = time.monotonic() + LONG
    page.goto("/demo/mail/")
    while not (letters := page.get_by_text(re.compile(f"second opinion {reference} is here")).count()) and time.monotonic() < limit:
        time.sleep(0.3)
        page.reload()
    assert letters == 1
    page.goto("/cases/")
    patient.case(reference)
    patient.follow("Read")
    assert BOTTOM_LINE not in patient.text
    patient.press("Open it now")
    assert BOTTOM_LINE in patient.text
    assert ANSWER in patient.text
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("PDF")).first.click()
    letter = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(download.value.path()).pages).split())
    for words in (BOTTOM_LINE, ANSWER, reference, "Dr. Noor Rahman", NAME):
        assert words in letter
    assert "PRIVATE-MARKER" not in letter + page.content()
    page.goto("/cases/")
    patient.case(reference)
    for line in ("You sent your request", "Claire Dubois", "You answered", "Dr. Noor Rahman signed", "was delivered", "You opened"):
        assert line in patient.text, patient.text


def test_from_the_first_click_to_the_opinion(people, papers):
    sign_up(people.patient)
    reference, records = ask(people.patient, papers)
    make_ready_and_offer(people.coordinator, reference)
    answer_question(people.patient, reference)
    write_to_each_other(people.patient, people.coordinator, reference)
    offer(people.coordinator, reference)
    accept_and_write(people.specialist, reference, records)
    release(people.coordinator, reference)
    read(people.patient, reference)
    assert people.coordinator.complaints == []
    for person in (people.patient, people.specialist):
        assert [text for text in person.complaints if "422" not in text] == [], (
            "only the web page and the wrong password are answered with 422"
        )
