"""A request that is not sent after all, in a browser without a script."""

from tests.journeys.conftest import Person
from tests.journeys.test_axe import PHONE


def test_a_request_is_begun_and_deleted_on_a_phone(chromium, site):
    person = Person(chromium, site, java_script_enabled=False, viewport={"width": PHONE, "height": 740})
    person.sign_in("family@demo.example")
    person.page.goto("/request/")
    person.fill(region="Ohio")
    person.press("Start my request")
    person.follow("Who and how fast")
    person.page.select_option("main [name=age_band]", "40-64")
    person.press("Save and continue")
    person.page.goto("/request/")
    person.follow("Go on")
    address = person.page.url
    person.follow("Delete this request")
    assert "You cannot undo this" in person.text
    person.follow("Keep it")
    assert person.page.url == address
    person.follow("Delete this request")
    person.press("Delete this request")
    assert "Your request is deleted." in person.page.inner_text("body")
    assert person.page.request.get(address).status == 404
    person.context.close()
