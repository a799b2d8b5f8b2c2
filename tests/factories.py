"""The people and cases that tests begin with.

``make_case(state)`` walks a case along the kernel's own moves, so that its journal, rights and dates are those of a real
one. What the apps add to it (records, offers, opinions) their own tests make through their own services.
"""

import itertools
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress

from secondop.accounts.models import Role, User
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import move
from secondop.cases.models import Brief, Case, Question
from secondop.cases.states import MOVES, Party, State
from secondop.web.clock import now, shifted

PASSWORD = "correct horse battery staple"
MINUTE = timedelta(minutes=1)
numbers = itertools.count(1)
PATH = {
    State.DRAFT: [],
    State.SCREENING: ["submit"],
    State.READY: ["submit", "make_ready"],
    State.IN_REVIEW: ["submit", "make_ready", "accept"],
    State.CHECKING: ["submit", "make_ready", "accept", "sign"],
    State.DELIVERED: ["submit", "make_ready", "accept", "sign", "release"],
    State.CLOSED: ["submit", "make_ready", "accept", "sign", "release", "close"],
    State.DECLINED: ["submit", "decline"],
    State.WITHDRAWN: ["submit", "withdraw"],
    State.EXPIRED: ["submit", "expire"],
}


def make_user(role: Role | None = None, **fields: Any) -> User:
    """An account with a verified address and the password ``PASSWORD``; a lead is a coordinator as well."""
    number = next(numbers)
    roles = [Role.COORDINATOR, Role.LEAD] if role == Role.LEAD else [role] if role else []
    name = f"{role.label if role else 'Patient'} {number}"
    fields = {"full_name": name, "roles": [str(r) for r in roles], **fields}
    user = User.objects.create_user(fields.pop("email", f"person{number}@example.org"), PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_draft(patient: User | None = None, **columns: Any) -> Case:
    """A case nobody has sent yet, with its brief and one question."""
    case = Case.objects.create(patient=patient or make_user(), **columns)
    grant(case, case.patient, Right.OWN, "their own case")
    Brief.objects.create(case=case, country="US", region="Ohio", age_band="40-64", for_whom="self")
    Question.objects.create(case=case, position=0, text="Is the operation needed?")
    return case


def make_case(
    state: State = State.SCREENING,
    *,
    patient: User | None = None,
    coordinator: User | None = None,
    specialist: User | None = None,
    at: Mapping[str, datetime] | None = None,
    **columns: Any,
) -> Case:
    """A case in ``state`` that got there by its moves, each now or ``at`` its time; made-up staff take part where none are given."""
    at = at or {}
    with clock(min(at.values()) - MINUTE if at else None):
        case = make_draft(patient, **columns)
    coordinator = coordinator or make_user(Role.COORDINATOR)
    specialist = specialist or make_user(Role.SPECIALIST)
    people = {Party.PATIENT: case.patient, Party.COORDINATOR: coordinator, Party.OFFERED: specialist, Party.SPECIALIST: specialist}
    for name in PATH[state]:
        with clock(at.get(name)):
            case = step(case, name, people)
    return case


def clock(at: datetime | None) -> AbstractContextManager[None]:
    """The services' clock at the moment ``at``, or as it is."""
    return shifted(at) if at else nullcontext()


def step(case: Case, name: str, people: Mapping[Party, User]) -> Case:
    """Make the move ``name`` as its first party, with the rights that its service gives and takes."""
    extra: dict[str, Any] = {"owner": people[Party.COORDINATOR]} if name == "submit" else {}
    specialist = people[Party.SPECIALIST]
    if name == "accept":
        grant(case, specialist, Right.SUMMARY, "offer")
        extra = {"specialist": specialist}
    by = None if MOVES[name].by[0] == Party.SYSTEM else people[MOVES[name].by[0]]
    case = move(case, name, by=by, **extra)
    if name == "submit":
        grant(case, None, Right.COORDINATE, "submitted", role=Role.COORDINATOR)
    if name == "accept":
        revoke(case, Right.SUMMARY)
        grant(case, specialist, Right.RECORDS, "accepted")
        grant(case, specialist, Right.WRITE, "accepted")
    return case


def make_delivered(*, ago: timedelta, asking: timedelta, complete: timedelta, **people: User) -> Case:
    """A case delivered so long ago, and then that long after it was sent and after its records were complete."""
    end = now() - ago
    at = {"submit": end - asking, "make_ready": end - complete, "accept": end - 2 * MINUTE, "sign": end - MINUTE, "release": end}
    return make_case(State.DELIVERED, at=at, **people)
