"""What staff ask the patient for: opened, extended and closed by a coordinator or the case's specialist, answered item by item."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from secondop.accounts.models import User
from secondop.audit.services import record
from secondop.notices.services import tell
from secondop.web.clock import now

from .access import parties
from .clocks import stages
from .lifecycle import NotAllowed, Refused, journal, lock, recipients
from .models import Ask, AskItem, Case
from .states import OPEN, Party, State

DAYS_TO_ANSWER = 7
REMINDER_DAYS = (2, 5, 7)
SPECIALIST_ROUNDS = 2
# How far ahead the new date of an ask may lie. A specialist's clock stands still meanwhile, so theirs is a week.
LONGEST, LONGEST_PAUSE = timedelta(days=30), timedelta(days=DAYS_TO_ANSWER)
MAX_ITEMS = 10
DOUBLE_POST = timedelta(seconds=10)


@transaction.atomic
def open_ask(case: Case, *, by: User, items: Sequence[str]) -> Ask:
    """Ask the patient for one or more things. A coordinator may at any time of an open case, its specialist while reviewing.

    The same things asked twice within ten seconds are one ask. Raises ``NotAllowed`` for anybody else and ``Refused`` without an
    item, in an ended case, or in a specialist's third round.
    """
    locked = lock(case)
    wanted = [text.strip() for text in items if text.strip()]
    if twice := asked_just_now(locked, by, wanted):
        return twice
    by_specialist = asks_as_specialist(locked, by)
    if not wanted or len(wanted) > MAX_ITEMS:
        raise Refused(f"Write between one and {MAX_ITEMS} things you need.")
    at = now()
    ask = locked.asks.create(opened_by=by, by_specialist=by_specialist, opened_at=at, due_at=at + timedelta(days=DAYS_TO_ANSWER))
    AskItem.objects.bulk_create(AskItem(ask=ask, text=text) for text in wanted)
    journal(locked, "ask_opened", by)
    audit("ask.open", locked, by, ask)
    for person in recipients(locked, Party.PATIENT):
        tell(person, "ask_opened", case=locked, key=f"ask:{ask.pk}:{person.pk}")
    return ask


def asked_just_now(case: Case, by: User, wanted: Sequence[str]) -> Ask | None:
    """The open ask of ``by`` for the same things, if its form was sent twice."""
    recent = case.asks.open().filter(opened_by=by, opened_at__gt=now() - DOUBLE_POST).prefetch_related("items")
    return next((ask for ask in recent if [item.text for item in ask.items.all()] == list(wanted)), None)


def asks_as_specialist(case: Case, by: User) -> bool:
    """Whether ``by`` may ask as the specialist (twice, while reviewing) and not as the coordinator. Raises as ``open_ask()``."""
    acting = parties(case, by)
    if not acting & {Party.COORDINATOR, Party.SPECIALIST}:
        raise NotAllowed("only the coordinator and the case's specialist may ask")
    if case.state not in OPEN:
        raise Refused("This case is not open any more.")
    if Party.COORDINATOR in acting:
        return False
    if case.state != State.IN_REVIEW:
        raise Refused("You can ask while you review the case.")
    if rounds(case, by).count() >= SPECIALIST_ROUNDS:
        raise Refused("You have asked twice. Please go on, and name what is missing as a limitation.")
    return True


def rounds(case: Case, by: User) -> QuerySet[Ask]:
    """What ``by`` has asked as the specialist of ``case`` since accepting it."""
    return case.asks.filter(by_specialist=True, opened_by=by, opened_at__gte=case.accepted_at)


def audit(action: str, case: Case, by: User | None, ask: Ask) -> None:
    """One row of the audit log for an act on an ask."""
    record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, target=f"ask:{ask.pk}")


@transaction.atomic
def answer_ask(ask: Ask, *, by: User, answers: dict[int, str]) -> Ask:
    """Store the patient's answers by item id, an empty one takes an answer back; once every item has one, the opener is told.

    What is stored already, such as by a form sent twice, changes nothing. Raises ``NotAllowed`` for anybody but the patient or
    deciding family, ``Refused`` for other answers when the ask is not open any more.
    """
    case = lock(ask.case)
    if not parties(case, by) & {Party.PATIENT, Party.PROXY}:
        raise NotAllowed("only the patient answers")
    ask = case.asks.select_for_update().get(pk=ask.pk)
    stored = dict(ask.items.values_list("pk", "answer"))
    if ask.status == Ask.Status.ANSWERED and answers and all(stored.get(pk) == text.strip() for pk, text in answers.items()):
        return ask
    if ask.status != Ask.Status.OPEN:
        raise Refused("This question has been closed meanwhile. Thank you, there is nothing more to do.")
    for item in ask.items.all():
        text = answers.get(item.pk, item.answer).strip()
        if text != item.answer:
            item.answer, item.answered_at, item.answered_by = text, now(), by
            item.save()
    audit("ask.answer", case, by, ask)
    if not ask.items.filter(answer="").exists():
        end_ask(ask, Ask.Status.ANSWERED)
        journal(case, "ask_answered", by)
        tell_answered(case, ask)
    return ask


def tell_answered(case: Case, ask: Ask) -> None:
    """Tell whoever asked, a specialist with the way to their review, and the desk."""
    opener = [ask.opened_by] if ask.opened_by.is_active else []
    room = reverse("opinions:write", args=[case.uid])
    for person in {*opener, *recipients(case, Party.COORDINATOR)}:
        link = room if ask.by_specialist and person == ask.opened_by else ""
        tell(person, "ask_answered", case=case, key=f"answered:{ask.pk}:{person.pk}", link=link)


def held_ask(ask: Ask, by: User) -> tuple[Case, Ask]:
    """The case and the ask, both locked, for a coordinator or the specialist who opened it. Raises ``NotAllowed`` for others."""
    case = lock(ask.case)
    acting = parties(case, by)
    if not (Party.COORDINATOR in acting or (by == ask.opened_by and Party.SPECIALIST in acting)):
        raise NotAllowed("only the coordinator or the person who asked may change it")
    return case, case.asks.select_for_update().get(pk=ask.pk)


@transaction.atomic
def cancel_ask(ask: Ask, *, by: User) -> Ask:
    """Close an ask that is no longer needed, by a coordinator or the specialist who opened it."""
    case, ask = held_ask(ask, by)
    if ask.status == Ask.Status.OPEN:
        end_ask(ask, Ask.Status.CANCELLED)
        journal(case, "ask_cancelled", by)
        audit("ask.cancel", case, by, ask)
    return ask


@transaction.atomic
def extend_ask(ask: Ask, *, by: User, due_at: datetime, reason: str) -> Ask:
    """Give the patient until ``due_at``, with a reason that they read; reminders move along. By the same people as ``cancel_ask()``.

    Raises ``Refused`` when the ask is closed, the date is not later than the present one or too far ahead, or without a reason.
    """
    case, ask = held_ask(ask, by)
    if ask.status != Ask.Status.OPEN:
        raise Refused("This question is closed already.")
    if not reason.strip():
        raise Refused("Please say why. The patient reads it.")
    until, latest = localtime(ask.due_at), localtime(now() + (LONGEST_PAUSE if ask.by_specialist else LONGEST))
    if due_at <= until or localtime(due_at).date() > latest.date():
        raise Refused(f"Please choose a day after {until:%B} {until.day}, and no later than {latest:%B} {latest.day}.")
    ask.due_at = due_at
    ask.reminded = min(ask.reminded, reminders_due(ask))
    ask.save(update_fields=["due_at", "reminded"])
    journal(case, "ask_extended", by, note=f"Please answer by {due_at:%A} {due_at.day} {due_at:%B}. {reason.strip()}")
    audit("ask.extend", case, by, ask)
    for person in recipients(case, Party.PATIENT):
        tell(person, "ask_extended", case=case, key=f"ask:{ask.pk}:{person.pk}:until:{due_at:%Y%m%d}")
    return ask


def end_ask(ask: Ask, status: str) -> None:
    """Write how an ask ended. With the last open one the stage gets back the time for which it stood still."""
    ask.status, ask.ended_at = status, now()
    ask.save()
    case = ask.case
    if case.due_at and not case.asks.open().exists():
        case.due_at += ask.ended_at - max(waited_since(ask), stages(case)[-1].start)
        case.save(update_fields=["due_at"])


def waited_since(ask: Ask) -> datetime:
    """When the wait that ends with ``ask`` began; asks that overlap are one wait."""
    since = ask.opened_at
    for earlier in ask.case.asks.filter(opened_at__lt=since).order_by("-opened_at"):
        if earlier.ended_at and earlier.ended_at >= since:
            since = earlier.opened_at
    return since


def remind() -> int:
    """Remind patients of open asks on days 2, 5 and 7, but not of one that lapses now; returns how many reminders."""
    sent = 0
    open_asks = Ask.objects.open().exclude(pk__in=Ask.objects.overdue())
    for ask in open_asks.select_related("case__patient", "case__owner", "case__specialist"):
        due = reminders_due(ask)
        if due <= ask.reminded:
            continue
        sent += due - ask.reminded
        ask.reminded = due
        with transaction.atomic():
            # One that was extended meanwhile is reminded of by its new date.
            unchanged = Ask.objects.open().filter(pk=ask.pk, due_at=ask.due_at, reminded__lt=ask.reminded)
            if not unchanged.update(reminded=ask.reminded):
                continue
            for person in recipients(ask.case, Party.PATIENT):
                tell(person, "ask_reminder", case=ask.case, key=f"ask:{ask.pk}:{person.pk}:{ask.reminded}:{ask.due_at:%Y%m%d}")
    return sent


def reminders_due(ask: Ask) -> int:
    """How many reminders of ``ask`` should have gone out by now: days 2, 5 and 7 of the seven that end on its date."""
    days = (now() - (ask.due_at - timedelta(days=DAYS_TO_ANSWER))).days
    return sum(days >= day for day in REMINDER_DAYS)


@transaction.atomic
def lapse_ask(ask: Ask) -> Ask | None:
    """Let a specialist's overdue ask lapse and tell the specialist, whose review goes on; ``None`` when it has ended meanwhile."""
    case = lock(ask.case)
    overdue = case.asks.overdue().select_for_update().filter(pk=ask.pk).first()
    if overdue is None:
        return None
    end_ask(overdue, Ask.Status.LAPSED)
    journal(case, "ask_lapsed", None, party=Party.SYSTEM)
    audit("ask.lapse", case, None, overdue)
    tell(overdue.opened_by, "ask_lapsed", case=case, key=f"ask:{overdue.pk}:lapsed")
    return overdue
