"""When somebody is an adult: the midnight that begins a birthday, where they live."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from secondop.catalog.majority import Majority
from secondop.catalog.models import JurisdictionRule
from secondop.catalog.samples import load
from secondop.web.clock import shifted

ZONES = ["", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Chicago", "America/Havana", "Europe/London"]


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [
        (date(2008, 11, 30), 18, date(2026, 11, 30)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2008, 2, 28), 18, date(2026, 2, 28)),
    ],
)
def test_the_birthday_counts_and_a_leap_day_waits_for_march(born, age, day):
    assert Majority(age).birthday(born) == day


def test_the_day_begins_at_midnight_where_the_patient_lives(settings):
    settings.TIME_ZONE = "America/New_York"
    born = date(2008, 7, 4)
    assert Majority().begins(born) == datetime(2026, 7, 4, 4, tzinfo=UTC)
    assert Majority(zone="Pacific/Guam").begins(born) == datetime(2026, 7, 3, 14, tzinfo=UTC)


@given(born=st.dates(date(1990, 1, 1), date(2030, 1, 1)), age=st.integers(14, 25), zone=st.sampled_from(ZONES))
def test_somebody_is_of_age_from_the_first_second_of_that_day_and_not_before(born, age, zone):
    there = Majority(age, zone)
    moment = there.begins(born)
    assert moment.astimezone(there.tz).date() == there.birthday(born)
    for late, years in ((timedelta(0), age), (timedelta(seconds=-1), age - 1)):
        with shifted(moment.astimezone(UTC) + late):
            assert there.years(born) == years


@pytest.mark.django_db
def test_the_rule_of_the_place_sets_age_and_zone(settings):
    load()
    assert [JurisdictionRule.majority_in("US", place).age for place in ("Ohio", "AL", "nebraska", "Mississippi")] == [18, 19, 19, 18]
    assert JurisdictionRule.majority_in("US", "Alabama").tz == ZoneInfo("America/Chicago")
    assert JurisdictionRule.majority_in("FR", "") == JurisdictionRule.majority_in("", "") == Majority(18, "")
    cited = JurisdictionRule.objects.exclude(majority_age=18)
    assert len(cited) == 2 and all(rule.sample and "section" in rule.majority_source for rule in cited)


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), [("majority_age", 8), ("majority_age", 99), ("time_zone", "Mars/Olympus")])
def test_an_age_or_a_zone_that_cannot_be_is_refused(field, value):
    rule = JurisdictionRule(country="FR", verdict="direct", source="test", reviewed_on=date(2026, 11, 1), **{field: value})
    with pytest.raises(ValidationError) as refused:
        rule.full_clean()
    assert set(refused.value.message_dict) == {field}
