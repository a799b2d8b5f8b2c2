"""Quiet hours and the hour of the summary, by every clock on earth: nights in which the clock is changed too."""

import zoneinfo
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secondop.notices.quiet import end_of_quiet, is_quiet, last_hour

ZONES = sorted(zoneinfo.available_timezones())
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(1975, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The hours of a year in which the clocks of a zone are changed."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + count * HOUR for count in range(366 * 24)]
    return [hour for hour in hours if hour.astimezone(zone).utcoffset() != (hour + HOUR).astimezone(zone).utcoffset()]


@settings(max_examples=150)
@given(moments, zones, clocks, clocks)
def test_quiet_ends_at_the_first_minute_that_is_not_quiet(moment, zone, begins, ends):
    assume(begins != ends)
    end = end_of_quiet(moment, zone, begins, ends)
    assert (end is not None) == is_quiet(moment, zone, begins, ends)
    if end is not None:
        assert moment < end <= moment + timedelta(days=1, hours=3)
        assert not is_quiet(end, zone, begins, ends)
        assert is_quiet(end - MINUTE, zone, begins, ends) or end - MINUTE < moment
        steps = (moment + part * (end - moment) / 40 for part in range(40))
        assert all(is_quiet(step, zone, begins, ends) for step in steps)


@settings(max_examples=60)
@given(st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]), st.data(), clocks, clocks)
def test_and_so_it_does_in_the_nights_when_clocks_are_changed(name, data, begins, ends):
    assume(begins != ends)
    zone = ZoneInfo(name)
    change = data.draw(st.sampled_from(changes(zone, data.draw(st.sampled_from([2024, 2026])))))
    moment = change + data.draw(st.integers(-240, 240)) * MINUTE
    end = end_of_quiet(moment, zone, begins, ends)
    if end is None:
        assert not is_quiet(moment, zone, begins, ends)
        return
    minutes = int((end - moment) / MINUTE)
    assert all(is_quiet(moment + count * MINUTE, zone, begins, ends) for count in range(minutes))
    assert not is_quiet(end, zone, begins, ends)


@pytest.mark.parametrize(
    ("now", "zone", "begins", "ends", "end"),
    [
        ("2026-11-27T20:59", BERLIN, time(22), time(7), None),
        ("2026-11-27T21:00", BERLIN, time(22), time(7), "2026-11-28T06:00"),
        ("2026-11-28T05:59", BERLIN, time(22), time(7), "2026-11-28T06:00"),
        ("2026-11-28T06:00", BERLIN, time(22), time(7), None),
        ("2026-06-27T12:30", BERLIN, time(13), time(15), "2026-06-27T13:00"),
        ("2026-03-28T22:00", BERLIN, time(22), time(7), "2026-03-29T05:00"),  # an hour less of the night
        ("2026-10-24T22:00", BERLIN, time(22), time(7), "2026-10-25T06:00"),  # and one more
        ("2026-03-29T00:00", BERLIN, time(0), time(2, 30), "2026-03-29T01:00"),  # half past two is missing: it is three at once
        ("2026-10-25T00:10", BERLIN, time(0), time(2, 30), "2026-10-25T00:30"),
        ("2026-10-25T01:10", BERLIN, time(0), time(2, 30), "2026-10-25T01:30"),  # half past two comes again
        ("2026-10-03T15:00", LORD_HOWE, time(22), time(2, 15), "2026-10-03T15:30"),  # clocks that go on by half an hour
    ],
)
def test_nights_that_one_can_check_by_hand(now, zone, begins, ends, end):
    assert end_of_quiet(at(now), zone, begins, ends) == (at(end) if end else None)


@settings(max_examples=150)
@given(moments, zones, st.integers(0, 23))
def test_the_hour_of_the_summary_comes_once_a_day(moment, zone, hour):
    last = last_hour(moment, zone, hour)
    assert last <= moment
    assert moment - last < timedelta(days=2)
    assert last_hour(last, zone, hour) == last, "asked again, it is the same one"
    following = next(time for step in range(60) if (time := last_hour(moment + step * HOUR, zone, hour)) > last)
    assert timedelta(hours=20) < following - last < timedelta(hours=52)


def test_the_hour_of_the_summary_in_a_night_without_it():
    assert last_hour(at("2026-03-29T12:00"), BERLIN, 2) == at("2026-03-29T01:00")
    assert last_hour(at("2026-10-25T12:00"), BERLIN, 2) == at("2026-10-25T00:00")
