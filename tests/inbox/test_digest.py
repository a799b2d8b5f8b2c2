"""The summary of the day: once, figures only, and nothing lost by it."""

import re
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role, User
from secondop.cases.states import State
from secondop.inbox import digest
from secondop.inbox.services import KEPT, visible
from secondop.inbox.tasks import send_digests
from secondop.notices.choices import choices_of, choose
from secondop.notices.content import mail_of
from secondop.notices.groups import GATHERED
from secondop.notices.models import Notice, Status
from secondop.notices.services import deliver, sweep, tell
from secondop.web.clock import shifted
from tests.factories import make_case, make_user
from tests.inbox.ways import link_in, signed_in, status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def coordinator_with_news(hour: int = 8) -> tuple[User, list[Notice]]:
    """A coordinator in Berlin with a summary at ``hour``, and what came for them on Thursday."""
    coordinator = make_user(Role.COORDINATOR, time_zone="Europe/Berlin")
    choose(coordinator, only_here=[], digest_hour=hour)
    case = make_case(State.SCREENING, coordinator=coordinator)
    Notice.objects.all().delete()
    told = [tell(coordinator, kind, case=case) for kind in ("case_assigned", "ask_answered", "message_staff", "unacknowledged")]
    return coordinator, told


def test_the_summary_comes_once_a_day_instead_of_single_mails_and_holds_figures_only():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        _, told = coordinator_with_news()
        assert [deliver(notice.uid) for notice in told] == [False, False, False, True], "what is urgent comes at once"
        assert {status(notice) for notice in told[:3]} == {Status.GATHERED}
        assert digest.send_due() == 0, "it is not eight o'clock yet"
    with shifted(datetime(2026, 11, 27, 7, 0, tzinfo=UTC)):
        send_digests()
        send_digests()
        sweep()
    mail = Notice.objects.get(kind="digest", status=Status.SENT)
    said = mail_of(mail)
    assert said.subject == "Your summary of the day: 3"
    assert "News on the desk: 2. Messages on cases: 1." in said.body
    assert not re.search(r"SO-\w{4}", said.body)
    assert "http://testserver/notices/\n" in said.body
    assert {status(notice) for notice in told[:3]} == {Status.SUMMED}
    with shifted(datetime(2026, 11, 28, 8, tzinfo=UTC)):
        assert digest.send_due() == 0


def test_what_came_after_the_hour_waits_for_the_next_day():
    with shifted(datetime(2026, 11, 26, 9, tzinfo=UTC)):
        coordinator_with_news()
        sweep()
        assert digest.send_due() == 0
    with shifted(datetime(2026, 11, 27, 6, 59, tzinfo=UTC)):
        assert digest.send_due() == 0
    with shifted(datetime(2026, 11, 27, 9, 30, tzinfo=UTC)):
        assert digest.send_due() == 1


def test_what_was_read_meanwhile_or_can_be_seen_no_longer_is_not_counted():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        coordinator, told = coordinator_with_news()
        sweep()
    signed_in(coordinator).post(reverse("inbox:open", args=[told[0].uid]))
    with shifted(datetime(2026, 11, 27, 8, tzinfo=UTC)), transaction.atomic():
        assert digest.send_due() == 1
        assert Notice.objects.get(kind="digest").context == {"counts": "News on the desk: 1. Messages on cases: 1.", "total": "2"}
        transaction.set_rollback(True)
    User.objects.filter(pk=coordinator.pk).update(roles=[])
    with shifted(datetime(2026, 11, 27, 8, tzinfo=UTC)):
        assert digest.send_due() == 0
    assert not Notice.objects.filter(status=Status.GATHERED).exists()


def test_what_is_gathered_only_after_the_summary_of_its_hour_waits_for_the_next_one():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        _, told = coordinator_with_news()
        [deliver(notice.uid) for notice in told[:2]]
    with shifted(datetime(2026, 11, 27, 7, 0, 2, tzinfo=UTC)):
        assert digest.send_due() == 1
        deliver(told[2].uid)
        assert digest.send_due() == 0
    assert status(told[2]) == Status.GATHERED
    with shifted(datetime(2026, 11, 28, 7, 1, tzinfo=UTC)):
        assert digest.send_due() == 1
    totals = Notice.objects.filter(kind="digest").order_by("created_at").values_list("context__total", flat=True)
    assert list(totals) == ["2", "1"]


def test_whoever_ends_the_summary_by_its_link_gets_no_last_one():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        coordinator, _ = coordinator_with_news()
        sweep()
    with shifted(datetime(2026, 11, 27, 8, tzinfo=UTC)):
        assert digest.send_due() == 1
        late = tell(coordinator, "case_assigned", case=make_case(State.SCREENING, coordinator=coordinator))
        deliver(late.uid)
        queued = Notice.objects.get(kind="digest")
        assert Client().post(link_in(queued)).status_code == 200
        assert digest.send_due() == 0
        assert not deliver(queued.uid), "the one that was about to leave stays as well"
    assert {status(late), status(queued)} == {Status.HERE}
    assert late in visible(coordinator), "the site shows it all the same"


def test_a_summary_counts_all_however_many_they_are():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        coordinator_with_news()
        sweep()
        one = Notice.objects.filter(kind="case_assigned").values("kind", "recipient_id", "email", "case_uid", "context", "status").get()
        Notice.objects.bulk_create(Notice(**one) for _ in range(KEPT))
    with shifted(datetime(2026, 11, 27, 8, tzinfo=UTC)):
        digest.send_due()
    assert Notice.objects.get(kind="digest").context["total"] == str(KEPT + 3)


def test_giving_up_the_summary_leaves_nothing_behind_and_its_link_ends_it():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        coordinator, _ = coordinator_with_news()
        sweep()
        choose(coordinator, only_here=[])
        assert digest.send_due() == 1
        path = link_in(Notice.objects.get(kind="digest"))
        choose(coordinator, only_here=[], digest_hour=8)
        assert Client().post(path).status_code == 200
    kept = choices_of(coordinator)
    assert (kept.only_here, kept.digest_hour) == (sorted(GATHERED), None), "single mails do not begin in its place"


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_send_summaries_at_once_one_does():
    with shifted(datetime(2026, 11, 26, 15, tzinfo=UTC)):
        coordinator, _ = coordinator_with_news()
        sweep()
    barrier, sent = Barrier(4), []

    def work():
        barrier.wait()
        with shifted(datetime(2026, 11, 27, 8, tzinfo=UTC)):
            sent.append(digest.send(coordinator.pk))
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(sent) == [False, False, False, True]
    assert Notice.objects.filter(kind="digest").count() == 1
