"""A parent asks for a child until the child is an adult, and not for a moment longer."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from secondop.accounts.models import Role
from secondop.cases.access import Access, Right, grant, parties, revoke, rights_of
from secondop.cases.lifecycle import desk_of, recipients
from secondop.cases.majority import ends_at, set_end
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import now, shifted
from secondop.web.typed import FORM
from tests.factories import make_user

from .minors import BORN, make_childs_case

pytestmark = pytest.mark.django_db
ADULT = datetime(BORN.year + 18, 3, 14, tzinfo=UTC)  # midnight in the zone of the tests
SECOND = timedelta(seconds=1)


def may(case: Case, person) -> set[Right]:
    """Every right with which ``person`` can open ``case`` now."""
    return {right for right in Right if Case.objects.visible_to(person, right).filter(pk=case.pk).exists()}


class NoMomentAfter(TestCase):
    """Whatever the parent is besides, whenever they ask: from that moment on nothing of the case is theirs."""

    @settings(max_examples=40)
    @given(
        after=st.timedeltas(timedelta(0), timedelta(days=40_000)),
        before=st.timedeltas(SECOND, timedelta(days=90)),
        state=st.sampled_from([State.SCREENING, State.DELIVERED]),
        role=st.sampled_from([None, Role.COORDINATOR, Role.LEAD, Role.SPECIALIST]),
        family=st.sampled_from([None, timedelta(days=1), timedelta(days=50_000)]),
    )
    def test_the_parent_and_the_parents_family_see_nothing(self, after, before, state, role, family):
        parent, aunt = make_user(role), make_user()
        case = make_childs_case(state, patient=parent)
        grant(case, aunt, Right.DECIDE, "family", until=now() + family if family else None)
        set_end(case)
        with shifted(ADULT - before):
            assert Right.OWN in may(case, parent)
        with shifted(ADULT + after):
            for person in (parent, aunt):
                assert may(case, person) == set() == rights_of(person, case)
                assert parties(case, person) == set()
            assert recipients(case, Party.PATIENT) == []
            assert parent not in desk_of(case, Role.COORDINATOR)


def test_the_next_request_is_refused_with_a_page_that_says_why(client):
    case = make_childs_case()
    pages = [reverse(f"tracking:{name}", args=[case.uid]) for name in ("case", "messages", "consents", "family", "withdraw")]
    pages += [reverse("records:list", args=[case.uid]), reverse("intake:receipt", args=[case.uid])]
    stranger, words = Client(), "Is there any news from the hospital about the pictures that we sent to you?"
    with shifted(ADULT - SECOND * 90):
        client.force_login(case.patient)
        assert {client.get(page).status_code for page in pages} == {200}
    with shifted(ADULT):
        stranger.force_login(make_user())
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 403 and "The patient is an adult now" in answer.content.decode()
            assert stranger.get(page).status_code == 404
        said = client.post(reverse("tracking:messages", args=[case.uid]), f"text={words}", content_type=FORM)
        assert said.status_code == 403 and words in said.content.decode() and not case.messages.exists()
        assert case.reference not in client.get(reverse("tracking:case", args=[case.uid])).content.decode()


@pytest.mark.parametrize(
    ("about", "ends"),
    [
        ({}, ADULT),
        ({"authority": "guardian"}, ADULT),
        ({"authority": "guardian", "birth_date": date(1990, 1, 1), "age_band": "18-39"}, None),
        ({"authority": "attorney"}, None),
        ({"for_whom": "self"}, None),
        ({"birth_date": None}, None),
        ({"region": "Alabama"}, datetime(BORN.year + 19, 3, 14, tzinfo=ZoneInfo("America/Chicago"))),
    ],
)
def test_the_end_follows_from_who_asks_for_whom_and_where(about, ends):
    JurisdictionRule.objects.create(
        country="US", region="Alabama", majority_age=19, time_zone="America/Chicago", source="test", reviewed_on=BORN, verdict="direct"
    )
    case = make_childs_case(about=about)
    assert ends_at(case) == ends
    assert case.access.get(right=Right.OWN).until == ends


@pytest.mark.parametrize("born", [BORN, date(1980, 3, 14)])
def test_no_birthday_and_no_mistyped_one_closes_a_draft(born):
    case = make_childs_case(State.DRAFT, born=born)
    assert ends_at(case) is None and case.access.get(right=Right.OWN).until is None
    with shifted(ADULT):
        assert Right.OWN in may(case, case.patient)


def test_an_end_that_has_come_is_never_taken_back():
    case = make_childs_case()
    revoke(case, Right.OWN)
    ended = case.access.get(right=Right.OWN).until
    case.brief.birth_date = date(2020, 1, 1)
    set_end(case)
    assert case.access.get(right=Right.OWN).until == ended and may(case, case.patient) == set()


def test_what_the_desk_and_others_hold_does_not_end_with_the_parents_right():
    coordinator = make_user(Role.COORDINATOR)
    case = make_childs_case(coordinator=coordinator)
    with shifted(ADULT):
        assert Right.COORDINATE in may(case, coordinator)
    assert Access.objects.get(case=case, right=Right.COORDINATE).until is None
