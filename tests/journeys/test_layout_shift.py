"""Nothing on the main pages moves while they load, fonts and scripts included; and little where a slow line brings the fonts late."""

import time

import pytest
from playwright.sync_api import Route

from secondop.embedded.shots import PAGES, reach
from tests.journeys.conftest import Person

STILL = {"visitor": ("home", "sign-in", "sign-up"), "patient": ("case", "request-screen", "request"), "carlos.mendes": ("opinion-opened",)}
SIZES = [(360, 740), (1440, 900)]
LITTLE = 0.05  # half of what is called good; another font breaks some lines elsewhere
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
        if found := shifts(person, person.page.url, width, height):
            moved[shot.name] = found
        if (late := sum(value for value, _ in shifts(person, person.page.url, width, height, fonts_late=True))) > LITTLE:
            moved[f"{shot.name}, fonts late"] = late
    person.context.close()
    assert moved == {}


def shifts(person: Person, address: str, width: int, height: int, *, fonts_late: bool = False) -> list:
    """What moved, and how much, while ``address`` was loaded with an empty cache in a window of this size."""
    page = person.context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    person.context.new_cdp_session(page).send("Network.clearBrowserCache")
    if fonts_late:
        page.route("**/*.woff2", bring_late)
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Source Sans 3\"'))")
    found = page.evaluate(SHIFTS)
    page.close()
    return found


def bring_late(route: Route) -> None:
    """Let a font come after the first paint."""
    time.sleep(0.3)
    route.continue_()
