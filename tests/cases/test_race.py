"""What two people, or a person and the clock, do at the same moment, on real PostgreSQL with a session for each."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from intake.services import Stamp, save_screen, start
from opinions.services.drafts import start as begin_draft
from opinions.services.writing import Overtaken, WrittenText
from opinions.services.writing import Stamp as Window
from opinions.services.writing import save as save_opinion
from secondop.accounts.models import User
from secondop.cases import asks, erasures, services
from secondop.cases.access import Right, grant, revoke
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import NotAllowed, Refused, lock
from secondop.cases.messages import MESSAGES_AN_HOUR, mark_read, write
from secondop.cases.models import Brief, Case, ErasureRequest, Message, ReadMark
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from secondop.web.typed import FORM
from tests.factories import PASSWORD, make_case, make_user
from tests.intake.filled import signed_in, stamp
from tests.servers import LONG
from tracking.leaving import accounts
from tracking.leaving.forgetting import forget
from tracking.models import AccountClosure
from tracking.services import withdraw

pytestmark = pytest.mark.django_db(transaction=True)
# Of this database only: workers share a server. Not pg_stat_activity, which stands still within a transaction.
WAITING = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def until_somebody_waits_for_a_lock():
    """Return once another session does; raise ``AssertionError`` when none does."""
    limit = time.monotonic() + LONG
    with connection.cursor() as cursor:
        while time.monotonic() < limit:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


@contextmanager
def behind(act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run ``act`` in a session of its own, where it waits for what the block has written; gives a list for what came of it."""
    came: list[Any] = []

    def run() -> None:
        try:
            came.append(act())
        except Refused as error:
            came.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        yield came
        other.start()
        until_somebody_waits_for_a_lock()
    other.join(timeout=LONG)


def test_an_answer_in_the_last_moment_counts():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    case.asks.update(reminded=len(asks.REMINDER_DAYS))

    def end():
        with shifted(timedelta(days=31)):
            return services.expire(case)

    with behind(end) as came, shifted(timedelta(days=31)):
        asks.answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "y"})
    assert isinstance(came[0], Refused)
    assert Case.objects.get(pk=case.pk).state == State.SCREENING


def test_an_ask_that_is_extended_in_the_moment_of_a_reminder_keeps_those_of_its_new_date():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])

    def remind():
        with shifted(timedelta(days=7)):
            return asks.remind()

    with behind(remind), shifted(timedelta(days=7)):
        asks.extend_ask(ask, by=case.owner, due_at=now() + timedelta(days=14), reason="x")
    ask.refresh_from_db()
    assert ask.reminded == 0 and not Notice.objects.filter(kind="ask_reminder").exists()


def test_an_older_window_takes_no_mark_back_that_a_newer_one_sets_at_the_same_moment():
    case = make_case(State.IN_REVIEW)
    first, second, third = (write(case, by=case.patient, text=text) for text in ("One", "Two", "Three"))
    mark_read(case, case.owner, first)
    with behind(lambda: mark_read(case, case.owner, second)):
        mark_read(case, case.owner, third)
    assert ReadMark.objects.get(case=case, user=case.owner).read_at == third.at


def test_messages_written_at_the_same_moment_in_two_cases_count_together():
    first = make_case(State.SCREENING)
    second = make_case(State.SCREENING, patient=first.patient)
    for number in range(MESSAGES_AN_HOUR - 1):
        write(first, by=first.patient, text=f"Word {number}")
    with behind(lambda: write(second, by=first.patient, text="One too many")) as came:
        write(first, by=first.patient, text="The last one")
    assert isinstance(came[0], Refused) and "wait an hour" in str(came[0])
    write(first, by=first.owner, text="Staff go on")
    with shifted(timedelta(hours=1, minutes=1)):
        write(second, by=first.patient, text="An hour later")


def test_a_form_that_meets_the_erasing_of_its_case_is_told_so_and_keeps_its_words():
    case, page = make_case(State.SCREENING), Client()
    page.force_login(case.patient)
    with behind(lambda: page.post(reverse("tracking:messages", args=[case.uid]), "text=It+hurts+less", FORM)) as came:
        erase(case, by=case.patient)
    assert came[0].status_code == 409
    assert "This case was deleted, so this was not saved." in came[0].text
    assert "It hurts less" in came[0].text
    assert not Message.objects.exists()


