"""Asks: who may ask, who may answer, what reminds and what lapses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import override

from records import services as records
from secondop.accounts.models import Role
from secondop.cases import asks, services
from secondop.cases.access import Right, grant
from secondop.cases.lifecycle import NotAllowed, Refused, move
from secondop.cases.models import Ask, Case
from secondop.cases.states import State
from secondop.cases.tasks import expire_silent
from secondop.notices.kinds import words
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.records import files

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


def test_a_form_sent_twice_asks_once_and_answers_once():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["Report", "Scan"])
    assert asks.open_ask(case, by=case.owner, items=["Report ", "Scan"]) == ask
    assert Notice.objects.filter(kind="ask_opened").count() == 1
    given = {item.pk: "Here" for item in ask.items.all()}
    for _ in range(2):
        assert asks.answer_ask(ask, by=case.patient, answers=given).status == Ask.Status.ANSWERED
    assert Notice.objects.filter(kind="ask_answered").count() == 1
    assert asks.open_ask(case, by=case.owner, items=["Report", "Scan"]) != ask, "asked anew once it was answered"


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


def test_a_specialists_ask_lapses_after_seven_days_with_no_reminder_on_the_last():
    case = make_case(State.IN_REVIEW)
    ask = asks.open_ask(case, by=case.specialist, items=["x"])
    assert asks.lapse_ask(ask) is None
    with shifted(timedelta(days=7, minutes=1)):
        assert asks.remind() == 0
        assert asks.lapse_ask(ask).status == Ask.Status.LAPSED
        assert asks.lapse_ask(ask) is None
    assert Notice.objects.filter(kind="ask_lapsed", recipient=case.specialist).count() == 1


def test_the_specialist_is_led_to_the_review_and_the_coordinator_to_the_desk():
    case = make_case(State.IN_REVIEW)
    for opener in (case.specialist, case.owner):
        ask = asks.open_ask(case, by=opener, items=["x"])
        asks.answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "y"})
    told = set(Notice.objects.filter(kind="ask_answered").values_list("recipient", "link"))
    assert told == {(case.specialist_id, f"/review/{case.uid}/"), (case.owner_id, "")}


def test_the_next_specialist_has_two_rounds_of_their_own():
    case = make_case(State.IN_REVIEW)
    first, second = case.specialist, make_user(Role.SPECIALIST)
    for item in ("x", "y"):
        asks.open_ask(case, by=first, items=[item])
    case = move(case, "reassign", by=case.owner, specialist=None)
    grant(case, second, Right.SUMMARY, "offer")
    case = move(case, "accept", by=second, specialist=second)
    grant(case, second, Right.WRITE, "accepted")
    for item in ("x", "y"):
        asks.open_ask(case, by=second, items=[item])
    with pytest.raises(Refused, match="twice"):
        asks.open_ask(case, by=second, items=["z"])


def answered(ask):
    """Give every item of ``ask`` an answer."""
    return asks.answer_ask(ask, by=ask.case.patient, answers={item.pk: "y" for item in ask.items.all()})


def days_given_back(case, due):
    """By how many days the due date has moved on from ``due``."""
    return round((Case.objects.get(pk=case.pk).due_at - due) / timedelta(days=1), 2)


def test_asks_that_overlap_give_their_common_time_back_once():
    case = make_case(State.SCREENING)
    first = asks.open_ask(case, by=case.owner, items=["x"])
    with shifted(timedelta(days=3)):
        second = asks.open_ask(case, by=case.owner, items=["x"])
    with shifted(timedelta(days=5)):
        answered(first)
    assert days_given_back(case, case.due_at) == 0
    with shifted(timedelta(days=7)):
        answered(second)
    assert days_given_back(case, case.due_at) == 7
    with shifted(timedelta(days=9)):
        third = asks.open_ask(case, by=case.owner, items=["x"])
    with shifted(timedelta(days=10)):
        answered(third)
    assert days_given_back(case, case.due_at) == 8


def test_an_ask_gives_no_time_back_from_before_the_stage_began():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    with shifted(timedelta(days=6)):
        case = move(case, "make_ready", by=case.owner)
    with shifted(timedelta(days=7)):
        answered(ask)
    assert days_given_back(case, case.due_at) == 1


@pytest.mark.parametrize(
    ("state", "name", "status"),
    [
        *((State.SCREENING, name, status) for name, status in (("decline", "cancelled"), ("withdraw", "cancelled"), ("expire", "lapsed"))),
        (State.CHECKING, "release", "cancelled"),
        (State.CHECKING, "reassign", "open"),
    ],
)
def test_an_ask_ends_with_the_case_and_reminds_nobody_afterwards(state, name, status):
    case = make_case(state)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    by = {"withdraw": case.patient, "expire": None}.get(name, case.owner)
    case = move(case, name, by=by)
    ask.refresh_from_db()
    assert ask.status == status and bool(ask.ended_at) is (status != "open")
    with shifted(timedelta(days=3)):
        assert asks.remind() == (status == "open")


@pytest.mark.parametrize("name", ["sign", "hand_back", "reassign"])
def test_a_specialists_ask_ends_with_the_review(name):
    case = make_case(State.IN_REVIEW)
    theirs = asks.open_ask(case, by=case.specialist, items=["x"])
    ours = asks.open_ask(case, by=case.owner, items=["x"])
    move(case, name, by=case.owner if name == "reassign" else case.specialist)
    assert [Ask.objects.get(pk=ask.pk).status for ask in (theirs, ours)] == ["cancelled", "open"]


def on_day(day, verb, *args, **kwargs):
    """Do something ``day`` days from now."""
    with shifted(timedelta(days=day)):
        return verb(*args, **kwargs)


def reminded_case(state=State.SCREENING):
    """A case with an ask of two items, of which the patient was reminded three times."""
    case = make_case(state)
    ask = asks.open_ask(case, by=case.owner, items=["x", "y"])
    for day in (2.1, 5.1, 7.1):
        on_day(day, expire_silent)
    assert Ask.objects.get(pk=ask.pk).reminded == 3
    return case, ask


def state_on(day, case):
    """Where ``case`` stands after the clock's run on that day."""
    on_day(day, expire_silent)
    return Case.objects.get(pk=case.pk).state


