"""Asks: who may ask, who may answer, what reminds and what lapses."""

from datetime import timedelta

import pytest

from secondop.accounts.models import Role
from secondop.cases import asks, services
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Ask, Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


def test_only_the_coordinator_and_the_cases_specialist_ask():
    case = make_case(State.IN_REVIEW)
    for stranger in (case.patient, make_user(Role.SPECIALIST), make_user()):
        with pytest.raises(NotAllowed):
            asks.open_ask(case, by=stranger, items=["x"])
    assert asks.open_ask(case, by=case.owner, items=["x"]).by_specialist is False
    assert asks.open_ask(case, by=case.specialist, items=["x"]).by_specialist is True
    with pytest.raises(Refused):
        asks.open_ask(case, by=case.owner, items=["  "])


def test_answers_are_kept_item_by_item_and_the_opener_is_told_once_all_are_there():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["Report", "Scan"])
    first, second = ask.items.all()
    with pytest.raises(NotAllowed):
        asks.answer_ask(ask, by=make_user(), answers={first.pk: "x"})
    assert asks.answer_ask(ask, by=case.patient, answers={first.pk: "Here"}).status == Ask.Status.OPEN
    assert not Notice.objects.filter(kind="ask_answered").exists()
    assert asks.answer_ask(ask, by=case.patient, answers={second.pk: "I do not have it"}).status == Ask.Status.ANSWERED
    assert Notice.objects.filter(kind="ask_answered", recipient=case.owner).count() == 1
    with pytest.raises(Refused):
        asks.answer_ask(ask, by=case.patient, answers={first.pk: "changed"})
    assert ask.items.get(pk=first.pk).answer == "Here"


def test_a_specialist_asks_twice_at_most_and_gets_the_waiting_time_back():
    case = make_case(State.IN_REVIEW)
    Case.objects.filter(pk=case.pk).update(due_at=case.accepted_at + timedelta(hours=48))
    for _ in range(2):
        ask = asks.open_ask(case, by=case.specialist, items=["x"])
        with shifted(timedelta(hours=5)):
            asks.answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "y"})
    with pytest.raises(Refused):
        asks.open_ask(case, by=case.specialist, items=["x"])
    case.refresh_from_db()
    given_back = case.due_at - (case.accepted_at + timedelta(hours=48))
    assert timedelta(hours=9, minutes=59) < given_back < timedelta(hours=10, minutes=1)


def test_reminders_go_out_on_their_days_once_and_a_silent_case_expires():
    case = make_case(State.SCREENING)
    asks.open_ask(case, by=case.owner, items=["x"])
    sent = 0
    for day, total in ((1, 0), (2, 1), (3, 1), (5, 2), (7, 3), (29, 3)):
        with shifted(timedelta(days=day, minutes=1)):
            sent += asks.remind()
            assert asks.remind() == 0
        assert sent == total == Notice.objects.filter(kind="ask_reminder").count()
    with pytest.raises(Refused):
        services.expire(case)
    with shifted(timedelta(days=31)):
        assert services.expire(case).state == State.EXPIRED
    with shifted(timedelta(days=60)):
        assert services.reopen(case, by=case.patient, note="I was ill.").state == State.SCREENING


def test_an_expired_case_cannot_be_reopened_after_ninety_days_nor_without_saying_why():
    case = make_case(State.EXPIRED)
    with pytest.raises(Refused):
        services.reopen(case, by=case.patient, note=" ")
    with shifted(timedelta(days=92)), pytest.raises(Refused):
        services.reopen(case, by=case.patient, note="New scan")


def test_a_specialists_ask_lapses_after_seven_days_and_the_review_goes_on():
    case = make_case(State.IN_REVIEW)
    ask = asks.open_ask(case, by=case.specialist, items=["x"])
    assert asks.lapse_specialist_asks() == 0
    with shifted(timedelta(days=8)):
        assert asks.lapse_specialist_asks() == 1
    ask.refresh_from_db()
    assert ask.status == Ask.Status.LAPSED
