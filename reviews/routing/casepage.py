"""What the coordinator's page of a case shows. Reads only."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from secondop.accounts.models import Role, User
from secondop.cases.answers import day
from secondop.cases.authority import standing
from secondop.cases.clocks import complete_since, expected, waiting_on
from secondop.cases.consents import permissions
from secondop.cases.handover import waits_for_owner
from secondop.cases.lifecycle import moves_for
from secondop.cases.messages import attachable
from secondop.cases.models import Ask, Case, ChecklistItem, JournalEntry
from secondop.cases.states import MOVES, OPEN, STATE_LABELS, Party, State
from secondop.cases.thread import thread_part
from secondop.cases.timeline import Line, lines
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import now

from .forms import AskForm, FactsForm, ReadyForm, WaiveProofForm
from .models import Decline, Offer
from .services.screening import BEFORE_REVIEW
from .words import span

# Moves that are made on pages of their own; the others have their place on the page or in another app.
LINKS = {
    "send_back": "routing:send_back",
    "decline": "routing:decline",
    "reassign": "routing:reassign",
    "reopen": "routing:reopen",
    "close": "delivery:close",
}
# The words of the codes that the journal keeps for declined cases and offers; other apps' codes are words already.
CODES: dict[str, str] = dict([*Decline.Code.choices, *Offer.DeclineCode.choices])


def read_page(case: Case, user: User) -> dict[str, Any]:
    """Everything the page shows of ``case``, for the coordinator ``user``."""
    items = Ask.objects.select_related("opened_by").prefetch_related("items", Prefetch("records", attachable(case, user)))
    prefetch_related_objects([case], Prefetch("asks", items), Prefetch("journal", JournalEntry.objects.with_people()))
    moves = moves_for(case, user)
    is_nobodys = waits_for_owner(case)
    offers = list(case.offers.select_related("specialist", "sent_by", "waived_by", "due_answered_by"))
    decline = case.declines.select_related("proposed_by", "answered_by").last()
    return {
        "status": status_words(case, user),
        "expected": expected(case),
        "complete_since": complete_since(case),
        "moves": moves,
        "links": [(MOVES[name].label, reverse(LINKS[name], args=[case.uid])) for name in moves if name in LINKS],
        "is_lead": user.has_role(Role.LEAD),
        **checklist_of(case),
        "authority": standing(case),
        "place": place_of(case),
        "permissions": permissions(case),
        "waits_for_owner": is_nobodys,
        "handover": case.handovers.open().select_related("invited_by").first() if is_nobodys else None,
        "asks": list(case.asks.all()),
        "thread": thread_part(case, user, Party.COORDINATOR),
        "offers": offers,
        "proposal": next((o for o in offers if asks_for_date(o, case)), None),
        "decline": decline if decline and decline.status in (Decline.Status.WAITING, Decline.Status.REJECTED) else None,
        "timeline": [item_of(line) for line in reversed(lines(case, staff=True))],
        "facts_form": FactsForm(case=case),
        "ask_form": AskForm(case=case),
        "ready_form": ReadyForm(case=case),
        "waive_form": WaiveProofForm(case=case),
        "before_review": case.state in BEFORE_REVIEW,
        "collecting": case.state == State.SCREENING,
        "is_offered": any(offer.status == Offer.Status.SENT for offer in offers),
        "is_open": case.state in OPEN,
        "no_specialty": case.specialty_id is None,
        "may_take_over": case.state in OPEN and bool(case.acknowledged_at) and case.owner != user,
        "has_opinion": case.state in (State.CHECKING, State.DELIVERED, State.CLOSED),
    }


def checklist_of(case: Case) -> dict[str, list[ChecklistItem]]:
    """The checklist, and what of it is required and missing."""
    checklist = list(case.checklist.select_related("by"))
    missing = [item for item in checklist if item.required and item.status == ChecklistItem.Status.MISSING]
    return {"checklist": checklist, "missing": missing}


def place_of(case: Case) -> dict[str, Any]:
    """What the rule about the patient's place says, what it rests on, and whom the patient named where it wants a physician there."""
    rule = JurisdictionRule.for_place(case.brief.country, case.brief.region)
    if rule is None:
        return {"rule": None}
    basis = (
        "A sample rule, which nobody here has reviewed."
        if rule.sample
        else f"{rule.source.rstrip('.')}. Reviewed on {day(rule.reviewed_on)}."
    )
    wants = rule.verdict == JurisdictionRule.Verdict.WITH_PHYSICIAN
    return {"rule": rule, "basis": basis, "wants_physician": wants, "doctors": case.treating_doctors.all() if wants else ()}


def asks_for_date(offer: Offer, case: Case) -> bool:
    """Whether the case's specialist proposed a date that nobody has answered yet."""
    mine = offer.specialist_id == case.specialist_id and offer.status == Offer.Status.ACCEPTED and not offer.given_back_at
    return bool(case.state == State.IN_REVIEW and mine and offer.proposed_due and not offer.due_answered_at)


def status_words(case: Case, user: User) -> dict[str, Any]:
    """A sentence: the state, who is waited on, and since when; and its kind."""
    waiting = waiting_on(case)
    names = {
        Party.PATIENT: "the patient",
        Party.SOURCE: "an office that was asked for records",
        Party.SPECIALIST: str(waiting.person or "the specialist"),
        Party.COORDINATOR: "you" if waiting.person == user else str(waiting.person or "the team"),
    }
    label, name = STATE_LABELS[State(case.state)], names.get(waiting.party)
    waits = f"{label}: waiting on {name} for {span(now() - waiting.since)}."
    stands = f"{label} since {date_format(localtime(waiting.since), 'l j F Y')}."
    return {"sentence": waits if name else stands, "kind": "stopped" if waiting.party == Party.NOBODY else "progress"}


def item_of(line: Line) -> dict[str, Any]:
    """A line of the timeline as the component takes it; the person is left out where the words name them."""
    who = "" if line.person in line.text else line.person
    code = CODES.get(line.code, line.code.replace("_", " "))
    text = " · ".join(filter(None, [code, line.reason, line.note]))
    return {"title": line.text, "who": who, "at": line.at, "text": text, "state": "done"}
