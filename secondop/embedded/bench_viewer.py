"""./dev bench of the viewer: a browser scrolls through a prepared scan on the real page, as fast as it draws."""

from typing import NamedTuple

from playwright.sync_api import CDPSession

from .browser import browser
from .shots import sign_in

IMAGES = 500
# Turns by one image a frame of the screen, down to the end and up again, until so many were drawn; gives how many a second.
SCROLL = """async (wanted) => {
  const viewer = document.querySelector("[data-stack]"), canvas = viewer.querySelector("canvas"), last = viewer.dataset.count - 1;
  const drawn = () => Number(viewer.dataset.drawn), begun = performance.now(), before = drawn();
  canvas.focus();
  for (let image = 0, by = 1, turns = 0; drawn() - before < wanted; image += by) {
    if ((turns += 1) > 60 * wanted) throw new Error("no images are drawn");
    if (image + by < 0 || image + by > last) by = -by;
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: by > 0 ? "ArrowDown" : "ArrowUp", bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
  }
  return (drawn() - before) / (performance.now() - begun) * 1000;
}"""
FIRST = """() => performance.now() / 1000"""
HAS_DRAWN = """() => Number(document.querySelector("[data-stack]")?.dataset.drawn) > 0"""


class Shown(NamedTuple):
    """Seconds to the first image, images a second, and by what the page's memory grew over as many images once more."""

    first: float
    rate: float
    growth: float


def scroll(address: str, path: str, count: int) -> Shown:
    """Open the viewer at ``path``, which has ``count`` images, as the demo's patient, and go through them."""
    images = min(IMAGES, 10 * count)
    with browser() as running:
        page = running.new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, address, "patient")
        page.goto(f"{address}{path}?image=1", wait_until="commit")
        page.wait_for_function(HAS_DRAWN)
        first = page.evaluate(FIRST)
        session = page.context.new_cdp_session(page)
        rate = page.evaluate(SCROLL, images)
        before = held(session)
        page.evaluate(SCROLL, images)
        return Shown(first, rate, held(session) / before)


def held(session: CDPSession) -> float:
    """The bytes that the page holds after what it does not need was let go, its images included."""
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0) + usage.get("embedderHeapUsedSize", 0))
