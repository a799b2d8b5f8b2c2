"""A request that nobody sends, and a clock that looks at it."""

from datetime import UTC, datetime, time, timedelta

from intake.tasks import watch_drafts
from secondop.cases.models import Case
from secondop.notices.models import Notice
from secondop.notices.services import sweep
from secondop.web.clock import shifted, today

DAY = timedelta(days=1)
START = datetime.combine(today() + 90 * DAY, time(15), UTC)  # after every right of the tests has begun
ABOUT = ("draft_reminder", "draft_ending", "draft_deleted")


def told(case: Case, *kinds: str) -> list[tuple[str, datetime]]:
    """What the patient was told about the silence, and when, by the day."""
    rows = Notice.objects.filter(recipient=case.patient, kind__in=kinds or ABOUT).order_by("created_at")
    return list(rows.values_list("kind", "created_at"))


def watched(case: Case, days: float) -> list[str]:
    """The kinds of notices that the clock has told after so many days of silence."""
    with shifted(case.touched_at + days * DAY):
        watch_drafts()
    return [kind for kind, _ in told(case)]


def filled(case: Case) -> Case:
    """The draft, in which one screen has been saved."""
    case.brief.saved_by_page = {"who": "page"}
    case.brief.save()
    return case


def at_the_end(case: Case) -> Case:
    """The draft after 53 days of silence, with the warning mailed."""
    watched(case, 53)
    with shifted(START + 53.01 * DAY):
        assert sweep() > 0
    case.refresh_from_db()
    return case
