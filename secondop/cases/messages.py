"""The one thread of a case: who reads what of it, writing to it, and what is new to whom."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.urls import reverse

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.notices.services import tell
from secondop.web.clock import now
from secondop.web.text import clean

from .access import Anybody, Right, parties
from .lifecycle import NotAllowed, Refused, lock, recipients
from .models import Case, Message, ReadMark
from .states import ENDED, Party, State

WRITE_AFTER_END = timedelta(days=30)
DOUBLE_POST = timedelta(seconds=10)
ATTACHED = 20
MESSAGES_AN_HOUR = 30  # of one patient or one of their family; those who work here write as much as they need
# Who takes part in the thread, and the page on which each reads it.
PAGES = {
    Party.PATIENT: "tracking:messages",
    Party.PROXY: "tracking:messages",
    Party.COORDINATOR: "routing:messages",
    Party.SPECIALIST: "opinions:messages",
}


def part_of(case: Case, user: User) -> Party | None:
    """As whom ``user`` takes part in the thread now; ``None`` for everybody else, and for all before the request is sent."""
    acting = parties(case, user) if case.state != State.DRAFT else set()
    return next((party for party in PAGES if party in acting), None)


def thread_of(case: Case, user: User, part: Party | None = None, held: Collection[Right] | None = None) -> QuerySet[Any]:
    """What ``user`` may read of the thread now, the newest first, each message with ``is_new`` and the records they may open.

    The patient, deciding family and coordinators read all of it, the case's specialist what was written since they accepted.
    ``part`` is for callers that have just seen as whom ``user`` may read, ``held`` for those that ``attachable()`` speaks of.
    """
    part = part or part_of(case, user)
    if part is None:
        return Message.objects.none()
    found = case.messages.select_related("author")
    if part == Party.SPECIALIST:
        found = found.since_acceptance()
    return found.with_news(user).prefetch_related(Prefetch("records", attachable(case, user, held)))


def attachable(case: Case, user: User, held: Collection[Right] | None = None) -> QuerySet[Any]:
    """The records of ``case`` that ``user`` may open, and so attach: the newest first.

    ``held`` is all that ``user`` may do with the case now, for callers that have just asked.
    """
    return case.records.openable_by(user, held)


def offered(case: Case, user: User, held: Collection[Right] | None = None) -> list[Any]:
    """What a form offers to attach: the newest of ``attachable()``; a scan of a thousand images would leave no room for its report."""
    return list(case.records.openable_by(user, held).without_images()[:ATTACHED])


def writable_until(case: Case) -> datetime | None:
    """When the thread closes: 30 days after the end of the case. ``None`` while the case goes on."""
    return case.ended_at + WRITE_AFTER_END if case.state in ENDED and case.ended_at else None


def is_writable(case: Case) -> bool:
    """Whether the thread still takes messages."""
    until = writable_until(case)
    return case.state != State.DRAFT and (until is None or now() < until)


@transaction.atomic
def write(case: Case, *, by: User, text: str, records: Iterable[Any] = ()) -> Message:
    """Add ``text`` to the thread, with records of the case that ``by`` may open, and tell the others.

    The same words sent twice within ten seconds are one message. Raises ``NotAllowed`` for anybody who takes no part, and
    ``Refused`` without a text, 30 days after the end, and beyond the limit of an hour.
    """
    locked = lock(case)
    part = part_of(locked, by)
    if part is None:
        raise NotAllowed("this person takes no part in the thread")
    text = clean(text).strip()
    if not text:
        raise Refused("Please write your message first.")
    if not is_writable(locked):
        raise Refused("This case ended more than 30 days ago, so nobody can write here any more.")
    at = now()
    if twice := locked.messages.filter(author=by, text=text, at__gt=at - DOUBLE_POST).first():
        return twice
    if part in (Party.PATIENT, Party.PROXY):
        check_pace(by)
    message = locked.messages.create(author=by, party=part, text=text, at=at)
    message.records.set(attachable(locked, by).filter(pk__in=[found.pk for found in records]))
    record("message.write", by=by, case_uid=locked.uid, patient_id=locked.patient_id, target=f"message:{message.pk}")
    tell_others(locked, by)
    return message


def check_pace(author: User) -> None:
    """Raise ``Refused`` where ``author`` has written more in an hour than anybody would; of requests at the same moment each waits here."""
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    if Message.objects.filter(author=author, at__gt=now() - timedelta(hours=1)).count() >= MESSAGES_AN_HOUR:
        raise Refused("That was a lot of messages at once. Please wait an hour, then write again.")


def tell_others(case: Case, author: User) -> None:
    """One notice to each other person of the thread, until they open it: the key holds how far they have read."""
    people = [person for party in (Party.PATIENT, Party.COORDINATOR, Party.SPECIALIST) for person in recipients(case, party)]
    marks = dict(ReadMark.objects.filter(case=case, user__in=people).values_list("user_id", "read_at"))
    for person in set(people) - {author}:
        part = part_of(case, person)
        if part is None:
            continue
        kind = "message_patient" if part in (Party.PATIENT, Party.PROXY) else "message_staff"
        seen = marks[person.pk].timestamp() if person.pk in marks else 0
        tell(person, kind, case=case, key=f"message:{case.uid}:{person.pk}:{seen}", link=reverse(PAGES[part], args=[case.uid]))


def mark_read(case: Case, by: User, upto: Message) -> None:
    """Remember that ``by`` was shown the thread up to ``upto``; a mark never goes back."""
    mine = ReadMark.objects.filter(case=case, user=by)
    if not mine.filter(read_at__gte=upto.at).exists() and not mine.filter(read_at__lt=upto.at).update(read_at=upto.at):
        ReadMark.objects.get_or_create(case=case, user=by, defaults={"read_at": upto.at})


def with_unread(cases: QuerySet[Case], user: User | Anybody, *, as_specialist: bool = False) -> Any:
    """``cases`` with ``unread``: whether others wrote something that ``user`` has not been shown; part of the same query."""
    found = Message.objects.unread_by(user).filter(case=OuterRef("pk"))
    return cases.annotate(unread=Exists(found.since_acceptance() if as_specialist else found))
