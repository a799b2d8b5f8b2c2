"""Who looked at a case, in words for its patient: the audit log without what is the clinic's own business."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate

from secondop.accounts.models import Role, User
from secondop.audit.models import Entry, Outcome

from .access import PRIVATE_RIGHTS, Access
from .models import Case

# What the patient may read of the log; writing an opinion, offering the case and the like is not theirs to follow.
WORDS = {
    "case.read": "Opened the case",
    "case.draft": "Opened the request before it was sent",
    "case.brief": "Read the answers",
    "case.receipt": "Opened the receipt",
    "case.family": "Opened the page about family and helpers",
    "case.looked": "Opened this list of who looked",
    "case.refused": "Was refused",
    "consent.read": "Opened the consents",
    "consent.download": "Downloaded a consent",
    "message.read": "Read the messages",
    "offer.read": "Read the summary, without your name",
    "opinion.read": "Opened the page of the opinion",
    "opinion.open": "Opened the opinion for the first time",
    "opinion.download": "Downloaded the opinion",
    "record.list": "Looked at the list of records",
    "record.open": "Downloaded a record",
    "record.view": "Looked at a record",
    "record.thumbnail": "Saw small pictures of the records",
    "record.search": "Searched the records",
    "record.health": "Read what the files say of your health",
    "series.view": "Looked at the images of a scan",
    "record.refused": "Was refused a record",
    "request.read": "Looked at what offices were asked for",
    "request.refused": "Was refused what offices were asked for",
    "identity.read": "Looked at whose images they are",
    "export.ask": "Asked for a copy of the data",
    "export.download": "Downloaded a copy of the data",
}
STRANGER = "Somebody without access"


class Look(NamedTuple):
    """One line: when, who (a name only of people whom the patient knows from the case), and what they did."""

    at: datetime
    who: str
    what: str


def who_looked(case: Case, reader: User) -> list[Look]:
    """Who looked at ``case`` or was refused, oldest first; ``reader`` is called "You"."""
    entries = Entry.objects.filter(case_uid=case.uid, action__in=WORDS).select_related("actor").order_by("seq")
    known = known_to_patient(case)
    return [Look(entry.at, called(entry.actor, entry.outcome, known, reader), WORDS[entry.action]) for entry in entries]


class Day(NamedTuple):
    """What one person did on one day, and how often; ``last`` is when they did so last."""

    day: date
    last: datetime
    who: str
    what: str
    times: int


def looks_by_day(case: Case, reader: User, *, also_own: bool) -> "QuerySet[Any, Any]":
    """Who looked at ``case`` or was refused, a row a person, act and day of the reader's calendar, newest first."""
    entries = Entry.objects.filter(case_uid=case.uid, action__in=WORDS)
    if not also_own:
        entries = entries.exclude(actor=reader.pk)
    days = entries.annotate(day=TruncDate("at")).values("day", "actor", "action", "outcome")
    return days.annotate(times=Count("pk"), last=Max("at")).order_by("-last", "actor", "action")


def in_words(rows: Iterable[Mapping[str, Any]], case: Case, reader: User) -> list[Day]:
    """Rows of ``looks_by_day()`` as the patient reads them."""
    found, known = list(rows), known_to_patient(case)
    people = User.objects.in_bulk({row["actor"] for row in found})
    return [
        Day(row["day"], row["last"], called(people.get(row["actor"]), row["outcome"], known, reader), WORDS[row["action"]], row["times"])
        for row in found
    ]


def known_to_patient(case: Case) -> set[int]:
    """The accounts whose names stand on the patient's pages: family, and whoever wrote, asked or made a step that is shown.

    Whoever has closed the account has no rights any more that would tell family from the team: the journal does.
    """
    people: set[int | None] = {case.patient_id, case.owner_id, case.specialist_id}
    people.update(Access.objects.filter(case=case, right__in=PRIVATE_RIGHTS, user__isnull=False).values_list("user", flat=True))
    people.update(case.messages.values_list("author", flat=True))
    people.update(case.asks.values_list("opened_by", flat=True))
    people.update(case.journal.filter(event__in=("claimed", "accept", "sign", "family_joined")).values_list("by", flat=True))
    return {person for person in people if person}


def called(person: User | None, outcome: str, known: Iterable[int], reader: User) -> str:
    """What whoever did it is called: by name where the patient knows them, otherwise by their part."""
    if person is None:
        return STRANGER if outcome == Outcome.REFUSED else "The system"
    if person.pk == reader.pk:
        return "You"
    if person.pk in known:
        return str(person)
    if outcome == Outcome.REFUSED:
        return STRANGER
    return "A specialist" if Role.SPECIALIST in person.roles else "The care team"
