"""Who looked at a case, in words for its patient: the audit log without what is the clinic's own business."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

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
    "case.refused": "Was refused",
    "consent.read": "Opened the consents",
    "consent.download": "Downloaded a consent",
    "message.read": "Read the messages",
    "offer.read": "Read the summary, without your name",
    "opinion.read": "Opened the page of the opinion",
    "opinion.open": "Opened the opinion for the first time",
    "opinion.download": "Downloaded the opinion",
    "record.list": "Looked at the list of records",
    "record.open": "Opened a record",
    "record.refused": "Was refused a record",
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
    return [Look(entry.at, name_of(entry, known, reader), WORDS[entry.action]) for entry in entries]


def known_to_patient(case: Case) -> set[int]:
    """The accounts whose names stand on the patient's pages: family, and whoever wrote, asked or made a step that is shown."""
    people: set[int | None] = {case.patient_id, case.owner_id, case.specialist_id}
    people.update(Access.objects.filter(case=case, right__in=PRIVATE_RIGHTS, user__isnull=False).values_list("user", flat=True))
    people.update(case.messages.values_list("author", flat=True))
    people.update(case.asks.values_list("opened_by", flat=True))
    people.update(case.journal.filter(event__in=("claimed", "accept", "sign")).values_list("by", flat=True))
    return {person for person in people if person}


def name_of(entry: Entry, known: Iterable[int], reader: User) -> str:
    """Who did it, by name where the patient knows them, otherwise by their part."""
    person = entry.actor
    if person is None:
        return STRANGER if entry.outcome == Outcome.REFUSED else "The system"
    if person.pk == reader.pk:
        return "You"
    if person.pk in known:
        return str(person)
    if entry.outcome == Outcome.REFUSED:
        return STRANGER
    return "A specialist" if Role.SPECIALIST in person.roles else "The care team"
