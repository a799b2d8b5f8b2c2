"""A parent on a phone asks for a child: the day of birth is asked where it is needed, the paper is sent apart, and the request arrives."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Person

PHONE = {"viewport": {"width": 360, "height": 740}}


def test_a_parent_on_a_phone_gives_the_day_of_birth_sends_a_paper_and_the_request(chromium, site, papers: list[Path]):
    parent = Person(chromium, site, **PHONE).sign_in("joana.ferreira@demo.example")
    page = parent.page
    page.goto("/request/")
    page.select_option("main [name=country]", "US")
    parent.fill(region="Ohio")
    parent.press("Start my request")
    uid = page.url.rstrip("/").rpartition("/")[2]
    page.goto(f"/request/{uid}/screen/who/")
    unfold(page)
    born = page.locator("main [name=birth_date]")
    expect(born).to_be_hidden()
    parent.choose("for_whom", "other")
    page.select_option("main [name=authority]", "attorney")
    expect(born).to_be_hidden()
    page.select_option("main [name=authority]", "parental")
    expect(born).to_be_visible()
    assert "Why we ask" in parent.text
    parent.fill(subject_name="Tiago Ferreira", birth_date="2018-05-04")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out on a phone"
    parent.wait_until_stored()
    parent.click(page.get_by_role("link", name="Send the paper that shows it"))
    paper = next(path for path in papers if path.name == "MRI report.pdf")
    page.set_input_files("input[type=file]", paper)
    page.get_by_role("button", name="Send files").click()
    page.get_by_text("1 file arrived.").wait_for()
    page.locator("#record-lists").get_by_text(paper.name).first.wait_for()
    assert page.url.endswith(f"/records/{uid}/papers/") and paper.name in parent.text
    page.goto(f"/records/{uid}/")
    assert paper.name not in parent.text
    page.goto(f"/request/{uid}/screen/who/")
    expect(born).to_have_value("2018-05-04")
    send(parent)
    assert re.search(r"SO-\w{4}-\w{4}", parent.text)
    page.goto(f"/cases/{uid}/")
    assert "Tiago" not in page.title() and "Papers that show you may ask" in parent.text
    assert parent.complaints == []
    parent.context.close()


def unfold(page: Page) -> None:
    """Open all that is folded, one after the other."""
    folded = page.locator("main details:not([open]) > summary")
    while folded.count():
        folded.first.click()


def send(parent: Person) -> None:
    """What is left of the four screens, from the first one to the receipt."""
    page = parent.page
    unfold(page)
    parent.choose("emergency", "no")
    page.select_option("main [name=age_band]", "2-11")
    page.select_option("main [name=relationship]", "parent")
    parent.press("Save and continue")
    parent.choose("reason", "confirm")
    parent.fill(diagnosis="Asthma since the winter", questions__0__text="Is it asthma?")
    parent.choose("values", "quality")
    parent.choose("detail", "full")
    parent.press("Save and continue")
    for kind in ("event", "medicine", "allergy", "condition", "operation", "family"):
        parent.choose(f"{kind}_state", "unknown")
    parent.fill(sources__0__name="Example Hospital")
    parent.press("Save and continue")
    for consent in ("remote_review", "share_with_doctor", "family", "follow_up"):
        parent.choose(consent, "yes")
    parent.fill(typed_name="Joana Ferreira")
    page.check("main [name=intent]")
    parent.press("Sign and check my answers")
    assert "Tiago Ferreira" in parent.text
    parent.press("Send my request")
