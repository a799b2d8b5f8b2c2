"""Working time and the date are those of the organisation's place, whoever reads them from wherever."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from intake.rules import decision
from routing.forms import AcceptForm
from routing.services.eligibility import candidates, licence_of
from secondop.accounts.models import Role, User
from secondop.catalog.calendar import add_working_days, add_working_hours
from secondop.catalog.models import Holiday
from secondop.web.clock import shifted, today
from tests.factories import make_user
from tests.routing.people import give_licence, make_specialist, ready_case

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
FRIDAY_EVENING = datetime(2026, 11, 20, 20, tzinfo=NEW_YORK)  # Saturday in UTC


@pytest.fixture(autouse=True)
def in_new_york(settings):
    """The organisation works there; the reader is far ahead of it."""
    settings.TIME_ZONE = NEW_YORK.key
    with timezone.override("Pacific/Auckland"):
        yield


def test_a_working_day_after_friday_evening_is_monday_evening():
    assert add_working_days(FRIDAY_EVENING, 1) == datetime(2026, 11, 23, 20, tzinfo=NEW_YORK)
    assert add_working_hours(FRIDAY_EVENING, 1) == datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)


def test_nobody_works_on_a_holiday():
    Holiday.objects.create(day=date(2026, 11, 23), name="A long weekend")
    assert add_working_days(FRIDAY_EVENING, 1) == datetime(2026, 11, 24, 20, tzinfo=NEW_YORK)
    assert add_working_hours(FRIDAY_EVENING, 1) == datetime(2026, 11, 24, 10, tzinfo=NEW_YORK)


def test_today_is_the_organisations_day():
    with shifted(FRIDAY_EVENING):
        assert today() == date(2026, 11, 20)
        coordinator = make_user(Role.COORDINATOR, away_until=date(2026, 11, 20))
        assert coordinator not in User.objects.active_in(Role.COORDINATOR).available()


def test_the_last_day_of_a_licence_and_of_a_decision_ends_at_midnight():
    with shifted(FRIDAY_EVENING):
        person = make_specialist(licences=0)
        give_licence(person.specialist_profile, make_user(Role.ADMINISTRATOR), expires_on=date(2026, 11, 20))
        case = ready_case()
        assert licence_of(person, case)[0] and all(candidate.eligible for candidate in candidates(case))
        assert AcceptForm(case=case).fields["proposed_due"].widget.attrs["min"] == "2026-11-20"
        assert decision({"decision_date": date(2026, 11, 20)}) == {}
        assert decision({"decision_date": date(2026, 11, 19)})
