"""./dev shots: the main pages as every role, wide, middling and narrow, light and dark, into var/shots/."""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from .browser import browser
from .console import Failure, say, tail
from .data import ROOT, environment_without_settings
from .processes import end, spawn
from .run import PASSWORD, free_port
from .sights import PAGES, SHOWN_LIMIT, UID, Shot

SHOTS = ROOT / "var" / "shots"
WIDTHS = {1440: 900, 768: 1024, 360: 740}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
START_SECONDS = 600
Links = dict[str, list[str]]  # what the pages at these addresses lead to
# Mails of a copied demo still name the port of the one that sent them.
HREFS = """links => links.map((link) => {
  if (link.hostname === location.hostname) link.port = location.port;
  return link.href;
})"""


def shots(options: argparse.Namespace) -> int:
    """Photograph the pages whose names hold one of ``options.names`` (all without names); return 1 when one could not be reached."""
    wanted = [shot for shot in PAGES if not options.names or any(name in f"{shot.who}-{shot.name}" for name in options.names)]
    SHOTS.mkdir(parents=True, exist_ok=True)
    missed = []
    with demo() as address, browser() as running:
        for who in dict.fromkeys(shot.who for shot in wanted):
            missed += photograph(running, address, who, [shot for shot in wanted if shot.who == who])
    say(f"{len(wanted) - len(missed)} pages in {SHOTS}")
    for shot in missed:
        say(f"not reached: {shot.who} {shot.name} ({' → '.join((shot.path, *shot.follow))})")
    return int(bool(missed))


@contextmanager
def demo(like: Path | None = None, **settings: str) -> Iterator[str]:
    """Give the address of a demo with these settings that runs on fresh data and a free port as long as the context.

    ``like`` is the data folder of another one, not running, whose copy is served: it need not be filled in again.
    """
    folder = Path(tempfile.mkdtemp(prefix="secondop-demo-"))
    folder.chmod(0o711)
    if like:
        subprocess.run(["cp", "-a", like, folder / "var"], check=True)
    port, log = free_port(), folder / "output"
    with open(log, "wb") as output:
        command: list[str | Path] = [sys.executable, "-P", "-m", "secondop.embedded", "run", "--data", folder / "var", "--port", str(port)]
        environ = {**environment_without_settings(), "PYTHONPATH": str(ROOT), **settings}
        site = spawn(command, env=environ, cwd=ROOT, log=output)
    try:
        say("Starting a demo on fresh data")
        wait_until_running(site, log)
        yield f"http://localhost:{port}"
    finally:
        end(site, signal.SIGTERM, grace=60)
        shutil.rmtree(folder)


def wait_until_running(site: subprocess.Popen[bytes], log: Path) -> None:
    """Return once ./dev run says that the site is running; raise Failure with its output when it ends or takes too long."""
    limit = time.monotonic() + START_SECONDS
    while "is running" not in log.read_text():
        if site.poll() is not None or time.monotonic() > limit:
            raise Failure(f"the demo did not start:\n{tail(str(log), 30)}", "See the lines above.")
        time.sleep(0.2)


def photograph(running: Browser, address: str, who: str, pages: Sequence[Shot]) -> list[Shot]:
    """Take all pictures of one person's pages; return the pages that could not be reached."""
    context = running.new_context(locale="en-US", reduced_motion="reduce")
    context.set_default_timeout(SHOWN_LIMIT)
    page = context.new_page()
    if who != "visitor":
        sign_in(page, address, who)
    missed, known = [], Links()
    for shot in pages:
        if not reach(page, address, shot, known):
            missed.append(shot)
            continue
        page.wait_for_load_state("networkidle")  # parts of the page that it fetches by itself are there
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=SHOTS / f"{shot.who}-{shot.name}-{width}-{scheme}.png", full_page=True)
        say(f"  {shot.who} {shot.name}")
    context.close()
    return missed


def sign_in(page: Page, address: str, who: str) -> None:
    """Sign a demo account in; raise Failure when the page does not let it."""
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", f"{who}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    if "/accounts/login/" in page.url:
        raise Failure(f"{who}@demo.example could not sign in.", "Start the demo and try by hand: ./dev run")


def reach(page: Page, address: str, shot: Shot, known: Links | None = None) -> bool:
    """Go to a page by its links; return whether each was there and answered with success.

    ``known`` has the links of pages that were opened for other shots of the same person, and gets those of the pages opened now. A
    page on the way whose links are known is not opened again, unless they do not lead there.
    """
    page.set_viewport_size({"width": 1440, "height": 900})
    seen: Links = {}
    if not (known and follow(page, address + shot.path, shot.follow, known)):
        if not follow(page, address + shot.path, shot.follow, seen):
            return False
        if known is not None:
            known.update(seen)
    uid = re.search(UID, page.url)
    if shot.then and not (uid and go(page, address + shot.then.format(uid=uid[0]))):
        return False
    shot.act(page)
    return True


def follow(page: Page, address: str, patterns: Sequence[str], known: Links) -> bool:
    """From ``address`` follow links whose addresses fit the patterns, trying another link where the next one is missing."""
    if not patterns:
        return go(page, address)
    if address not in known:
        known[address] = list(dict.fromkeys(page.eval_on_selector_all("a[href]", HREFS))) if go(page, address) else []
    return any(follow(page, link, patterns[1:], known) for link in known[address] if re.search(patterns[0], link))


def go(page: Page, address: str) -> bool:
    """Open an address; return whether it answered with success."""
    answer = page.goto(address, wait_until="load")
    return bool(answer and answer.ok)
