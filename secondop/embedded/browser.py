"""The machine's Chromium, without a window and without calls home, for screenshots and journeys."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from .console import Failure

LIGHT = "chromium-headless-shell"  # Debian's Chromium without windows: half the processor time for the same pages
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program(*, light: bool = False) -> str:
    """Return the path of Chromium (CHROMIUM, when set), the ``light`` one where there is one; raise Failure when there is none."""
    names = (LIGHT, *NAMES) if light else (*NAMES, LIGHT)
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise Failure("there is no Chromium.", "Install it (sudo apt-get install -y chromium), or name one in CHROMIUM.", 2)
    return found


@contextmanager
def browser(*, light: bool = False) -> Iterator[Browser]:
    """Give a running browser, the ``light`` one where there is one; it ends with the context."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program(light=light), args=ARGS)
        try:
            yield running
        finally:
            running.close()