def test_a_patient_who_answers_in_part_is_not_silent():
    case, ask = reminded_case()
    on_day(29, asks.answer_ask, ask, by=case.patient, answers={ask.items.first().pk: "Here"})
    assert state_on(31, case) == State.SCREENING
    assert state_on(60, case) == State.EXPIRED


def test_a_file_from_family_ends_the_silence_and_one_from_the_desk_does_not():
    (case, _), (other, _) = reminded_case(), reminded_case()
    family = make_user()
    grant(case, family, Right.UPLOAD, "family")
    on_day(29, records.add_files, case, [("scan.pdf", files.pdf())], by=family)
    on_day(29, records.add_files, other, [("scan.pdf", files.pdf())], by=other.owner)
    assert (state_on(31, case), state_on(31, other)) == (State.SCREENING, State.EXPIRED)


def test_a_case_sent_back_late_has_thirty_days_of_its_own():
    case, _ask = reminded_case(State.READY)
    on_day(40, move, case, "send_back", by=case.owner)
    assert state_on(41, case) == State.SCREENING
    assert state_on(71, case) == State.EXPIRED


def test_a_reopened_case_is_not_ended_by_an_ask_from_before():
    case, _ask = reminded_case()
    case = on_day(20, move, case, "decline", by=case.owner)
    on_day(40, services.reopen, case, by=case.patient, note="A new scan")
    assert state_on(41, case) == state_on(80, case) == State.SCREENING


def test_more_time_moves_the_date_and_the_reminders():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    with shifted(timedelta(days=6)):
        assert asks.remind() == 2
        asks.extend_ask(ask, by=case.owner, due_at=now() + timedelta(days=8), reason="The hospital is slow.")
        assert asks.remind() == 0
    sent = 0
    for day, total in ((8, 0), (9, 1), (12, 2), (14, 3)):
        with shifted(timedelta(days=day, minutes=1)):
            sent += asks.remind()
        assert sent == total
    assert Notice.objects.filter(kind="ask_reminder").count() == 1 + 3
    assert "The hospital is slow." in case.journal.get(event="ask_extended").note
    assert Notice.objects.filter(kind="ask_extended", recipient=case.patient).count() == 1


def test_a_specialist_extends_and_closes_their_own_only_and_by_a_week_at_most():
    case = make_case(State.IN_REVIEW)
    own, desks = asks.open_ask(case, by=case.specialist, items=["x"]), asks.open_ask(case, by=case.owner, items=["y"])
    soon = own.due_at + timedelta(hours=1)
    for verb in (lambda by: asks.extend_ask(desks, by=by, due_at=soon, reason="x"), lambda by: asks.cancel_ask(desks, by=by)):
        for person in (case.specialist, case.patient):
            with pytest.raises(NotAllowed):
                verb(person)
    with shifted(timedelta(days=2)):
        for due_at, reason in ((own.due_at, "x"), (own.due_at + timedelta(days=8), "x"), (soon, " ")):
            with pytest.raises(Refused):
                asks.extend_ask(own, by=case.specialist, due_at=due_at, reason=reason)
        extended = asks.extend_ask(own, by=case.specialist, due_at=own.due_at + timedelta(days=2), reason="Asked for it.")
    with shifted(timedelta(days=8)):
        assert asks.lapse_ask(extended) is None
    assert "in time" in words("ask_lapsed", {"reference": "x"})[1], "which is seven days or more"
    assert asks.cancel_ask(extended, by=case.specialist).status == Ask.Status.CANCELLED
    with pytest.raises(Refused):
        asks.extend_ask(extended, by=case.owner, due_at=now() + timedelta(days=20), reason="x")


def test_the_days_to_choose_from_are_those_of_the_readers_zone():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    Ask.objects.filter(pk=ask.pk).update(due_at=datetime(2030, 5, 3, 2, tzinfo=UTC))
    with shifted(datetime(2030, 5, 1, 2, tzinfo=UTC)), override("America/New_York"):
        with pytest.raises(Refused, match="a day after May 2, and no later than May 30"):
            asks.extend_ask(ask, by=case.owner, due_at=datetime(2030, 5, 31, 12, tzinfo=UTC), reason="x")
        asks.extend_ask(ask, by=case.owner, due_at=datetime(2030, 5, 31, 3, 59, tzinfo=UTC), reason="x")
