"""A parent on a phone asks for a child: the day of birth is asked where it is needed, and the paper is sent apart."""

from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Person

PHONE = {"viewport": {"width": 360, "height": 740}}


def test_a_parent_on_a_phone_gives_the_day_of_birth_and_sends_a_paper(chromium, site, papers: list[Path]):
    parent = Person(chromium, site, **PHONE).sign_in("joana.ferreira@demo.example")
    page = parent.page
    page.goto("/request/")
    page.select_option("main [name=country]", "US")
    parent.fill(region="Ohio")
    with page.expect_navigation():
        page.locator("main form").first.locator("button[type=submit]").last.click()
    uid = page.url.rstrip("/").rpartition("/")[2]
    page.goto(f"/request/{uid}/screen/who/")
    for fold in page.locator("main details:not([open]) > summary").all():
        fold.click()
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
    with page.expect_navigation():
        page.get_by_role("link", name="Send the paper that shows it").click()
    paper = next(path for path in papers if path.name == "MRI report.pdf")
    page.set_input_files("input[type=file]", paper)
    parent.press("Send files")
    assert page.url.endswith(f"/records/{uid}/papers/") and paper.name in parent.text
    page.goto(f"/records/{uid}/")
    assert paper.name not in parent.text
    page.goto(f"/request/{uid}/screen/who/")
    expect(born).to_have_value("2018-05-04")
    assert parent.complaints == []
    parent.context.close()
