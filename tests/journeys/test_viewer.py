"""The viewer's script in a browser: gray levels by the same rules as the server's, lengths by the areas of an ultrasound picture.

And a scan as somebody with a phone, a wheel, or keys looks through it.
"""

import re

import numpy as np
from playwright.sync_api import expect

from records.viewer.voi import View, levels_of
from secondop.embedded.data import ROOT
from secondop.embedded.shots import PAGES, reach
from tests.journeys.conftest import Person

AT = "http://viewer.test/"
VIEWS = [
    View("", "linear", 40, 80),
    View("", "linear", 10, 1),
    View("", "exact", 0.5, 0.2),
    View("", "sigmoid", -20, 50),
    View("", "table", 2, 4, bytes([255, 9, 3, 0])),
]
PICTURE = {"spacing": None, "shrunk": 1, "at_detector": False, "regions": [[20, 0, 30, 10, None, None], [0, 0, 30, 10, 0.5, 2]]}
SHADOW = {"spacing": [0.2, 0.1], "shrunk": 1, "at_detector": True, "regions": []}
LINES = [
    (PICTURE, [1, 1], [5, 1]),
    (PICTURE, [1, 1], [1, 3]),
    (PICTURE, [21, 1], [25, 1]),
    (PICTURE, [1, 1], [1, 12]),
    (SHADOW, [0, 0], [0, 9]),
]
SCRIPT = """async ([views, values, lines]) => {
  const { levelsOf, viewOf } = await import("./viewer_look.js");
  const { lengthOf } = await import("./viewer_length.js");
  return [views.map((view) => values.map(levelsOf(viewOf(view)))), lines.map((line) => lengthOf(...line))];
}"""


def test_levels_and_lengths(chromium):
    page = chromium.new_page()
    page.route(f"{AT}*.js", lambda route: route.fulfill(path=ROOT / "static/js" / route.request.url.rpartition("/")[2]))
    page.route(AT, lambda route: route.fulfill(body="<!doctype html><title>Viewer</title>", content_type="text/html"))
    page.goto(AT)
    values = np.arange(-80, 120, 0.25)
    levels, lengths = page.evaluate(SCRIPT, [[view.packed() for view in VIEWS], values.tolist(), LINES])
    page.close()
    for view, drawn in zip(VIEWS[:-1], levels, strict=False):
        assert np.allclose(drawn, levels_of(values, view)), view
    whole = values == np.rint(values)
    assert np.array_equal(np.array(levels[-1])[whole], levels_of(values, VIEWS[-1])[whole])
    assert lengths == ["8.0 mm", "1.0 mm", "4 pixels", "11 pixels", "1.8 mm at the detector"]


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
FRAMES_A_SECOND, ROUNDS = 15, 20  # of a stack that is prepared; a machine with much else to do may need another round
# Turns the wheel from the first image to the last, each time as soon as the image before is drawn; gives the images drawn a second.
SCROLLED = """async () => {
  const [canvas, place] = ["canvas", "stack"].map((name) => document.querySelector(`[data-${name}]`));
  const drawn = () => Number(place.dataset.drawn);
  const begun = performance.now();
  for (let image = 1; image < Number(place.dataset.count); image += 1) {
    const before = drawn();
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 120 }));
    while (drawn() === before) await new Promise((done) => setTimeout(done));
  }
  return ((Number(place.dataset.count) - 1) * 1000) / (performance.now() - begun);
}"""
CHANGED = "before => document.querySelector('[data-canvas]').toDataURL() !== before"


class Looking(Person):
    """Somebody who looks at a scan on a phone."""

    def see(self, name: str, words: str) -> None:
        """Wait until a corner of the viewer says so."""
        expect(self.page.locator(f"[data-{name}]")).to_have_text(re.compile(words))

    def touch(self, *places: list[tuple[int, int]]) -> None:
        """Put one or two fingers down at the first of ``places`` on the image, drag them over the others, and lift them."""
        box = self.page.locator("[data-canvas]").bounding_box() or {}
        hand = self.context.new_cdp_session(self.page)
        for kind, fingers in zip(("touchStart", *["touchMove"] * (len(places) - 1), "touchEnd"), [*places, []], strict=True):
            points = [{"x": box["x"] + x, "y": box["y"] + y, "id": number} for number, (x, y) in enumerate(fingers)]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        hand.detach()

    def changes(self, act) -> None:
        """What ``act`` does has to change the picture."""
        before = self.page.locator("[data-canvas]").evaluate("canvas => canvas.toDataURL()")
        act()
        self.page.wait_for_function(CHANGED, arg=before)


def test_a_scan_is_looked_through_by_keys_wheel_and_finger(chromium, site):
    reader = Looking(chromium, site, **PHONE).sign_in("specialist@demo.example")
    page = reader.page
    assert reach(page, site, next(shot for shot in PAGES if (shot.who, shot.name) == ("specialist", "scan")))
    page.set_viewport_size(PHONE["viewport"])
    canvas = page.locator("[data-canvas]")
    reader.see("where", "^Image 12 of 23")
    canvas.focus()
    for key, image in (("ArrowDown", 13), ("PageUp", 3), ("End", 23), ("Home", 1)):
        canvas.press(key)
        reader.see("where", f"^Image {image} of 23")
    canvas.dispatch_event("wheel", {"deltaY": 120})
    reader.see("where", "^Image 2 of 23")
    canvas.scroll_into_view_if_needed()
    reader.touch([(100, 60)], [(100, 80)], [(100, 96)])
    reader.see("where", "^Image 5 of 23")
    reader.see("said", "^Image 5 of 23$")
    reader.changes(lambda: reader.touch([(100, 80), (140, 80)], [(80, 80), (160, 80)], [(60, 80), (180, 80)]))
    reader.changes(lambda: canvas.press("i"))
    expect(page.locator("[data-act=invert]")).to_have_attribute("aria-pressed", "true")
    reader.see("look", "^Center 400, width 900$")
    reader.changes(lambda: page.select_option("[data-presets]", label="All values"))
    reader.changes(lambda: (canvas.press("c"), canvas.press("ArrowRight")))
    expect(page.locator("[data-presets] option:checked")).to_have_text("Own")
    reader.changes(lambda: (canvas.press("v"), reader.touch([(100, 80)], [(120, 90)], [(140, 110)])))
    reader.changes(lambda: canvas.press("r"))
    reader.see("look", "^Center 400, width 900$")
    for key in ("m", "Enter", *["ArrowRight"] * 5, "Enter"):
        canvas.press(key)
    reader.see("said", "^[0-9.]+ mm$")
    page.get_by_text("About this series").click()
    reader.see("tags", "Kind of scan\\s*MR")
    for _ in range(ROUNDS):
        canvas.press("Home")
        reader.see("where", "^Image 1 of 23")
        if (speed := page.evaluate(SCROLLED)) >= FRAMES_A_SECOND:
            break
    assert speed >= FRAMES_A_SECOND
    canvas.press("p")
    expect(page.locator("[data-act=play]")).to_have_attribute("aria-pressed", "true")
    reader.see("where", "^Image (?!23)")  # it begins again after the last
    canvas.press("p")
    expect(page.locator("[data-act=play]")).to_have_attribute("aria-pressed", "false")
    assert reader.complaints == []
    reader.context.close()
