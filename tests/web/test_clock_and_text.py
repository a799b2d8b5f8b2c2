"""The shifted clock, and what is left of hostile text."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from secondop.web.clock import now, shifted
from secondop.web.text import bound, clean, has_bad_characters, one_line
from tests.servers import LONG

MOMENT = datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_the_clock_runs_on_from_where_it_was_put_and_comes_back():
    with shifted(MOMENT):
        first, second = now(), now()
        assert MOMENT <= first < second < MOMENT + timedelta(seconds=LONG)
        with shifted(timedelta(days=-1)):
            assert now() - timezone.now() < timedelta(hours=-23)
        assert now() < MOMENT + timedelta(seconds=LONG)
    assert abs(now() - timezone.now()) < timedelta(seconds=LONG)
    with pytest.raises(ValueError, match="time zone"), shifted(MOMENT.replace(tzinfo=None)):
        pass


def test_other_threads_keep_the_real_time():
    seen = []
    with shifted(MOMENT):
        other = Thread(target=lambda: seen.append(now()))
        other.start()
        other.join()
    assert abs(seen[0] - timezone.now()) < timedelta(seconds=LONG)


ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored_and_cleaning_it_again_changes_nothing(text):
    cleaned = clean(text)
    cleaned.encode()
    assert not has_bad_characters(cleaned)
    assert clean(cleaned) == cleaned
    assert not set(one_line(text)) & set("\r\n\v\f\x85\u2028\u2029")


def test_ordinary_text_stays_as_it_is():
    assert clean("Zażółć 日本 👩‍⚕️\tcm\r\nnext") == "Zażółć 日本 👩‍⚕️\tcm\nnext"
    assert one_line("  two\n\nwords ", 5) == "two w"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("A nodule, 22 mm, with", "A nodule, 22_mm, with"),
        ("Waiting for 3 days", "Waiting for 3_days"),
        ("Dr. Noor Rahman asks", "Dr._Noor Rahman asks"),
        ("22 months of 5 mg", "22_months of 5_mg"),
        ("4 December, 5 mothers", "4 December, 5 mothers"),
    ],
)
def test_figures_stay_beside_their_units(words, expected):
    assert bound(words) == expected.replace("_", "\u00a0")
