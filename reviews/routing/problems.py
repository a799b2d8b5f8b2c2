"""What went wrong, waits for a lead, or came for a case that is done: the box on top of the desk. Reads only."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from secondop.accounts.models import Role, User
from secondop.cases.access import Right
from secondop.cases.messages import WRITE_AFTER_END, with_unread
from secondop.cases.models import Case
from secondop.cases.states import ENDED, State
from secondop.notices.models import Notice
from secondop.web.clock import now

from .models import Decline, Offer
from .services.screening import BEFORE_REVIEW

MOST = 20
LONGEST_CHECK = timedelta(minutes=10)


class Problem(NamedTuple):
    """One line: which case, what is the matter, where to deal with it."""

    case: Any
    text: str
    action: str
    url: str


class StuckNotice(NamedTuple):
    """A mail or a text that did not go out, without its address or its words."""

    notice: Notice
    reference: str


def problems(user: User) -> list[Problem]:
    """What needs a hand on cases that ``user`` coordinates; what waits for a lead is shown to leads.

    One query where nothing does, which is most of the time, and else a second one for what is the matter with the few that it found.
    """
    marks = marks_of_a_case()
    wanted = Q(*(marks[name] for name in ("document_failed", "check_waits", "picture_failed", "series_failed")), _connector=Q.OR)
    if user.has_role(Role.LEAD):
        late = Q(state=State.SCREENING, acknowledged_at__isnull=True, lead_told_at__isnull=False)
        wanted |= late | Q(marks["decline_waits"], state__in=BEFORE_REVIEW) | Q(marks["conflict_waits"])
    cases = with_unread(Case.objects.visible_to(user, Right.COORDINATE), user).annotate(late_message=late_message(user))
    waiting = cases.filter(Q(late_message=True) | Q(marks["copy_failed"]) | ~Q(state__in=ENDED) & wanted)
    pks = list(waiting.order_by("late_message", "submitted_at", "pk").values_list("pk", flat=True)[:MOST])
    found = cases.annotate(**marks).in_bulk(pks) if pks else {}
    return [problem_of(found[pk]) for pk in pks if pk in found]


def marks_of_a_case() -> dict[str, Any]:
    """What may be the matter with a case, as the database sees it."""
    in_use = ["signed", "released"]
    documents = Case.objects.filter(pk=OuterRef("pk"), opinions__document__status="failed", opinions__status__in=in_use)
    unchecked = {"records__status__in": ["received", "checking"], "records__created_at__lt": now() - LONGEST_CHECK}
    once = {"status": "failed", "tried_again": False}  # what failed twice is the file's own fault, which its page says
    pictures = Case.objects.filter(pk=OuterRef("pk"), **{f"records__preview__{name}": value for name, value in once.items()})
    failed = {f"stacks__{name}": value for name, value in once.items()}
    series = Case.objects.filter(pk=OuterRef("pk"), stacks__series__isnull=False, **failed)
    copies = Case.objects.filter(pk=OuterRef("pk"), documents__kind="consent", documents__status="failed")
    return {
        "document_failed": Exists(documents),
        "copy_failed": Exists(copies),
        "check_waits": Exists(Case.objects.filter(pk=OuterRef("pk"), **unchecked)),
        "picture_failed": Exists(pictures),
        "series_failed": Exists(series),
        "failed_series": Subquery(series.values("stacks__series__uid")[:1]),
        "decline_waits": Exists(Decline.objects.filter(case=OuterRef("pk"), status=Decline.Status.WAITING)),
        "conflict_waits": Exists(Offer.objects.open().filter(case=OuterRef("pk"), conflict=Offer.Conflict.DECLARED)),
    }


def late_message(user: User) -> Q:
    """When something new was written to ``user`` on a case that the queue does not begin with: delivered, or ended and still written on."""
    done = Q(state=State.DELIVERED) | Q(state__in=ENDED, ended_at__gt=now() - WRITE_AFTER_END)
    return Q(done & (Q(owner=user) | Q(owner__isnull=True)), unread=True)


def problem_of(case: Any) -> Problem:
    """The words for one case."""
    page = reverse("routing:case", args=[case.uid])
    failed = failure_of(case) if case.state not in ENDED else None
    if failed:
        return failed
    if case.copy_failed:
        return Problem(case, "A signed copy of a consent could not be made.", "Look at it", reverse("tracking:consents", args=[case.uid]))
    if case.late_message:
        words = "A message came after the opinion was delivered or the case ended."
        return Problem(case, words, "Read it", reverse("routing:messages", args=[case.uid]))
    if case.decline_waits:
        return Problem(case, "A colleague proposes to decline it on clinical grounds.", "Confirm or reject", page)
    if case.conflict_waits:
        return Problem(case, "A specialist declared a possible conflict of interest.", "Look at it", page)
    return Problem(case, "Nobody has acknowledged it in four working hours.", "Take care of it", page)


def failure_of(case: Any) -> Problem | None:
    """What could not be made, or does not come to its end, of a case that is open."""
    files = reverse("records:list", args=[case.uid])
    if case.document_failed:
        return Problem(case, "The PDF of the opinion could not be made.", "Look at it", reverse("opinions:check", args=[case.uid]))
    if case.check_waits:
        return Problem(case, "The check of a file has not ended in ten minutes.", "See the files", files)
    if case.series_failed:
        page = reverse("records:viewer", args=[case.uid, case.failed_series])
        return Problem(case, "The images of a scan could not be prepared.", "See the scan", page)
    if case.picture_failed:
        return Problem(case, "The pictures of a file could not be made.", "See the files", files)
    return None


def stuck_notices(user: User) -> list[StuckNotice]:
    """Mails that wait or failed, about accounts or about cases that ``user`` coordinates: one query where there are none, else two."""
    if not Notice.objects.stuck().exists():
        return []
    cases = Case.objects.visible_to(user, Right.COORDINATE).filter(uid=OuterRef("case_uid"))
    stuck = Notice.objects.stuck().annotate(reference=Subquery(cases.values("reference")[:1]))
    theirs = stuck.filter(Q(case_uid=None) | Q(reference__isnull=False))
    return [StuckNotice(notice, notice.reference or "") for notice in theirs[:MOST]]
