"""Nothing on the main pages moves while they load, fonts and scripts included; and little where a slow line brings the fonts late."""

import time
from typing import Any

import pytest
from playwright.sync_api import Route

from secondop.embedded.shots import PAGES, reach
from tests.journeys.conftest import Person

STILL = {"visitor": ("home", "sign-in", "sign-up"), "patient": ("case", "request-screen", "request"), "carlos.mendes": ("opinion-opened",)}
SIZES = [(360, 740), (1440, 900)]
LOADS = 3
LITTLE = 0.05  # half of what is called good; another font breaks some lines elsewhere
# Fonts that a busy machine brought after the first paint, or so shortly before that they were not used in it.
LATE = """() => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  return performance.getEntriesByType("resource").some((each) => each.name.endsWith(".woff2") && each.responseEnd > painted - 100);
}"""
SHIFTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(
    list.getEntries().map((each) => [each.value, each.sources.map((one) => one.node?.outerHTML?.slice(0, 80) ?? "")])
  )).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([]), 500);
})"""


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("who", STILL)
def test_nothing_moves_while_a_page_loads(chromium, site, who, width, height):
    person = Person(chromium, site)
    if who != "visitor":
        person.sign_in(f"{who}@demo.example")
    moved = {}
    for shot in (shot for shot in PAGES if shot.who == who and shot.name in STILL[who]):
        assert reach(person.page, site, shot)
        for fonts_late in (False, True):
            if found := shifts(person, person.page.url, width, height, fonts_late=fonts_late):
                moved[shot.name, fonts_late] = found
    person.context.close()
    assert moved == {}


def shifts(*load: Any, fonts_late: bool) -> list:
    """What moves each time that a page is loaded: what comes in the very moment of the first paint moves it by chance, and not again."""
    found: list = []
    for _ in range(LOADS):
        if not (found := shifts_once(*load, fonts_late=fonts_late)):
            break
    return found


def shifts_once(person: Person, address: str, width: int, height: int, *, fonts_late: bool) -> list:
    """What moved, and how much, while ``address`` was loaded with an empty cache in a window of this size.

    Nothing may, or ``LITTLE`` in all where the fonts came after the first paint.
    """
    page = person.context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    person.context.new_cdp_session(page).send("Network.clearBrowserCache")
    if fonts_late:
        page.route("**/*.woff2", bring_late)
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Source Sans 3\"'))")
    found, late = page.evaluate(SHIFTS), page.evaluate(LATE)
    page.close()
    return found if sum(value for value, _ in found) > (LITTLE if late else 0) else []


def bring_late(route: Route) -> None:
    """Let a font come after the first paint."""
    time.sleep(0.3)
    route.continue_()
