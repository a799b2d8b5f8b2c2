"""The database gone, silent or locked: an honest answer in time, and no restart afterwards."""

from functools import partial

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice, Status
from secondop.notices.services import tell
from secondop.vault.models import StoredFile
from secondop.web.database import ONCE_SILENT
from tests.factories import make_case, make_draft, make_user
from tests.records import files
from tests.servers import LONG

from .site import Answer, Browser, Site, at_once

ENDS = {"statement_timeout": "7s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
LINE = {"connect_timeout": "3", "tcp_user_timeout": "8000", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
PATIENCE = 5  # instead of the usual seconds, so that the tests need not wait for them
THREADS = 8  # of both workers of the web server


@pytest.fixture(scope="module", autouse=True)
def running(site: Site) -> None:
    site.start_web(DATABASE_SECONDS=str(PATIENCE))


@pytest.fixture(scope="module")
def case(transactional_db: None) -> Case:
    return make_case(State.SCREENING)


@pytest.fixture(scope="module")
def patient(site: Site, case: Case) -> Browser:
    return site.browser(case.patient)


def pages(case: Case) -> list[str]:
    return ["/", "/cases/", f"/cases/{case.uid}/", f"/records/{case.uid}/", "/accounts/login/", "/admin/", "/nowhere/"]


def get_at_once(browser: Browser, paths: list[str]) -> dict[str, Answer]:
    """The answers to requests that are all made at the same time."""
    return dict(zip(paths, at_once(*[partial(browser.get, path) for path in paths]), strict=True))


def assert_calm(answer: Answer) -> None:
    """Our own page, with a time to come back, and nothing of what went wrong inside."""
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10"), answer.words
    assert "We will be back in a moment" in answer.words
    assert not any(word in answer.text for word in ("Traceback", "Error", "psycopg", "127.0.0.1"))


def test_the_usual_patience_is_shorter_than_ten_seconds():
    assert settings.DATABASE_LOCK_SECONDS < settings.DATABASE_SECONDS
    assert settings.DATABASE_SECONDS + 1 + ONCE_SILENT < 10


def test_every_connection_brings_its_own_ends_to_waiting(transactional_db):
    with connection.cursor() as cursor:
        said = {name: cursor.execute(f"SHOW {name}") or cursor.fetchone()[0] for name in ENDS}
    assert said == ENDS
    sent = connection.connection.get_dsn_parameters()
    assert {name: sent[name] for name in LINE} == LINE
    one = connection.copy()
    one.settings_dict["OPTIONS"]["options"] += " -c statement_timeout=1s"
    with pytest.raises(OperationalError, match="statement timeout"), one.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
    one.close()


def test_a_database_that_is_gone_is_said_at_once_and_forgotten_when_it_is_back(site, patient, case):
    assert patient.get(f"/cases/{case.uid}/").status == 200
    site.database.cut()
    try:
        before, answers = site.database.dialled, get_at_once(patient, pages(case))
        for answer in answers.values():
            assert_calm(answer)
        assert site.database.dialled - before <= len(answers), "none tries again and again"
        assert site.browser().get("/").status == 200, "a visitor's start page needs no database"
        for browser in (site.browser(), patient):
            assert browser.get("/healthz").status == 200
            ready = browser.get("/readyz")
            assert (ready.status, '"database": "no answer"' in ready.text) == (503, True)
            assert '"broker": "ok", "storage": "ok"' in ready.text
        assert_calm(patient.post(f"/cases/{case.uid}/withdraw/", {"note": ""}))
    finally:
        site.database.mend()
    answers = get_at_once(patient, [*pages(case)[:4], "/readyz"])
    assert {answer.status for answer in answers.values()} == {200}
    assert Case.objects.get(pk=case.pk).state == State.SCREENING


def test_connections_that_died_unnoticed_cost_nobody_an_error(site, patient, case):
    get_at_once(patient, [f"{path}?{number}" for number in range(4) for path in pages(case)[1:4]])
    site.database.reset()
    answers = get_at_once(patient, [f"{path}?{number}" for number in range(4) for path in pages(case)[1:4]])
    assert {answer.status for answer in answers.values()} == {200}


def test_a_silent_database_is_given_up_and_holds_up_nobody_behind(site, patient, case):
    paths = [f"{path}?{number}" for number in range(6) for path in ["/healthz", "/readyz", *pages(case)]]
    usual = max(answer.seconds for answer in get_at_once(patient, paths).values())
    site.database.silence()
    try:
        answers = get_at_once(patient, paths)
        if_each_waited = len(answers) / THREADS * (PATIENCE + 1)
        assert max(answer.seconds for answer in answers.values()) < usual + 2 / 3 * if_each_waited
        for path, answer in answers.items():
            if path.startswith("/healthz"):
                assert answer.status == 200
            elif path.startswith("/readyz"):
                assert '"database": "no answer"' in answer.text
            else:
                assert_calm(answer)
        assert site.browser().get("/").status == 200, "a visitor's start page stands without the database"
    finally:
        site.database.mend()
    assert patient.get(f"/cases/{case.uid}/").status == 200
    assert site.browser().get("/readyz").status == 200


def test_an_upload_that_the_database_left_keeps_nothing_and_can_be_sent_again(site):
    case = make_case(State.DRAFT)
    browser, path = site.browser(case.patient), f"/records/{case.uid}/upload/"
    browser.upload(path, ("first.pdf", files.pdf()))
    scan = ("scan.dcm", files.dicom() + bytes(9 * 1024 * 1024))
    line, rest = browser.begin_upload(path, scan)
    site.until(lambda: StoredFile.objects.filter(case_uid=case.uid, status="writing").exists(), LONG)
    site.database.cut()
    line.send(rest)
    assert line.getresponse().status == 503
    line.close()
    site.database.mend()
    assert list(case.records.values_list("name", flat=True)) == ["first.pdf"]
    assert set(StoredFile.objects.filter(case_uid=case.uid, status="stored")) == {case.records.get().stored}
    assert browser.upload(path, scan).status == 302
    assert case.records.count() == 2


def test_the_worker_outlives_it_too(site):
    site.start_worker()
    site.database.silence()
    notice = tell(make_user(), "ready", case=make_draft(), link="/cases/1/")
    site.send("secondop.notices.tasks.deliver", str(notice.pk))
    site.until(lambda: "the database does not answer in time" in site.log("worker"), LONG)
    site.database.mend()
    site.send("secondop.notices.tasks.deliver", str(notice.pk))
    site.until(lambda: Notice.objects.get(pk=notice.pk).status == Status.SENT, LONG)
    assert [recipient for recipient, _ in site.mail.mails].count(notice.email) == 1


def test_a_case_that_somebody_holds_is_said_to_be_busy_and_nothing_is_lost(site, patient, case):
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        answer = patient.post(f"/cases/{case.uid}/withdraw/", {"note": ""})
        assert (answer.status, "Retry-After" in answer.headers) == (503, True)
        assert "Somebody else is at this right now" in answer.words
    assert Case.objects.get(pk=case.pk).state == State.SCREENING
    assert patient.post(f"/cases/{case.uid}/withdraw/", {"note": ""}).status == 302
    assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN
