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
    return make_draft(touched_at=now() - timedelta(days=days))


@pytest.mark.parametrize(("days", "act", "kind"), [(3, drafts.remind, "draft_reminder"), (53, drafts.warn, "draft_ending")])
def test_two_workers_tell_once(days, act, kind):
    case = silent(days)
    with behind(lambda: act(Case.objects.get(pk=case.pk))) as came:
        assert act(case)
    assert came == [False]
    assert Notice.objects.filter(kind=kind).count() == 1


@pytest.mark.parametrize(("days", "act"), [(3, drafts.remind), (53, drafts.warn)])
def test_a_change_in_the_moment_of_a_notice_wins(days, act):
    case = silent(days)
    found = Case.objects.get(pk=case.pk)
    with behind(lambda: act(found)) as came:
        drafts.touch(lock(case))
    assert came == [False]
    assert not Notice.objects.exists()
