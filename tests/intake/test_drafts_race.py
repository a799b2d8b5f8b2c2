"""Two clocks, or the clock and a person, at the same draft in the same moment."""

from datetime import timedelta

import pytest

from intake import drafts
from secondop.cases.lifecycle import lock
from secondop.cases.models import Case
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.cases.test_race import behind
from tests.factories import make_draft

pytestmark = pytest.mark.django_db(transaction=True)


def silent(days: int) -> Case:
    """A draft that nobody has changed for so many days, as a clock's worker has found it."""
    told = {"ending_told_at": now() - timedelta(days=7)} if days >= 60 else {}
    return make_draft(touched_at=now() - timedelta(days=days), **told)


ACTS = {"draft_reminder": (3, drafts.remind), "draft_ending": (53, drafts.warn), "draft_deleted": (60, drafts.purge)}


@pytest.mark.parametrize("kind", ACTS)
def test_two_workers_tell_once(kind):
    days, act = ACTS[kind]
    case = silent(days)
    twin = Case.objects.get(pk=case.pk)
    with behind(lambda: act(twin)) as came:
        assert act(case)
    assert came == [False]
    assert Notice.objects.filter(kind=kind).count() == 1


@pytest.mark.parametrize(("days", "act"), ACTS.values())
def test_a_change_in_the_moment_of_a_notice_wins(days, act):
    case = silent(days)
    found = Case.objects.get(pk=case.pk)
    with behind(lambda: act(found)) as came:
        drafts.touch(lock(case))
    assert came == [False]
    assert not Notice.objects.exists()
    assert Case.objects.get().reminded == 0


def test_a_button_pressed_twice_deletes_once():
    case = silent(1)
    with behind(lambda: drafts.delete(case, by=case.patient)) as came:
        drafts.delete(case, by=case.patient)
    assert came == [None]
    assert not Case.objects.exists()
