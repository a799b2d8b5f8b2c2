"""A request for a child: the day of birth is asked, has to fit, and sets the end of the parent's right."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.web.clock import now, shifted

from .filled import SCREENS, WHO, begin, fill, put, signed_in, stamp, url

pytestmark = pytest.mark.django_db
TIM = {"for_whom": "other", "subject_name": "Tim Example", "relationship": "parent", "authority": "parental", "age_band": "12-17"}
# The next such day of the year: a session that was begun now has ended for a clock that goes back.
TODAY = next(day for year in (now().year, now().year + 1) if (day := datetime(year, 11, 28, 15, tzinfo=UTC)) > now())


def years(before: int, day: str) -> str:
    """The date ``day`` (month and day of the month) in the year so many years before ``TODAY``'s."""
    return f"{TODAY.year - before}-{day}"


FOR_TIM = {**WHO, **TIM, "birth_date": years(16, "05-04"), "decision_date": ""}
ADULT = datetime(TODAY.year + 2, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"birth_date": ""}, "birth_date", "Write the date of birth"),
        ({"birth_date": years(-4, "01-01")}, "birth_date", "lies ahead"),
        ({"birth_date": years(18, "11-28")}, "birth_date", "From the age of 18 on"),
        ({"birth_date": years(46, "01-01")}, "birth_date", "From the age of 18 on"),
        ({"birth_date": years(6, "01-01")}, "birth_date", "does not fit"),
        ({"age_band": "40-64"}, "authority", "a child under 18"),
        ({"age_band": "18-39", "birth_date": years(18, "01-01")}, "authority", "a child under 18"),
        ({"region": "AL", "age_band": "40-64"}, "authority", "a child under 19"),
        ({"region": "AL", "age_band": "18-39", "birth_date": ""}, "birth_date", "Write the date"),
        ({"region": "AL", "age_band": "18-39", "birth_date": years(19, "01-01")}, "birth_date", "From the age of 19 on"),
        ({"authority": "guardian", "birth_date": ""}, "birth_date", "Write the date"),
        ({"authority": "consent"}, "authority", "a parent or a guardian"),
        ({"authority": "attorney"}, "authority", "a parent or a guardian"),
    ],
)
def test_a_date_that_cannot_be_is_told_and_kept_in_the_form(changes, field, words):
    with shifted(TODAY):
        client = signed_in()
        case = begin(client)
        answer = put(client, case, "who", {**FOR_TIM, **changes})
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert set(errors) == {field} and words in errors[field][0]
        assert "who" not in Case.objects.get(pk=case.pk).brief.done


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"birth_date": years(18, "11-29")},
        {"birth_date": years(0, "11-28"), "age_band": "0-1"},
        {"region": "AL", "age_band": "18-39", "birth_date": years(18, "01-01")},
        {"authority": "guardian", "age_band": "40-64", "birth_date": ""},
        {"authority": "consent", "age_band": "40-64", "birth_date": ""},
        {"region": "AL", "authority": "guardian", "age_band": "18-39", "birth_date": years(27, "01-01")},
    ],
)
def test_what_fits_goes_on(changes):
    with shifted(TODAY):
        client = signed_in()
        case = begin(client)
        assert put(client, case, "who", {**FOR_TIM, **changes}).status_code == 302


@pytest.mark.parametrize("born", [years(16, "05-04"), years(18, "11-29")])
def test_a_draft_stays_its_writers_to_mend_and_to_delete_after_the_birthday(born):
    with shifted(TODAY):
        client = signed_in()
        case = begin(client)
        client.post(url("autosave", case, "who"), {**FOR_TIM, "birth_date": born, "stamp": stamp(client, case, "who")})
        assert case.access.get(right=Right.OWN).until is None
    with shifted(ADULT):
        client.force_login(client.user)
        assert put(client, case, "who", {**FOR_TIM, "birth_date": years(13, "05-04"), "decision_date": ""}).status_code == 302
        assert client.post(url("delete", case)).status_code == 302
    assert not Case.objects.filter(pk=case.pk).exists()


def test_the_date_is_asked_with_its_reason_and_shown_before_it_is_sent(monkeypatch):
    client = signed_in()
    case = begin(client)
    assert "Why we ask" in client.get(url("screen", case, "who")).content.decode()
    monkeypatch.setitem(SCREENS, "who", FOR_TIM)
    fill(client, case)
    page = client.get(url("check", case)).content.decode()
    assert f"4 May {TODAY.year - 16}" in page
    assert client.post(url("submit", case)).url == url("receipt", case)
    assert case.access.get(right=Right.OWN).until == ADULT


def test_nobody_sends_a_request_for_a_child_who_came_of_age_meanwhile(monkeypatch):
    client = signed_in()
    case = begin(client)
    monkeypatch.setitem(SCREENS, "who", FOR_TIM)
    fill(client, case)
    with shifted(ADULT):
        client.force_login(client.user)
        answer = client.post(url("submit", case), follow=True)
        assert answer.redirect_chain[-1][0] == url("check", case) and "From the age of 18 on" in answer.content.decode()
        assert client.get(reverse("tracking:list")).status_code == 200
    assert Case.objects.get(pk=case.pk).submitted_at is None


def test_another_persons_date_says_nothing_about_oneself():
    client = signed_in()
    case = begin(client)
    put(client, case, "who", FOR_TIM)
    put(client, case, "who", {**WHO, "birth_date": years(16, "05-04")})
    assert f"May {TODAY.year - 16}" not in client.get(url("check", case)).content.decode()
    assert Case.objects.get(pk=case.pk).brief.birth_date == date(TODAY.year - 16, 5, 4)
