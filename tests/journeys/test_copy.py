"""A copy of one's data in a browser: asked for, followed until it is there, downloaded, and opened."""

import json
from zipfile import ZipFile

from playwright.sync_api import Browser

from tests.journeys.conftest import STAFF_PASSWORD, Person
from tests.journeys.test_axe import axe

LOST = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")  # what is said of an answer that did not come


def ask(person: Person, what: str = "everything") -> None:
    """Ask for a copy on the page that is open."""
    person.choose("what", what)
    person.fill(password=STAFF_PASSWORD)
    person.press("Make my copy")


def test_a_patient_downloads_everything_and_opens_it(chromium: Browser, site: str, tmp_path) -> None:
    person = Person(chromium, site).sign_in("patient@demo.example")
    person.page.goto("/data/")
    assert axe.run(person.page).response["violations"] == []
    person.page.route("**/data/progress/", lambda route: route.abort(), times=1)  # one answer that is lost ends no waiting
    ask(person)
    person.page.get_by_text("Your copy is ready").wait_for()  # the page has loaded itself again
    assert axe.run(person.page).response["violations"] == []
    with person.page.expect_download() as begun:
        person.page.locator("main").get_by_role("link", name="Download", exact=True).first.click()
    begun.value.save_as(tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as archive:
        assert archive.testzip() is None
        data = json.loads(archive.read("data.json"))
        names = archive.namelist()
    assert data["account"]["email"] == "patient@demo.example" and len(data["cases"]) > 1
    assert [name for name in names if name.startswith("records/")] and [name for name in names if name.startswith("opinions/")]
    assert {file["path"] for case in data["cases"] for file in case["files"]} == set(names) - {"data.json", "README.txt"}
    assert [line for line in person.complaints if not any(word in line for word in LOST)] == []
    person.context.close()


def test_a_copy_is_followed_and_deleted_without_a_script(chromium: Browser, site: str) -> None:
    person = Person(chromium, site, java_script_enabled=False, viewport={"width": 360, "height": 740})
    person.sign_in("family@demo.example")
    person.page.goto("/data/")
    ask(person)
    for _ in range(60):
        if "Your copy is ready" in person.text:
            break
        person.page.wait_for_timeout(500)
        person.follow("Look again")
    assert "It holds your account" in person.text
    person.press("Delete this copy now")
    assert "no longer here" in person.text
    person.context.close()
