"""How a draft begins: what we know already is filled in, an earlier version of one's own is copied."""

from textwrap import shorten
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from routing.models import Offer
from routing.services.eligibility import licence_of
from secondop.accounts.models import User
from secondop.cases import checklists
from secondop.cases.models import Ask, Case, ChecklistItem
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import now

from ..models import Answer, Aspect, Evidence, GridRow, Opinion, Option
from ..models.parts import WATCH_AND_WAIT
from .fitting import fitting
from .materials import arrived
from .versions import draft_of, reviewing

Verdict = JurisdictionRule.Verdict
PLACE_SERVED = {
    Verdict.DIRECT: "Patients there are served directly",
    Verdict.WITH_PHYSICIAN: "Patients there are served together with a local physician",
    Verdict.PROHIBITED: "Patients there are not served",
    Verdict.SILENT: "The law there is silent on second opinions",
}
# What a request to an office means for a review that begins without its records.
STANDING = {
    "to_send": "Not asked for yet",
    **dict.fromkeys(("sent", "acknowledged"), "Asked for, not received"),
    "refused": "Asked for, and refused",
}
# What a new version does not take from the one before it.
OF_ONE_VERSION = {
    "id",
    "uid",
    "case",
    "author",
    "version",
    "status",
    "created_at",
    "edits",
    "writer",
    "saved_at",
    "signature",
    "signed_at",
    "sha256",
    "code",
    "released_at",
}
TEXT = [field.name for field in Opinion._meta.concrete_fields if field.name not in OF_ONE_VERSION]
CHILDREN: tuple[type[Model], ...] = (Answer, GridRow, Option, Evidence)


@transaction.atomic
def start(case: Case, *, by: User) -> Opinion:
    """The draft of ``by`` on the case in review, begun now where there is none; its answers follow the patient's questions.

    A specialist who has signed a version of this case goes on from that text; everybody else starts on an empty page.
    """
    locked = reviewing(case, by)
    draft = draft_of(locked, by) or go_on(locked, by) or begin(locked, by)
    if follow_questions(draft):
        return Opinion.objects.whole().select_related("case", "author").get(pk=draft.pk)
    return draft


def begin(case: Case, by: User) -> Opinion:
    """A new draft with what is known already."""
    draft = Opinion.objects.create(case=case, author=by, **facts(case, by))
    GridRow.objects.bulk_create(GridRow(opinion=draft, position=n, aspect=aspect) for n, aspect in enumerate(Aspect.values))
    Option.objects.create(opinion=draft, position=0, name=WATCH_AND_WAIT)
    return draft


def go_on(case: Case, by: User) -> Opinion | None:
    """A draft with the text that ``by`` signed last on this case, if anything.

    After a reopening its facts are filled in anew: the earlier version holds those of its own time.
    """
    earlier = case.opinions.signed().filter(author=by).first()
    if earlier is None:
        return None
    return copy(earlier, **({} if is_of_this_round(earlier, case) else facts(case, by)))


def facts(case: Case, by: User) -> dict[str, str]:
    """What is known of the case now: what arrived, what is missing, the licence, the declaration of conflicts."""
    return {
        "materials_reviewed": arrived(case, by),
        "materials_missing": not_there(case),
        "limits": known_limits(case),
        "jurisdiction": legal_basis(case, by),
        "conflict": declaration(case),
    }


def is_of_this_round(signed: Opinion, case: Case) -> bool:
    """Whether its author signed it after accepting the case the last time."""
    return bool(case.accepted_at and signed.signed_at and signed.signed_at >= case.accepted_at)


