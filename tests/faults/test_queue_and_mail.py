"""No broker, no mail server: what was asked is done all the same, and everybody is told once, later."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from secondop.accounts.models import Role, User
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice, Status
from secondop.web.clock import now
from tests.factories import make_user
from tests.intake.filled import begin, fill, signed_in
from tests.servers import LONG

from .site import Answer, Site

BACK = LONG  # the worker's next try to reach its broker, how soon is held in tests/web/test_queue.py, and beat's next sweep


@pytest.fixture(scope="module", autouse=True)
def running(site: Site) -> None:
    site.start_web()
    site.start_worker()


@pytest.fixture(scope="module")
def coordinator(transactional_db: None) -> User:
    return make_user(Role.COORDINATOR)


def filled_draft(**fields: str) -> Case:
    """A request that only has to be sent."""
    client = signed_in(make_user(**fields))
    case = begin(client)
    fill(client, case)
    return case


def submit(site: Site, case: Case) -> tuple[Answer, Answer]:
    """What the patient's click on the last button answers, and the page it leads to."""
    browser = site.browser(case.patient)
    answer = browser.post(f"/request/{case.uid}/submit/")
    return answer, browser.follow(answer)


def mails(site: Site, case: Case) -> list[str]:
    """The Message-IDs of the mails that came about ``case``."""
    case.refresh_from_db()
    return [mail["Message-ID"] for _, mail in site.mail.mails if case.reference in mail["Subject"]]


def all_sent(case: Case) -> bool:
    return not Notice.objects.filter(case_uid=case.uid).exclude(status=Status.SENT).exists()


@pytest.fixture
def without_clock(site: Site) -> Iterator[None]:
    """The worker has no clock: nobody sweeps, so what gets done was handed over."""
    site.kill("worker")
    site.start_worker(with_clock=False)
    yield
    site.kill("worker")
    site.start_worker()


def test_after_a_broker_was_restarted_work_is_handed_over(site, coordinator, without_clock):
    submit(site, filled_draft())
    site.redis.stop()
    site.redis.start()
    site.until(site.is_taking_tasks, BACK)
    for case in (filled_draft(), filled_draft()):
        submit(site, case)
        site.until(lambda case=case: all_sent(case), BACK)
    assert "was not sent" not in site.log("web")


def test_a_refused_mail_waits_longer_each_time_is_on_the_desk_and_goes_out_once(site, coordinator):
    case = filled_draft(email="full.mailbox@example.org")
    site.mail.refusals[case.patient.email] = "450 4.2.2 mailbox full"
    submit(site, case)
    notice = Notice.objects.get(case_uid=case.uid, recipient=case.patient)

    def tries(count: int) -> bool:
        notice.refresh_from_db()
        return (notice.status, notice.attempts, notice.taken_until) == ("queued", count, None)

    site.until(lambda: tries(1), BACK)
    assert timedelta(seconds=30) < notice.next_try_at - now() <= timedelta(minutes=1)
    Notice.objects.filter(pk=notice.pk).update(next_try_at=now())
    site.send("secondop.notices.tasks.sweep")
    site.until(lambda: tries(2), BACK)
    assert timedelta(seconds=90) < notice.next_try_at - now() <= timedelta(minutes=2)

    desk = site.browser(coordinator)
    page, retry = desk.get("/desk/"), f"/desk/notices/{notice.pk}/retry/"
    assert case.reference in page.words
    assert f'action="{retry}"' in page.text
    assert "mailbox" not in page.words
    assert desk.follow(desk.post(retry)).status == 200
    site.until(lambda: tries(1), BACK)

    site.mail.refusals.clear()
    desk.post(retry)
    site.until(lambda: all_sent(case), BACK)
    assert retry not in desk.get("/desk/").text
    assert desk.post(retry).status == 404
    assert [recipient for recipient, mail in site.mail.mails if case.reference in mail["Subject"]].count(case.patient.email) == 1


@pytest.mark.parametrize("away", ["gone", "silent"])
def test_a_request_is_sent_without_a_broker_and_told_once_it_is_back(site, coordinator, away):
    case = filled_draft()
    if away == "gone":
        site.redis.stop()
    else:
        site.broker.silence()
    try:
        answer, receipt = submit(site, case)
        assert (answer.status, answer.location) == (302, f"/request/{case.uid}/receipt/")
        case.refresh_from_db()
        assert (receipt.status, case.state) == (200, State.SCREENING)
        assert case.reference in receipt.words
        ready = site.browser().get("/readyz")
        assert (ready.status, '"broker": "no answer"' in ready.text) == (503, True)
        waiting = Notice.objects.filter(case_uid=case.uid)
        assert set(waiting.values_list("recipient", "status")) == {(case.patient_id, "queued"), (coordinator.pk, "queued")}
        assert mails(site, case) == []
    finally:
        if away == "gone":
            site.redis.start()
        else:
            site.broker.mend()
    site.until(site.is_taking_tasks, BACK)
    site.until(lambda: all_sent(case), BACK)  # by the clock, which went on by itself
    assert len(mails(site, case)) == len(set(mails(site, case))) == waiting.count()
