"""What the patient's pages show, computed from the case: rights, clocks, timeline, people, and what can be done now."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.urls import reverse

from records.imaging.pages import people_of
from records.services import takes_records
from records.sourcing.pages import for_patient
from secondop.accounts.models import User
from secondop.cases import clocks, timeline
from secondop.cases.access import PRIVATE_RIGHTS, Access, Right, reach
from secondop.cases.answers import title
from secondop.cases.erasures import is_asked
from secondop.cases.forecast import expected_in_words
from secondop.cases.messages import offered
from secondop.cases.models import Ask, Case
from secondop.cases.models.brief import ForWhom
from secondop.cases.services import is_past_reopening
from secondop.cases.states import MOVES, OPEN, Party, State
from secondop.cases.thread import thread_part
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

from .family.pages import members
from .family.rules import last_end
from .forms import AnswerForm
from .status import day, status_of

Item = dict[str, Any]
AHEAD = {
    State.SCREENING: "We check your request and your records",
    State.READY: "We choose a specialist",
    State.IN_REVIEW: "A specialist reviews your case",
    State.CHECKING: "Final check",
    State.DELIVERED: "You get your second opinion",
}
# Pages of a case that stay the same all its life: the right that opens each, its address, and how it is called.
PAGES = (
    (Right.RECORDS, "records:health", "What the health files say", "calendar"),
    (Right.DECIDE, "tracking:request", "What I sent", "file"),
    (Right.DECIDE, "tracking:consents", "My consents", "shield"),
    (Right.DECIDE, "tracking:family", "Family and helpers", "users"),
    (Right.OWN, "tracking:looked", "Who looked at this case", "eye"),
)


@cache
def rights_in_person() -> Prepared[tuple[Any, ...]]:
    """Asks for what the person ``who`` holds in person ``at`` a moment: the case's key, its state and the right, the newest case first."""
    rows = Access.objects.active(Slot("at")).filter(user=Slot("who"), right__in=[str(right) for right in PRIVATE_RIGHTS])
    return Prepared(rows.order_by("-case__created_at", "-case_id").values_list("case_id", "case__state", "right"))


def followed(user: User) -> dict[int, set[Right]]:
    """What ``user`` may do in person with each case of theirs and each shared with them, by key, the newest case first; one query.

    A draft is only there for those who may work on it.
    """
    held: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for pk, state, right in rights_in_person().all(who=user.pk, at=now()):
        held[pk, state].add(right)
    reached = {key: reach(rights) for key, rights in held.items()}
    return {pk: rights for (pk, state), rights in reached.items() if {Right.STATUS, needed_for(state)} <= rights}


def needed_for(state: str) -> Right:
    """The right without which a case in ``state`` is not on one's list."""
    return Right.UPLOAD if state == State.DRAFT else Right.STATUS


def may_open(case: Any) -> bool:
    """Whether somebody with the case's ``holdings`` may open its page: that of a draft only leads on, for those who may write in it."""
    return case.state != State.DRAFT or Right.DECIDE in reach(right for right, _ in case.holdings)


def may_read_title(rights: set[Right]) -> bool:
    """Whether ``rights`` reach as far as the diagnosis and the questions."""
    return bool(rights & {Right.DECIDE, Right.READ_OPINION})


class Clock(NamedTuple):
    """One of the two clocks: days between two moments, or none yet."""

    label: str
    days: int | None
    since: datetime | None


def two_clocks(case: Case) -> list[Clock]:
    """Time since the patient asked, and since the records were complete; both stand still at the end, and one that never ran is gone."""
    start = case.reopened_at or case.first_asked_at
    label = "Since the case was reopened" if case.reopened_at else "Since you asked"
    ready = clocks.complete_since(case)
    end = now() if case.state in OPEN else first_after(start, case.delivered_at, case.ended_at)
    both = [
        Clock(label, (end - start).days, start),
        Clock("Since your records were complete", (end - ready).days if ready else None, ready),
    ]
    return both if case.state in OPEN else [clock for clock in both if clock.since]


def first_after(start: datetime, *moments: datetime | None) -> datetime:
    """The earliest of ``moments`` that does not lie before ``start``; now when there is none."""
    return min((moment for moment in moments if moment and moment >= start), default=now())


def waiting_line(case: Case, user: User) -> str:
    """Who is waited on, and since when."""
    waiting = clocks.waiting_on(case)
    if waiting.party == Party.NOBODY:
        return ""
    who = "you" if waiting.person == user else str(waiting.person or "the care team")
    if waiting.party == Party.SOURCE:
        who = "records from elsewhere"
    if waiting.party == Party.SPECIALIST and case.state == State.READY:
        who = "a specialist"
    return f"Waiting for {who} since {day(waiting.since)}."


