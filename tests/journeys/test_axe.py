"""The main pages of every role hold no accessibility fault that axe knows, complain of nothing, and fit a narrow phone."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from secondop.embedded.shots import PAGES, reach
from tests.journeys.conftest import Person

WIDE, PHONE, NARROWEST = 1440, 360, 320
axe = Axe(f"void (window.axe || (() => {{ {AXE_SCRIPT} }})())")  # once a page, not at each look


@pytest.mark.parametrize("who", dict.fromkeys(shot.who for shot in PAGES))
def test_pages_are_accessible_and_fit(chromium, site, who):
    person = Person(chromium, site)
    if who != "visitor":
        person.sign_in(f"{who}@demo.example")
    faults, known = {}, {}
    for shot in (shot for shot in PAGES if shot.who == who):
        assert reach(person.page, site, shot, known), f"{shot.name} was not reached"
        if found := look(person):
            faults[shot.name] = found
    person.context.close()
    assert faults == {}


def look(person: Person) -> list[str]:
    """What is wrong with the page: wide and light, narrow and dark, every detail opened, and at the narrowest."""
    page, found = person.page, []
    expect(page.locator(".htmx-request")).to_have_count(0)  # the parts that the page fetches by itself are there
    page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true })")
    for width, scheme in ((WIDE, "light"), (PHONE, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        violations = axe.run(page).response["violations"]
        found += [f"{width} {scheme}: {fault['id']} {fault['nodes'][0]['html'][:200]}" for fault in violations]
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
        found.append(f"{width} px wide on {NARROWEST}")
    found += person.complaints
    person.complaints.clear()
    return found


def test_pages_that_stop_somebody_are_accessible_too(chromium, site):
    person = Person(chromium, site).sign_in("family@demo.example")
    person.page.goto("/nowhere/")
    person.complaints.clear()  # the browser's own line about the 404
    assert look(person) == []
    person.page.goto("/request/")
    person.fill(region="Ohio")
    person.press("Start my request")
    person.follow("Who and how fast")
    person.choose("emergency", "yes")
    person.press("Save and continue")
    assert "emergency" in person.page.inner_text("h1").lower()
    assert look(person) == []
    person.context.close()


def test_a_diagnosis_in_one_long_word_stays_on_a_phone(chromium, site):
    person = Person(chromium, site).sign_in("lead@demo.example")
    person.page.goto("/request/")
    person.fill(region="Ohio")
    person.press("Start my request")
    person.follow("My question")
    person.fill(diagnosis="Pseudopseudohypoparathyroidism" * 2)
    person.press("Save and continue")
    person.page.goto("/cases/")
    person.complaints.clear()
    assert "Pseudopseudo" in person.page.inner_text("main")
    assert look(person) == []
    person.context.close()


def test_a_form_with_errors_leads_to_its_fields_and_stays_accessible(chromium, site):
    person = Person(chromium, site)
    person.page.goto("/accounts/signup/")
    person.fill(full_name="", email="not an address", password1="short")
    person.press("Create my account")
    assert person.page.evaluate("document.activeElement.matches('[data-error-summary]')")
    person.complaints.clear()
    assert look(person) == []
    person.page.locator("[data-error-summary] a").first.click()
    expect(person.page.locator("main [name=full_name]")).to_be_focused()
    person.context.close()


OVERLAPS = """() => {
    const parts = [...document.querySelectorAll(".site-name, .site-nav a, .site-nav summary")].filter(part => part.checkVisibility())
    const boxes = parts.map(part => ({ words: part.textContent, at: part.getBoundingClientRect() }))
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    return boxes.flatMap((a, n) => boxes.slice(n + 1).filter(b => meet(a.at, b.at)).map(b => a.words + " / " + b.words))
}"""


@pytest.mark.parametrize("who", ["patient", "specialist", "coordinator"])
def test_no_part_of_the_header_lies_on_another(chromium, site, who):
    page = Person(chromium, site).sign_in(f"{who}@demo.example").page
    for width in (NARROWEST, PHONE, 412, 560, 640, 700, WIDE):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERLAPS) == [], width
    page.context.close()
