"""The verbs of somebody who asks for a second opinion: start, save a screen, sign, send."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from records.imaging.asking import compare_again
from records.models import Record
from secondop.accounts.models import Role, User
from secondop.audit.services import record
from secondop.cases import checklists, majority
from secondop.cases.access import FAMILY_RIGHTS, Access, Right, grant, parties, revoke
from secondop.cases.consents import in_force
from secondop.cases.drafts import count_anew, touch
from secondop.cases.lifecycle import Conflict, Erased, NotAllowed, Refused, move_locked
from secondop.cases.models import Brief, Case, Consent
from secondop.cases.services import pick_owner
from secondop.cases.states import MOVES, State
from secondop.notices.services import tell
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot, write

from . import consents, copies, rules, sittings, store
from .screens import SCREENS

MOST_UNSENT = 10  # each has room for gigabytes that nobody on the staff sees


class Stale(Exception):
    """Another page has saved the screen since this one was opened; ``case`` holds what is stored."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__("Another window or device has saved this screen since you opened it here.")


class TooManyUnsent(Refused):
    """The person has to send or delete a request first."""


class Stamp(NamedTuple):
    """Who a page is, and whose save it was made from: ``page`` may save again and again until another page does."""

    made_from: str
    page: str


class Origin(NamedTuple):
    """Where a signature came from."""

    ip: str | None = None
    agent: str = ""


class Gap(NamedTuple):
    """Something that still stands against sending: on which screen, in which field, and in words."""

    screen: str
    field: str
    message: str


def begun() -> Q:
    """Requests that hold something: an answer, a record, or the consent that comes before family is let in."""
    records, signed = (model._default_manager.filter(case=OuterRef("pk")) for model in (Record, Consent))
    return ~Q(brief__saved_by_page={}) | Exists(records) | Exists(signed)


@transaction.atomic
def start(*, by: User, country: str = "", region: str = "", most: int | None = MOST_UNSENT) -> Case:
    """A new draft of ``by``; a draft that holds nothing yet is given again, so that a double click makes one.

    Raises ``Refused`` for a place of residence that cannot be served and for an account that was closed a moment ago, and
    ``TooManyUnsent`` for whoever has ``most`` drafts already.
    """
    rule = rules.prohibited(country, region)
    if rule:
        raise Refused(rules.not_served(rule))
    if not User.objects.select_for_update().filter(pk=by.pk, is_active=True).first():
        raise Refused("This account is closed.")
    unsent = Case.objects.filter(patient=by, state=State.DRAFT)
    case = unsent.filter(~begun()).select_for_update(of=("self",)).first()
    if case is None and most is not None and unsent.count() >= most:
        raise TooManyUnsent(f"You have {most} requests that are not sent. Please send one of them or delete it first.")
    if case is None:
        case = Case.objects.create(patient=by)
        Brief.objects.create(case=case)
        grant(case, by, Right.OWN, "their own request", given_by=by)
        record("case.start", by=by, case_uid=case.uid, patient_id=by.pk)
    if country:
        store.save(case, case.brief, "who", {"country": country, "region": region})
        case.brief.save()
        touch(case)
    return case


@transaction.atomic
def save_screen(
    case: Case,
    name: str,
    *,
    by: User,
    answers: Mapping[str, Any],
    complete: bool = False,
    stamp: Stamp | None = None,
    origin: Origin | None = None,
    by_itself: bool = False,
) -> Case:
    """Store ``answers`` of the screen ``name``; with ``complete`` the screen counts as done from now on.

    A page that saves ``by_itself`` is in the audit log as ``sittings`` says; whoever pressed a button was written there by the gate.

    Raises ``Conflict`` once the request was sent, ``NotAllowed`` for anybody but the patient and deciding family, ``Stale``
    when ``stamp`` is not that of the newest page, and ``Refused`` when a complete screen is not complete (nothing is stored then).
    """
    locked = lock_draft(case, by)
    brief = locked.brief
    check_newest(locked, name, stamp)
    before, case_before = columns_of(brief), columns_of(locked)
    decided_before = (brief.decisions, brief.signed_name)
    store.save(locked, brief, name, answers)
    if name == "consent" and (complete or decided_before != (brief.decisions, brief.signed_name)):
        put_signature(brief, by, origin, signed=complete)
    if complete:
        call_done(locked, name, by)
    brief.saved_by_page = {**brief.saved_by_page, name: stamp.page if stamp else "service"}
    if by_itself:
        ip, agent = origin or Origin()
        sittings.note(locked, name, answers, by=by, ip=ip, agent=agent)
    if changed := changed_since(before, brief):
        write(brief, *changed)
    touch(locked, *changed_since(case_before, locked))
    if complete:
        follow_up(locked, name)
    return locked


def follow_up(case: Case, name: str) -> None:
    """What else a complete screen decides: whom the case is about, and with that whose images were sent."""
    if name == "who":
        compare_again(case)


def check_newest(case: Case, name: str, stamp: Stamp | None) -> None:
    """Raise ``Stale`` where another page has saved the screen since the one of ``stamp`` was opened."""
    if stamp and case.brief.saved_by_page.get(name, "") not in stamp:
        raise Stale(case)


