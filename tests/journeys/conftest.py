"""Real browsers on a real demo: the site as ./dev run starts it, on fresh data and a free port."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from pydicom import dcmread
from pydicom.data import get_testdata_file

from secondop.embedded.browser import browser
from secondop.embedded.data import ROOT, environment_without_settings
from secondop.embedded.shots import demo
from tests.servers import LONG

PASSWORD = "a long sentence that nobody guesses"
STAFF_PASSWORD = "second-opinion-demo"
# A machine with much else to do takes long for what a person does at once: nobody is signed out meanwhile, nor told to come back later.
AT_LEISURE = {"DATABASE_SECONDS": str(LONG), **dict.fromkeys(("SESSION_IDLE_SECONDS", "SESSION_IDLE_SECONDS_STAFF"), str(12 * 60 * 60))}
expect.set_options(timeout=1000 * LONG)


@pytest.fixture(scope="session")
def seeded() -> Path:
    """The data folder of a demo that was filled in once for all workers of this run, and is not running."""
    data = Path(os.environ["VAULT_MASTER_KEY_FILE"]).with_name("seeded")
    with open(data.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            environ = {**environment_without_settings(), "PYTHONPATH": str(ROOT)}
            subprocess.run([sys.executable, "-P", "-m", "tests.journeys.filled", data], env=environ, cwd=ROOT, check=True)
    return data


@pytest.fixture(scope="session")
def site(request) -> Iterator[str]:
    """The address of the running demo; JOURNEY_SITE names one that runs already."""
    if os.environ.get("JOURNEY_SITE"):
        yield os.environ["JOURNEY_SITE"]
        return
    with demo(request.getfixturevalue("seeded"), **AT_LEISURE) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's browser."""
    with browser(light=True) as running:
        yield running


class Person:
    """Somebody at a browser of their own; whatever the browser complains about is kept in ``complaints``."""

    def __init__(self, chromium: Browser, site: str, **options) -> None:
        self.context = chromium.new_context(locale="en-US", reduced_motion="reduce", base_url=site, **options)
        self.context.set_default_timeout(1000 * LONG)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, email: str, password: str = STAFF_PASSWORD) -> "Person":
        """Sign in and land on the person's own start page."""
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.press("Sign in")
        assert "/login/" not in self.page.url, self.page.inner_text("main")
        return self

    def click(self, by: Locator) -> None:
        """Click the first of what leads to another page, and wait until that page is there, with its scripts."""
        with self.page.expect_navigation():
            by.first.click()

    def press(self, name: str) -> None:
        """Press the button in the page's content with this name and wait for the page that follows."""
        self.click(self.page.locator("main").get_by_role("button", name=name))

    def follow(self, name: str) -> None:
        """Follow the first link in the page's content with this name."""
        self.click(self.page.locator("main").get_by_role("link", name=name))

    def enter(self, name: str) -> None:
        """Press Enter in the field with this name and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.press(f"main [name={name}]", "Enter")

    def case(self, reference: str) -> None:
        """Open the case with this reference from one's own list, which is the page that is open."""
        self.click(self.page.locator("main .card, main li, main article, main tr").filter(has_text=reference).get_by_role("link"))

    def wait_until_stored(self) -> None:
        """Wait until nothing typed is left that the page has not stored by itself: what it says of that may be of an earlier word."""
        expect(self.page.locator("form[data-unsaved]")).to_have_count(0)

    def choose(self, name: str, value: str) -> None:
        """Pick a radio button or tick a box by its field's name and value."""
        self.page.check(f"main input[name='{name}'][value='{value}']")

    def fill(self, **fields: str) -> None:
        """Fill fields by name; double underscores stand for the hyphens of formsets."""
        for name, value in fields.items():
            self.page.fill(f"main [name='{name.replace('__', '-')}']", value)

    @property
    def text(self) -> str:
        """What the page's content says."""
        return self.page.inner_text("main")


@pytest.fixture
def people(chromium, site) -> Iterator[SimpleNamespace]:
    """A visitor, a specialist and a coordinator, each at a browser of their own."""
    cast = SimpleNamespace(**{name: Person(chromium, site) for name in ("patient", "specialist", "coordinator")})
    yield cast
    for person in vars(cast).values():
        person.context.close()


@pytest.fixture
def papers(tmp_path) -> list[Path]:
    """Real files: a PDF, a JPEG, a PNG, a DICOM image; and a web page that calls itself a PDF."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "MRI report.pdf")
    for name, kind in (("photo of letter.jpg", "JPEG"), ("scan.png", "PNG")):
        image = BytesIO()
        Image.new("RGB", (640, 480), "#ddeeff").save(image, kind)
        (tmp_path / name).write_bytes(image.getvalue())
    image = dcmread(get_testdata_file("MR_small.dcm"))
    image.PatientName, image.PatientBirthDate, image.PatientAge, image.PatientSex = "Quill^Mara", "", "", ""
    image.save_as(tmp_path / "slice.dcm")
    (tmp_path / "fake.pdf").write_text("<!doctype html><html><body>not a pdf</body></html>")
    return sorted(tmp_path.iterdir())