def copy(signed: Opinion, **changes: str) -> Opinion:
    """A draft with the same text as a signed version, but for ``changes``; the version itself stays as it is.

    Its lists are those of that version, unless they are among ``changes``: it begins where that was signed, and what came since is news.
    """
    text = {name: getattr(signed, name) for name in TEXT}
    begun = (None if changes else signed.signed_at) or now()
    draft = Opinion.objects.create(case=signed.case, author=signed.author, created_at=begun, **{**text, **changes})
    for model in CHILDREN:
        rows: list[Any] = list(model._default_manager.filter(opinion=signed))
        for row in rows:
            row.pk, row.opinion = None, draft
        model._default_manager.bulk_create(rows)
    return draft


def follow_questions(draft: Opinion) -> bool:
    """Give the draft one answer a question, in the patient's words; returns whether anything changed."""
    wanted = dict(draft.case.questions.values_list("position", "text"))
    if {answer.position: answer.question for answer in draft.answers.all()} == wanted:
        return False
    draft.answers.exclude(position__in=wanted).delete()
    for position, text in wanted.items():
        draft.answers.update_or_create(position=position, defaults={"question": text})
    return True


def not_there(case: Case) -> str:
    """What the checklist lacks, and what offices have that has not come, one a line; the specialist adds what that means."""
    found = case.record_requests.filter(status__in=STANDING)
    asked = [f"{STANDING[request.status]}: {request.what or 'records'} ({request.office})" for request in found]
    return fitting([*checklists.gaps(case), *asked], "materials_missing")


def known_limits(case: Case) -> str:
    """What the review goes without: no examination, what is not there, what the patient did not answer in time.

    What was asked before a reopening does not count: the case started again, and what it lacks now is on its checklist.
    """
    lines = ["I did not examine the patient. This opinion rests on the records and on what the patient wrote."]
    missing = Q(status=ChecklistItem.Status.MISSING, required=True)
    gaps = case.checklist.filter(missing | Q(status=ChecklistItem.Status.WAIVED))
    lines += [f"Not available: {item.text}. {item.reason}".strip() for item in gaps]
    since = case.reopened_at or case.first_asked_at
    for ask in case.asks.filter(status=Ask.Status.LAPSED, opened_at__gte=since).prefetch_related("items"):
        lines += unanswered(ask)
    return fitting(lines, "limits")


def unanswered(ask: Ask) -> list[str]:
    """What of a lapsed ask stayed without an answer, one limit each."""
    return [f"Not answered in time: {item.text}" for item in ask.items.all() if not item.answer]


def legal_basis(case: Case, by: User) -> str:
    """Where the patient lives, what the rule for that place says, the licence it is answered under, and for which doctors there."""
    brief = case.brief
    rule = JurisdictionRule.for_place(brief.country, brief.region)
    licence, _ = licence_of(by, case)
    parts = [f"The patient lives in {brief.place}." if brief.place else ""]
    if rule:
        source = f" (source: {rule.shown_source.rstrip('.')})" if rule.shown_source else ""
        parts += [f"{PLACE_SERVED[Verdict(rule.verdict)]}{source}."]
    parts += [f"I hold license {licence.number}, {licence.place}." if licence else ""]
    parts += [to_whom(case) if rule and rule.verdict == Verdict.WITH_PHYSICIAN else ""]
    return " ".join(filter(None, parts))[:1000]


def to_whom(case: Case) -> str:
    """The physicians of the patient's place to whom an opinion is given that the rule there wants them to take part in."""
    doctors = [", ".join(filter(None, [doctor.name, doctor.institution])) for doctor in case.treating_doctors.all()]
    if not doctors:
        return "No local physician was named to me."
    named = shorten("; ".join(doctors), 300, placeholder=" …")
    return f"This is an opinion for the physician who treats the patient there and decides with them: {named}."


def declaration(case: Case) -> str:
    """What the specialist declared when they accepted the case."""
    offer = Offer.objects.behind(case)
    if offer is None or offer.conflict != Offer.Conflict.WAIVED:
        return "I declared that I have no conflict of interest in this case."
    kinds = ", ".join(offer.conflict_words)
    return f"I declared: {kinds}. {offer.conflict_text} The care team found that it does not stand in the way: {offer.waived_note}"