@pytest.mark.parametrize("way", ["screen", "autosave"])
def test_a_screen_of_the_intake_that_meets_the_deletion_of_its_request_is_told_so(way):
    case, page = make_case(State.DRAFT), Client()
    page.force_login(case.patient)
    sent = {"diagnosis": "A stone", "stamp": stamp(page, case, "question"), "act": "continue"}
    with behind(lambda: page.post(reverse(f"intake:{way}", args=[case.uid, "question"]), urlencode(sent), FORM)) as came:
        erase(case, by=case.patient)
    assert came[0].status_code == 409
    assert ("A stone" in came[0].text) == (way == "screen")


def test_a_save_that_waits_for_another_window_sees_what_that_has_stored():
    case = make_case(State.DRAFT)
    page = signed_in(case.patient)
    sent = {"diagnosis": "Mine", "stamp": stamp(page, case, "question"), "only": "diagnosis"}
    with behind(lambda: page.post(reverse("intake:autosave", args=[case.uid, "question"]), urlencode(sent), FORM)) as came:
        save_screen(case, "question", by=case.patient, answers={"diagnosis": "Theirs"}, stamp=Stamp("", "theirs"))
    assert came[0].status_code == 409
    assert Brief.objects.get(case=case).diagnosis == "Theirs"


def test_a_save_that_waits_while_its_right_ends_is_not_taken():
    case, helper = make_case(State.DRAFT), make_user()
    grant(case, helper, Right.DECIDE, "family")

    def save():
        with pytest.raises(NotAllowed):
            save_screen(case, "question", by=helper, answers={"diagnosis": "Too late"})

    with behind(save) as came:
        lock(case)
        revoke(case, Right.DECIDE)
    assert came == [None]
    assert Brief.objects.get(case=case).diagnosis == ""


def test_an_opinion_that_waits_for_another_window_sees_what_that_has_stored():
    case = make_case(State.IN_REVIEW)
    begin_draft(case, by=case.specialist)

    def save():
        with pytest.raises(Overtaken) as overtaken:
            save_opinion(case, by=case.specialist, stamp=Window(0, "mine"), text=WrittenText(fields={"first_read": "Mine"}))
        return overtaken.value.opinion.first_read

    with behind(save) as came:
        save_opinion(case, by=case.specialist, stamp=Window(0, "theirs"), text=WrittenText(fields={"first_read": "Theirs"}))
    assert came == ["Theirs"]


def test_a_case_is_kept_while_a_worker_comes_to_erase_it():
    case = make_case(State.DELIVERED)
    asked = erasures.ask(case, by=case.patient)

    came = []

    def erase_it():
        with shifted(timedelta(days=8)):
            came.append(erasures.carry_out(asked))
        connection.close()

    other = threading.Thread(target=erase_it)
    with transaction.atomic():
        lock(case)
        other.start()
        until_somebody_waits_for_a_lock()
        assert erasures.keep(case, by=case.patient)
    other.join(timeout=LONG)
    assert came == [False]
    assert Case.objects.filter(pk=case.pk).exists() and not ErasureRequest.objects.exists()


def test_asking_to_erase_a_case_that_starts_again_at_the_same_moment_says_why_not():
    case = make_case(State.DELIVERED)
    page = signed_in(case.patient)
    with behind(lambda: page.post(reverse("tracking:erase", args=[case.uid]), {"password": PASSWORD})) as came:
        services.reopen(case, by=case.patient, note="A new scan.")
    assert came[0].status_code == 422
    assert "has to stop first" in came[0].text


def test_closing_an_account_while_one_of_its_cases_moves_says_so():
    case = make_case(State.SCREENING)
    page = signed_in(case.patient)
    with behind(lambda: page.post(reverse("tracking:close_account"), {"password": PASSWORD})) as came:
        withdraw(case, by=case.patient)
    assert came[0].status_code == 422
    assert "has just changed" in came[0].text


def test_a_request_that_is_begun_while_the_account_is_closed_is_refused_or_goes_with_it():
    patient, other = make_user(), make_user()
    for person in (patient, other):
        accounts.note(person)
    AccountClosure.objects.update(due_at=now())
    in_another_tab = User.objects.get(pk=patient.pk)
    with behind(lambda: start(by=in_another_tab)) as came:
        forget(patient)
    assert [str(error) for error in came] == ["This account is closed."]
    with behind(accounts.close_due) as came:
        start(by=other)
    assert came == [1], "it waits, and takes the request along"
    assert not Case.objects.exists()
