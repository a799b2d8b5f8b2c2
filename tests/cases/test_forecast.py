"""When an opinion should be there: by our own times once enough stand behind them, and a new date when one slips."""

from datetime import timedelta

import pytest
from django.core.cache import caches

from secondop.cases.asks import open_ask
from secondop.cases.clocks import expected
from secondop.cases.forecast import expected_in_words, forecast, note_slip, note_slips
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.statistics import LEAST
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_delivered

pytestmark = pytest.mark.django_db
DAY, SOON = timedelta(days=1), timedelta(minutes=1)


def test_dates_are_targets_until_enough_opinions_stand_behind_them():
    case, ready = make_case(State.SCREENING), make_case(State.READY)
    for number in range(LEAST):
        assert forecast(case) is None
        assert "our target, not a promise" in expected_in_words(case)
        make_delivered(ago=(number + 1) * DAY, asking=(number + 3) * DAY, complete=2 * DAY)
        caches["pages"].clear()  # as after its ten minutes
    found = forecast(case)
    assert abs(found.usually - case.submitted_at - 12.5 * DAY) < SOON and found.opinions == LEAST
    assert found.nearly_always > found.usually
    assert abs(forecast(ready).usually - ready.ready_at - 2 * DAY) < SOON
    assert expected_in_words(case).startswith("Usually by ") and f"Our last {LEAST} opinions" in expected_in_words(case)
    with shifted(15 * DAY):
        assert expected_in_words(case).startswith("Nearly always by ")
    with shifted(40 * DAY):
        assert forecast(case) is None
    assert forecast(make_case(State.DELIVERED)) is None


def test_a_page_that_is_looked_at_again_counts_nothing_again(django_assert_num_queries):
    case = make_case(State.READY)
    with django_assert_num_queries(1):
        assert [forecast(case) for _ in range(3)] == [None, None, None]


def test_a_late_stage_gets_a_new_date_and_its_reason_once():
    case = make_case(State.SCREENING)
    assert note_slip(case) is None and note_slips() == 0
    with shifted(case.due_at - now() + timedelta(hours=1)):
        assert (note_slips(), note_slips()) == (1, 0)
        fresh = Case.objects.get(pk=case.pk)
        new = expected(fresh)
        assert new > now() + DAY
        note = fresh.journal.get(event="slipped").note
        assert note.startswith("Our team needs more time.") and f"{new:%A} {new.day} {new:%B}" in note
    with shifted(case.due_at - now() + timedelta(days=20)):
        assert note_slips() == 1


def test_the_reason_names_who_is_waited_on():
    asked, reviewed = make_case(State.READY), make_case(State.IN_REVIEW)
    open_ask(asked, by=asked.owner, items=["x"])
    with shifted(30 * DAY):
        note_slips()
    assert asked.journal.get(event="slipped").note.startswith("We wait for your answer.")
    assert reviewed.journal.get(event="slipped").note.startswith("The specialist needs more time.")
