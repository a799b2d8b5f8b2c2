"""Stage times add up, and an open case waits on exactly one party."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from secondop.accounts.models import Role
from secondop.cases.access import Right, grant
from secondop.cases.asks import answer_ask, open_ask
from secondop.cases.clocks import complete_since, expected, stages, waiting_on
from secondop.cases.lifecycle import move
from secondop.cases.states import OPEN, Party, State
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


class StagesAddUp(TestCase):
    """Invariant 3, for any time spent anywhere."""

    @settings(max_examples=25)
    @given(state=st.sampled_from(list(State)), hours=st.integers(0, 5000))
    def test_durations_add_up_to_the_time_elapsed(self, state, hours):
        case = make_case(state)
        at = now() + timedelta(hours=hours)
        assert sum((stage.length(at) for stage in stages(case)), timedelta()) == at - case.created_at
        assert stages(case)[-1].state == case.state


@pytest.mark.parametrize("state", OPEN)
def test_an_open_case_waits_on_one_party_by_precedence(state):
    case = make_case(state)
    first = waiting_on(case)
    assert first.party in (Party.COORDINATOR, Party.SPECIALIST)
    if state == State.READY:
        offered = make_user(Role.SPECIALIST)
        grant(case, offered, Right.SUMMARY, "offer", until=now() + timedelta(hours=12))
        assert waiting_on(case)[::2] == (Party.SPECIALIST, offered)
        with shifted(timedelta(hours=13)):
            assert waiting_on(case).party == Party.COORDINATOR
    ask = open_ask(case, by=case.owner, items=["The pathology report"])
    assert waiting_on(case)[:2] == (Party.PATIENT, ask.opened_at)
    answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "It is uploaded"})
    case.refresh_from_db()
    assert waiting_on(case).party != Party.PATIENT


def test_the_expected_date_follows_the_targets_and_is_never_in_the_past():
    case = make_case(State.SCREENING)
    assert expected(case) > now()
    with shifted(timedelta(days=60)):
        before = now()
        assert expected(case) >= before
    assert expected(make_case(State.DELIVERED)) is None


def test_every_stage_has_a_date_and_waiting_for_the_patient_moves_it():
    case = make_case(State.SCREENING)
    assert case.due_at > now()
    ask = open_ask(case, by=case.owner, items=["The pathology report"])
    with shifted(timedelta(hours=30)):
        answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "Here"})
    before = case.due_at
    case.refresh_from_db()
    assert timedelta(hours=29) < case.due_at - before < timedelta(hours=31)
    assert make_case(State.DELIVERED).due_at is None


def test_records_are_complete_since_the_last_time_they_were_marked_so():
    case = make_case(State.READY)
    assert complete_since(case) == case.ready_at
    with shifted(timedelta(days=1)):
        case = move(case, "send_back", by=case.owner)
        assert complete_since(case) is None
    with shifted(timedelta(days=2)):
        case = move(case, "make_ready", by=case.owner)
        assert complete_since(case) == case.ready_at
        case = move(case, "send_back", by=case.owner)
        case = move(case, "decline", by=case.owner)
        assert complete_since(case) is None
    assert complete_since(make_case(State.DRAFT)) is None
    delivered = make_case(State.DELIVERED)
    assert complete_since(delivered) == delivered.ready_at
