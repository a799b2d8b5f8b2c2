"""Processes that are killed, and storage that does not take files: nothing lost, nothing doubled, and work goes on by itself."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Model

from opinions.models import Letter
from records.models import Record
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.vault.models import StoredFile
from secondop.web.clock import now
from tests.factories import make_case
from tests.opinions.written import signed
from tests.records import files
from tests.servers import LONG

from .site import Site

SOON = LONG


@pytest.fixture(scope="module", autouse=True)
def running(site: Site) -> None:
    site.start_web()


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    """A worker that runs as long as the test, unless it is killed."""
    site.start_worker()
    yield
    site.kill("worker")


def frozen_child(site: Site, command: str) -> int:
    """The first child process whose command line holds ``command``, stopped in the middle of its work."""
    limit = time.monotonic() + SOON
    while not (found := site.children(command)):
        assert time.monotonic() < limit, site.log("worker")[-3000:]
    os.kill(found[0], signal.SIGSTOP)
    return found[0]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def assert_ends_alone(site: Site, pid: int) -> None:
    """A child whose worker is gone does not go on by itself."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    site.until(lambda: has_ended(pid), SOON)


def has_ended(pid: int) -> bool:
    """Whether a process is no more, or is only waited for by whoever started it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def let_lease_end(row: Model) -> None:
    """As if the minutes of the dead worker's lease were over."""
    assert row.taken_until > now() + timedelta(seconds=60)
    type(row).objects.filter(pk=row.pk).update(taken_until=now(), next_try_at=now())


def fresh(row: Model) -> Any:
    return type(row).objects.get(pk=row.pk)


def send_one(site: Site, case: Case, name: str = "scan.dcm", data: bytes | None = None) -> Record:
    """Upload a file as the patient; its record."""
    answer = site.browser(case.patient).upload(f"/records/{case.uid}/upload/", (name, data or files.dicom()))
    assert answer.status == 302, answer.words
    return case.records.latest("pk")


def test_a_file_whose_check_was_killed_is_checked_by_the_next_worker(site):
    case = make_case()
    record = send_one(site, case)
    assert record.status == "received", "it waits at the broker while no worker runs"
    site.start_worker()
    child = frozen_child(site, "-m records.child")
    site.kill("worker")
    record = fresh(record)
    assert (record.status, record.attempts) == ("checking", 1)
    assert_ends_alone(site, child)

    let_lease_end(record)
    site.start_worker()
    site.send("records.tasks.sweep", queue="files")
    site.until(lambda: fresh(record).status == "ready", SOON)
    assert (fresh(record).attempts, fresh(record).facts["rows"], case.records.count()) == (2, 128, 1)
    assert case.journal.filter(event="records_added").count() == 1
    site.kill("worker")


def test_a_letter_whose_rendering_was_killed_is_made_once(site, worker):
    case, opinion = signed()
    site.send("secondop.documents.tasks.sweep", queue="documents")
    child = frozen_child(site, "documents/child.py")
    os.kill(parent_of(child), signal.SIGKILL)  # one process of the pool: the worker itself goes on
    assert_ends_alone(site, child)
    document = Letter.objects.get(opinion=opinion)
    assert (document.status, document.attempts, document.stored) == ("queued", 1, None)

    let_lease_end(document)
    for _ in range(3):
        site.send("secondop.documents.tasks.sweep", queue="documents")
    site.until(lambda: fresh(document).status == "ready", SOON)
    assert (fresh(document).attempts, fresh(document).error) == (2, "")
    assert case.journal.filter(event="pdf_ready").count() == 1
    assert StoredFile.objects.filter(case_uid=case.uid).count() == 1
    assert site.browser(case.owner).get(f"/review/{case.uid}/pdf/1/").text.startswith("%PDF-")


