"""How long opinions took: counted as the rule says, and not told before enough of them were delivered."""

from datetime import timedelta

import pytest

from secondop.accounts.models import Role
from secondop.cases.lifecycle import move
from secondop.cases.services import reopen
from secondop.cases.states import Party, State
from secondop.cases.statistics import LEAST, delivery_times
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_delivered, make_user, step

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def people():
    return {"patient": make_user(), "coordinator": make_user(Role.COORDINATOR), "specialist": make_user(Role.SPECIALIST)}


def about(span: timedelta) -> timedelta:
    """``span`` without the moments that the moves themselves took."""
    return timedelta(minutes=round(span / timedelta(minutes=1)))


def go_on(case, people, **days_ago):
    """Make these moves, each so many days ago."""
    cast = {Party.COORDINATOR: people["coordinator"], Party.OFFERED: people["specialist"], Party.SPECIALIST: people["specialist"]}
    for name, days in days_ago.items():
        with shifted(-days * DAY):
            case = step(case, name, cast)


def test_the_two_clocks_in_median_and_ninetieth_percentile_once_twenty_of_the_last_year_back_them(people):
    make_delivered(ago=366 * DAY, asking=99 * DAY, complete=98 * DAY, **people)
    for days in range(1, LEAST):
        make_delivered(ago=days * DAY, asking=days * DAY, complete=days * HOUR, **people)
    assert delivery_times() is None
    make_delivered(ago=364 * DAY, asking=20 * DAY, complete=20 * HOUR, **people)
    make_delivered(ago=HOUR, asking=21 * DAY, complete=21 * HOUR, **people)
    found = delivery_times()
    assert found.opinions == LEAST + 1
    assert [about(span) for span in found.from_asking] == [11 * DAY, 19 * DAY]
    assert [about(span) for span in found.from_complete] == [11 * HOUR, 19 * HOUR]


def test_each_delivery_counts_from_the_ask_and_the_completeness_that_it_answers(people):
    for _ in range(LEAST - 3):
        make_delivered(ago=DAY, asking=9.5 * DAY, complete=9 * DAY, **people)
    again = make_delivered(ago=100 * DAY, asking=9.5 * DAY, complete=9 * DAY, **people)
    with shifted(-11 * DAY):
        again = reopen(again, by=again.patient, note="A new scan.")
    go_on(again, people, make_ready=10.5, accept=9, sign=3, release=1.5)
    incomplete = make_case(State.READY, at={"submit": now() - 10.5 * DAY, "make_ready": now() - 10.4 * DAY}, **people)
    with shifted(-10.2 * DAY):
        incomplete = move(incomplete, "send_back", by=people["coordinator"])
    go_on(incomplete, people, make_ready=10, accept=4, sign=2, release=1)
    found = delivery_times()
    assert found.opinions == LEAST
    assert {about(span) for span in found.from_asking} == {9.5 * DAY}
    assert {about(span) for span in found.from_complete} == {9 * DAY}
