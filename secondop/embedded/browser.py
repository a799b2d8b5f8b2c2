"""The machine's Chromium, without a window and without calls home, for screenshots and journeys."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from .console import Failure

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


def program() -> str:
    """Return the path of Chromium (CHROMIUM, when set); raise Failure when there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise Failure("there is no Chromium.", "Install it (sudo apt-get install -y chromium), or name one in CHROMIUM.", 2)
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a running browser, which ends with the context."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program(), args=ARGS)
        try:
            yield running
        finally:
            running.close()