def test_killed_web_workers_are_replaced_and_nobody_is_signed_out(site):
    case = make_case()
    browser = site.browser(case.patient)
    assert browser.get(f"/cases/{case.uid}/").status == 200
    site.until(lambda: len(site.children("gunicorn")) == 2, SOON)
    before = site.children("gunicorn")
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    site.until(site.answers, SOON)
    site.until(lambda: len(site.children("gunicorn")) == 2, SOON)
    assert not set(site.children("gunicorn")) & set(before)
    assert {browser.get(f"/cases/{case.uid}/").status for _ in range(10)} == {200}


@pytest.fixture
def small_disk(site: Site) -> Iterator[None]:
    """No file of the web server may become larger than 100 kB."""
    pids = site.children("gunicorn")
    usual = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (100_000, usual[1]))
    yield
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, usual)


def kept(case: Case) -> list[tuple[str, str]]:
    """What a case's records say, after it was made sure that each has its bytes and that no other file says it is stored."""
    stored = set(StoredFile.objects.filter(case_uid=case.uid, status="stored").values_list("pk", flat=True))
    assert stored == set(case.records.values_list("stored", flat=True))
    folder = Path(settings.VAULT_DIR) / str(case.uid)
    assert {path.name for path in folder.iterdir()} == {str(pk) for pk in stored}
    return list(case.records.values_list("name", "status"))


def test_a_full_disk_takes_nothing_of_an_upload_and_leaves_what_was_there(site, small_disk):
    case = make_case()
    first = send_one(site, case, "letter.pdf", files.pdf())
    browser, large = site.browser(case.patient), files.dicom() + bytes(200_000)
    refused = browser.upload(f"/records/{case.uid}/upload/", ("second.pdf", files.pdf(2)), ("large.dcm", large))
    assert refused.status == 507
    assert "We cannot store files just now. Nothing of this upload was kept: please try again later." in refused.words
    assert kept(case) == [("letter.pdf", "received")]
    assert browser.get(f"/records/{case.uid}/{first.uid}/").status == 200


def test_storage_that_is_gone_is_said_and_comes_back_without_a_restart(site):
    case = make_case()
    record = send_one(site, case, "letter.pdf", files.pdf())
    browser, vault, away = site.browser(case.patient), Path(settings.VAULT_DIR), Path(settings.VAULT_DIR).with_name("away")
    vault.rename(away)
    vault.write_text("not a folder")
    try:
        refused = browser.upload(f"/records/{case.uid}/upload/", ("more.pdf", files.pdf(2)))
        assert (refused.status, "We cannot store files just now" in refused.words) == (503, True)
        assert browser.get(f"/records/{case.uid}/{record.uid}/").status == 503
        assert browser.get(f"/records/{case.uid}/").status == browser.get(f"/cases/{case.uid}/").status == 200
        ready = browser.get("/readyz")
        assert (ready.status, '"storage": "not writable"' in ready.text) == (503, True)
    finally:
        vault.unlink()
        away.rename(vault)
    assert browser.get("/readyz").status == 200
    assert browser.get(f"/records/{case.uid}/{record.uid}/").text.startswith("%PDF-")
    assert send_one(site, case, "more.pdf", files.pdf(2)).status == "received"
    assert len(kept(case)) == 2


def test_an_upload_cut_off_by_a_killed_server_leaves_no_record(site):
    case = make_case(State.DRAFT)
    line, _ = site.browser(case.patient).begin_upload(f"/records/{case.uid}/upload/", ("half.dcm", files.dicom() + bytes(9 * 1024 * 1024)))
    site.until(lambda: StoredFile.objects.filter(case_uid=case.uid, status="writing").exists(), SOON)
    for pid in site.children("gunicorn"):
        os.kill(pid, signal.SIGKILL)
    line.close()
    site.until(site.answers, SOON)
    assert not case.records.exists()
    assert not StoredFile.objects.filter(case_uid=case.uid, status="stored").exists()
    assert send_one(site, case).status == "received"