def timeline_items(case: Case, *, decides: bool) -> list[Item]:
    """What has happened, what happens now, and what comes next with the date we aim for."""
    items: list[Item] = []
    for line in timeline.lines(case, staff=False, decides=decides):
        person = "" if line.person in (line.text, str(case.patient), "The system") or line.person in line.text else line.person
        items.append({"title": line.text, "text": line.note if decides else "", "who": person, "at": line.at, "state": "done"})
    if case.state not in OPEN:
        return items
    path = list(AHEAD)
    coming = path[path.index(State(case.state)) + 1 :]
    items.append({"title": status_of(case).sentence, "state": "now"})
    items += [{"title": AHEAD[state], "state": "next"} for state in coming]
    items[-1]["text"] = expected_in_words(case)
    return items


def actions(case: Case, rights: set[Right]) -> list[Item]:
    """What the reader can do with the case now; the workflow's table decides about its moves."""
    uid = case.uid
    found = opinion_actions(case) if case.delivered_at and Right.READ_OPINION in rights else []
    if Right.UPLOAD in rights:
        label, icon = ("Add records", "upload") if takes_records(case) else ("See the records", "file")
        found.append({"url": reverse("records:list", args=[uid]), "label": label, "icon": icon})
    if Right.DECIDE in rights and case.brief.for_whom == ForWhom.OTHER:
        found.append({"url": reverse("records:papers", args=[uid]), "label": "Papers that show you may ask", "icon": "shield"})
    found += [{"url": reverse(name, args=[uid]), "label": label, "icon": icon} for right, name, label, icon in PAGES if right in rights]
    if Right.DECIDE in rights:
        found.append({"url": f"{reverse('exports:page')}?case={uid}", "label": "Download a copy of this case", "icon": "download"})
    return found + ways_back(case, rights)


def ways_back(case: Case, rights: set[Right]) -> list[Item]:
    """How an ended case begins anew, or another one in place of what was withdrawn; an expired one has a button of its own."""
    if case.state == State.WITHDRAWN and Right.DECIDE in rights:
        return [{"url": reverse("intake:start"), "label": "Ask for a new second opinion", "icon": "plus"}]
    if case.state == State.EXPIRED or not may("reopen", case, rights):
        return []
    return [{"url": reverse("tracking:reopen", args=[case.uid]), "label": "Reopen with new information", "icon": "plus"}]


def opinion_actions(case: Case) -> list[Item]:
    """What can be done with an opinion that is there: its letter once it was opened."""
    found = [{"url": reverse("delivery:opinion", args=[case.uid]), "label": "Read the opinion", "icon": "eye"}]
    if case.opened_at:
        found.append({"url": reverse("delivery:pdf", args=[case.uid]), "label": "Download the PDF", "icon": "download"})
    return found


def may(move: str, case: Case, rights: set[Right]) -> bool:
    """Whether a patient or deciding family may make ``move`` on the case as it stands."""
    return Right.DECIDE in rights and case.state in MOVES[move].sources and bool({Party.PATIENT, Party.PROXY} & set(MOVES[move].by))


def next_step(case: Case, rights: set[Right], asks: list[Ask]) -> Item:
    """The one thing to do next, if there is one."""
    if asks and Right.DECIDE in rights:
        return {"url": f"#ask-{asks[0].pk}", "label": "Answer"}
    if case.state == State.DELIVERED and Right.READ_OPINION in rights:
        return {"url": reverse("delivery:opinion", args=[case.uid]), "label": "Read your opinion"}
    if is_past_reopening(case) and Right.DECIDE in rights:
        return {"url": reverse("intake:start"), "label": "Start a new request"}
    return {"url": "", "label": ""}


def people(case: Case) -> list[Item]:
    """Who works on the case, the specialist with their credentials, and who follows it with the patient."""
    staff: list[Item] = [{"name": str(case.owner), "text": "Care coordinator"}] if case.owner else []
    if case.specialist:
        profile = getattr(case.specialist, "specialist_profile", None)
        words = {"credentials": profile.credentials, "text": f"Specialist, {profile.institution}"} if profile else {"text": "Specialist"}
        staff.append({"name": str(case.specialist), **words})
    return [*staff, *({"name": str(member.user), "text": member.text} for member in members(case))]


