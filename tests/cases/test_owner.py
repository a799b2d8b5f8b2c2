"""Who takes care of a request that was just sent."""

from datetime import timedelta

import pytest

from secondop.accounts.models import Role, User
from secondop.cases.services import pick_owner
from secondop.cases.states import State
from secondop.web.clock import now
from tests.factories import make_case, make_draft, make_user

pytestmark = pytest.mark.django_db


def test_the_coordinator_with_the_fewest_open_cases_takes_the_next():
    busy, free = make_user(Role.COORDINATOR), make_user(Role.LEAD)
    for state in (State.SCREENING, State.CHECKING):
        make_case(state, coordinator=busy)
    for state in (State.READY, State.DELIVERED, State.CLOSED, State.DECLINED, State.WITHDRAWN):
        make_case(state, coordinator=free)
    assert pick_owner(make_draft()) == free, "what has ended takes no time"
    for state in (State.IN_REVIEW, State.IN_REVIEW):
        make_case(state, coordinator=free)
    assert pick_owner(make_draft()) == busy


def test_nobody_is_their_own_coordinator_or_picked_while_away_or_switched_off():
    first, second = make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)
    assert pick_owner(make_draft(first)) == second
    for change in ({"away_until": now().date() + timedelta(days=1)}, {"is_active": False}, {"roles": ["specialist"]}):
        before = User.objects.filter(pk=second.pk).values(*change).get()
        User.objects.filter(pk=second.pk).update(**change)
        assert pick_owner(make_draft(first)) is None, "the case is left with the team"
        assert pick_owner(make_draft()) == first
        User.objects.filter(pk=second.pk).update(**before)


def test_without_a_coordinator_the_whole_team_has_the_case():
    make_user(Role.SPECIALIST)
    assert pick_owner(make_draft()) is None
