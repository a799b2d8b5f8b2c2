"""Sending records in a real browser: what its script says before, during and after, and that the page works without it."""

import os
import re
import uuid
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from secondop.embedded.data import ROOT
from tests.journeys.conftest import Person
from tests.records import files

SLOW = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
# Presses Pause as soon as a third has gone out, however late this process would get to see that.
PAUSE = r"""() => {
  const figure = document.querySelector("[data-figure]");
  new MutationObserver((_, watch) => {
    if (!/\([3-9]\d %\)\. 2 of 4 files here\./.test(figure.textContent)) return;
    watch.disconnect();
    document.querySelector("[data-pause]").click();
  }).observe(figure, { childList: true });
}"""
AT = "http://upload.test/"
# Of files that failed with each of these answers: those that are still chosen.
LEFT = """async () => {
  const { Sending } = await import("./upload_send.js");
  const sending = new Sending({ dataset: {} }, [], () => {});
  sending.failed = [0, 404, 413, 429, 503].map((status) => ({ file: status, status, words: "No" }));
  return sending.left;
}"""
FULL = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


def on_the_page(chromium, site: str, **options: object) -> Person:
    """The demo's patient on the records of a request that was not sent yet."""
    patient = Person(chromium, site, **options).sign_in("patient@demo.example")
    patient.page.goto("/cases/")
    drafts = patient.page.locator("main a[href*='/request/']").evaluate_all("links => links.map(link => link.href)")
    uid = next(found[1] for link in drafts if (found := re.search(r"/request/([0-9a-f-]{36})/", link)))
    patient.page.goto(f"/records/{uid}/")
    return patient


@pytest.fixture
def folder(tmp_path) -> Path:
    """Files nobody has sent before, a web page that calls itself a PDF, and an empty file."""
    mark = uuid.uuid4().hex
    (tmp_path / f"letter {mark}.pdf").write_bytes(files.pdf(2, mark))
    (tmp_path / f"slice {mark}").write_bytes(files.dicom_of(StudyDescription=mark))
    (tmp_path / f"page {mark}.pdf").write_bytes(files.HTML_PAGE)
    (tmp_path / f"empty {mark}.pdf").write_bytes(b"")
    return tmp_path


def choose(patient: Person, *paths: Path) -> None:
    patient.page.set_input_files("#record-files", [str(path) for path in paths])


def wait_until_checked(patient: Person) -> None:
    expect(patient.page.locator("[data-hx-trigger]")).to_have_count(0)


def send(patient: Person, *said: str) -> None:
    """Send what is chosen and wait for what the page says in the end."""
    patient.page.click("[data-upload] [type=submit]")
    for words in said:
        patient.page.locator("[data-status]").filter(has_text=words).wait_for()


def test_a_file_that_a_link_takes_in_another_hour_stays_chosen(chromium):
    page = chromium.new_page()
    page.route(f"{AT}*.js", lambda route: route.fulfill(path=ROOT / "static/js" / route.request.url.rpartition("/")[2]))
    page.route(AT, lambda route: route.fulfill(body="<!doctype html><title>Upload</title>", content_type="text/html"))
    page.goto(AT)
    left = page.evaluate(LEFT)
    page.close()
    assert left == [0, 429, 503]


def test_files_are_looked_over_sent_and_checked_without_a_reload(chromium, site, folder):
    patient = on_the_page(chromium, site)
    choose(patient, *sorted(folder.iterdir()))
    assert "Left out: is empty" in patient.page.inner_text("[data-chosen]")
    assert Axe().run(patient.page).violations_count == 0
    send(patient, "2 files arrived.", "1 file was not taken. The list below says why.")
    patient.page.get_by_text("This is a web page, not a PDF.").wait_for()
    wait_until_checked(patient)
    assert "PDF · 2 pages" in patient.text and "CT scan · 19 January 2004" in patient.text
    expect(patient.page.locator("#check-status")).to_have_text("")
    assert Axe().run(patient.page).violations_count == 0
    assert [line for line in patient.complaints if "422" not in line] == []
    patient.click(patient.page.get_by_role("link", name=re.compile("^letter")))
    patient.page.wait_for_function("() => document.querySelector('.viewer-page img')?.naturalWidth > 1000")
    patient.page.keyboard.press("ArrowRight")
    patient.page.wait_for_url("**page=2*")
    assert Axe().run(patient.page).violations_count == 0
    for name in ("Download the safe copy", "Download the original"):
        with patient.page.expect_download() as download:
            patient.page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def choose_folder(patient: Person, folder: Path) -> None:
    with patient.page.expect_file_chooser() as chooser:
        patient.page.get_by_role("button", name="Choose a whole folder").click()
    chooser.value.set_files(str(folder))


def test_a_folder_goes_on_after_a_reload_where_it_broke_off(chromium, site, folder):
    """The small files have come, the large one has come in part: chosen again, only the rest of it goes out."""
    (folder / "cd").mkdir()
    large = folder / "cd" / f"large {uuid.uuid4().hex}.dcm"
    large.write_bytes(files.dicom() + os.urandom(24 * 1024**2))
    patient = on_the_page(chromium, site)
    network = patient.context.new_cdp_session(patient.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    choose_folder(patient, folder)
    patient.page.evaluate(PAUSE)
    patient.page.click("[data-upload] [type=submit]")
    patient.page.get_by_text("Paused. What has come is kept.").wait_for()
    assert Axe().run(patient.page).violations_count == 0
    network.send("Network.emulateNetworkConditions", FULL)
    patient.page.on("dialog", lambda dialog: dialog.accept())
    patient.page.reload()
    unfinished = patient.page.locator("#unfinished .file-name").filter(has_text=large.name)
    unfinished.wait_for()
    sent: list[int] = []
    patient.page.on("request", lambda request: sent.append(int(request.headers.get("upload-offset", -1))))
    choose_folder(patient, folder)
    send(patient, "1 file arrived.", "here already.")
    assert max(sent) > 1024**2
    patient.page.locator("#record-lists").get_by_text(large.name).first.wait_for()
    expect(unfinished).to_have_count(0)


def test_who_was_signed_out_keeps_the_choice_and_sends_after_signing_in(chromium, site, folder):
    patient = on_the_page(chromium, site)
    choose(patient, next(folder.glob("letter*")))
    patient.context.clear_cookies()
    send(patient, "Sign in again in another tab")
    patient.context.set_offline(True)
    send(patient, "The connection broke. What has come is kept")
    patient.context.set_offline(False)
    here, patient.page = patient.page, patient.context.new_page()
    patient.sign_in("patient@demo.example").page.close()
    patient.page = here
    send(patient, "1 file arrived.")


def test_without_a_script(chromium, site, folder):
    patient = on_the_page(chromium, site, java_script_enabled=False)
    choose(patient, next(folder.glob("letter*")), next(folder.glob("empty*")))
    patient.press("Send files")
    assert "1 file arrived." in patient.text and "This file is empty (0 bytes)." in patient.text
    name = next(folder.glob("letter*")).name
    row = patient.page.locator("li.file-row").filter(has_text=name)
    row.locator("summary").click()
    patient.click(row.get_by_role("button", name="Remove this file"))
    assert "The file is removed." in patient.text and name not in patient.text