def of_case(case: Any, user: User, bound: AnswerForm | None = None, bound_ask: Ask | None = None) -> Item:
    """Everything on the case's page; ``bound`` is the form of ``bound_ask`` when it comes back with an error.

    ``case`` knows as ``holdings`` what ``user`` holds on it now.
    """
    rights = reach(right for right, _ in case.holdings)
    open_asks = with_status(case, Ask.Status.OPEN)
    return {
        "case": case,
        "title": title(case) if may_read_title(rights) else "",
        "shared": shared_by(case, user),
        "own_until": end_in_sight(case.holdings),
        "status": status_of(case),
        "waiting": waiting_line(case, user),
        "next": next_step(case, rights, open_asks),
        "clocks": two_clocks(case),
        "timeline": timeline_items(case, decides=Right.DECIDE in rights),
        "strangers": people_of(case, rights) if getattr(case, "names_strangers", True) else [],
        "gathering": for_patient(case, rights),
        "actions": actions(case, rights),
        "people": people(case),
        "may_withdraw": may("withdraw", case, rights),
        "may_erase": Right.OWN in rights and not is_asked(case),
        "may_go_on": case.state == State.EXPIRED and may("reopen", case, rights) and not is_past_reopening(case),
        "takes_records": takes_records(case),
        **(decided(case, user, rights, bound, bound_ask) if Right.DECIDE in rights else {}),
    }


def decided(case: Case, user: User, rights: set[Right], bound: AnswerForm | None, bound_ask: Ask | None) -> Item:
    """What the page holds only for those who decide: why it was declined, the questions to the patient, the messages."""
    return {
        "declined": case.state == State.DECLINED,
        "ended_note": ended_note(case),
        "asks": asks_to_answer(case, user, rights, bound, bound_ask),
        "answered": with_status(case, Ask.Status.ANSWERED),
        "thread": thread_part(case, user, Party.PATIENT, held=rights),
    }


def shared_by(case: Case, user: User) -> str:
    """Whose case it is, where it is not the reader's own."""
    return "" if case.patient_id == user.pk else f"{case.patient} shares this case with you. “You” below means {case.patient}."


def end_in_sight(held: Iterable[tuple[str, datetime | None]]) -> datetime | None:
    """When the right of whoever has these holdings ends by itself, once that is less than a year away."""
    end = last_end(held)
    return end if end and end - now() < timedelta(days=365) else None


def asks_to_answer(
    case: Case, user: User, rights: set[Right], bound: AnswerForm | None, bound_ask: Ask | None
) -> list[tuple[Ask, AnswerForm]]:
    """Each open ask with its form, which offers the newest records to attach; ``bound`` as in ``of_case``."""
    asks = with_status(case, Ask.Status.OPEN)
    records = offered(case, user, rights) if asks else []
    return [(ask, bound if bound and ask == bound_ask else AnswerForm(ask=ask, records=records)) for ask in asks]


def with_status(case: Case, status: Ask.Status) -> list[Ask]:
    """The case's asks that stand at ``status``, from the rows that are loaded already."""
    return [ask for ask in case.asks.all() if ask.status == status]


def ended_note(case: Case) -> str:
    """What we told the patient when the request was declined."""
    if case.state != State.DECLINED:
        return ""
    return next((line.note for line in reversed(case.journal.all()) if line.target == State.DECLINED), "")


def of_line(case: Any, user: User, rights: set[Right]) -> Item:
    """One case of the list, as somebody with ``rights`` may see it; ``waits`` and ``is_ready`` are about what they may do."""
    status, decides = status_of(case), Right.DECIDE in rights
    return {
        "case": case,
        "title": title(case) if may_read_title(rights) else "",
        "status": status,
        "url": reverse(page_of(case, rights), args=[case.uid]),
        "unread": case.unread and decides,
        "waits": status.kind == "waiting" and decides,
        "erased_on": erased_on(case),
        "is_ready": bool(case.delivered_at and not case.opened_at) and Right.READ_OPINION in rights,
        "whose": "" if case.patient_id == user.pk else str(case.patient),
    }


def erased_on(case: Case) -> str:
    """When the case will be erased, as its patient asked, or as a draft that nobody has changed; empty for most."""
    if is_asked(case):
        return f"All of it is erased on {day(case.erasure.due_at)}"
    return f"Will be deleted on {day(case.draft_kept_until)}" if case.draft_kept_until else ""


def page_of(case: Case, rights: set[Right]) -> str:
    """The page where somebody with ``rights`` goes on with the case: a draft is written in, or helped with records only."""
    if case.state != State.DRAFT:
        return "tracking:case"
    return "intake:hub" if Right.DECIDE in rights else "records:list"