def columns_of(row: Brief | Case) -> dict[str, Any]:
    """What the row holds, by column."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def changed_since(before: Mapping[str, Any], row: Brief | Case) -> list[str]:
    """The columns that held something else when ``before`` was taken."""
    return [column for column, value in columns_of(row).items() if before[column] != value]


def call_done(case: Case, name: str, by: User) -> None:
    """Count the screen as done. Raises ``Refused`` when something is missing from it."""
    found = screen_gaps(case, name, by)
    if found:
        raise Refused(" ".join(found.values()))
    case.brief.done = sorted({*case.brief.done, name})


@cache
def draft_to_lock() -> Prepared[Brief]:
    """Asks for the brief of a ``case``, and for the case, to be locked both: the case first, as everybody else does."""
    return Prepared(Brief.objects.select_related("case").select_for_update(of=("case", "self")).filter(case=Slot("case")))


def lock_draft(case: Case, by: User) -> Case:
    """The unsent case, locked, with its brief. Raises ``NotAllowed`` for a stranger and ``Conflict`` once it was sent."""
    brief = draft_to_lock().first(case=case.pk)
    if brief is None:
        raise Erased(case)
    locked = brief.case
    if by.pk == locked.patient_id:
        locked.patient = by
    if not parties(locked, by) & set(MOVES["submit"].by):
        raise NotAllowed("only the patient and deciding family write in a request")
    if locked.state != State.DRAFT:
        raise Conflict(locked, "This request has been sent already.")
    return locked


def put_signature(brief: Brief, by: User, origin: Origin | None, *, signed: bool) -> None:
    """Note who signed, when and from where; a change after that takes the signature off again."""
    brief.signed_at, brief.signed_by = (now(), by) if signed else (None, None)
    ip, agent = origin if origin and signed else Origin()
    brief.signed_ip, brief.signed_agent = ip, agent[:200]


def sign(case: Case, *, by: User, typed_name: str, given: Mapping[str, bool], origin: Origin | None = None) -> Case:
    """Decide on every consent as it stands now (``given`` by key, otherwise refused) and sign with ``typed_name``."""
    decisions = {wording.key: {"given": given.get(wording.key, False), "sha256": wording.sha256} for wording in consents.wordings(case, by)}
    answers = {"decisions": decisions, "signed_name": typed_name}
    return save_screen(case, "consent", by=by, answers=answers, complete=True, origin=origin)


def screen_gaps(case: Case, name: str, by: User, wordings: list[consents.Wording] | None = None) -> dict[str, str]:
    """What stands against the stored answers of one screen, by field; ``wordings`` as in ``missing()``."""
    if name != "consent":
        return rules.gaps(name, store.load(case, name, everything=False))
    brief = case.brief
    found = consents.gaps(consents.wordings(case, by) if wordings is None else wordings, brief.decisions)
    if not (brief.signed_name and brief.signed_at and brief.signed_by_id == by.pk):
        found["typed_name"] = "Sign with your name."
    return found


def missing(case: Case, by: User, wordings: list[consents.Wording] | None = None) -> list[Gap]:
    """All that still stands against sending the request, screen by screen; ``wordings`` are its consents, where they are known."""
    found = []
    for name, screen in SCREENS.items():
        by_field = screen_gaps(case, name, by, wordings)
        found += [Gap(name, field, message) for field, message in by_field.items()]
        if not by_field and name not in case.brief.done:
            found.append(Gap(name, "", f"Open “{screen.title}” once and choose “Save and continue”."))
    return found


def stopped(brief: Brief) -> str:
    """Why the request cannot go on at all: ``emergency``, ``place``, or empty."""
    if brief.no_emergency is False:
        return "emergency"
    return "place" if rules.prohibited(brief.country, brief.region) else ""


@transaction.atomic
def submit(case: Case, *, by: User) -> Case:
    """Send the request: consents and checklist are written, an owner is named, the care team may see the case.

    Raises ``Conflict`` when it was sent already, ``Refused`` with what is missing, ``NotAllowed`` for anybody else.
    """
    locked = lock_draft(case, by)
    prefetch_related_objects([locked], "questions", "health", "sources", "treating_doctors")
    wordings = consents.wordings(locked, by)
    found = missing(locked, by, wordings)
    if found:
        raise Refused(" ".join(gap.message for gap in found))
    shared = in_force(locked, consents.Kind.FAMILY)
    consents.sign(locked, wordings, shared, by=by)
    checklists.fill(locked)
    grant(locked, None, Right.COORDINATE, "sent to the care team", role=Role.COORDINATOR, given_by=by)
    count_anew(locked)
    compare_again(locked)
    sent = move_locked(locked, "submit", by=by, owner=pick_owner(locked))
    majority.set_end(sent)
    copies.order_all(sent)
    if shared and in_force(locked, consents.Kind.FAMILY) is None:
        unshare(sent, by=by)
    tell(by, "submitted", case=sent, key=f"receipt:{sent.uid}")
    return sent


def unshare(case: Case, *, by: User) -> None:
    """End what everybody of the family may do with the locked ``case``, with the consent to share it; all but ``by`` are told."""
    rows = Access.objects.active().filter(case=case, right__in=FAMILY_RIGHTS, user__isnull=False).select_related("user")
    people = {row.user for row in rows if row.user}
    revoke(case, *FAMILY_RIGHTS)
    for person in people - {by}:
        tell(person, "family_ended", case=case)
