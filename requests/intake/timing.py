"""Whether an opinion can be there by the day of a decision, and by when it is expected, for a request that is sent now.

Both come from this organisation's own times once enough opinions stand behind them, and from its targets, called that, before.
"""

import math
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils.timezone import localtime

from secondop.cases.forecast import Forecast, by_when, if_sent_now, local_day
from secondop.catalog.calendar import add_working_days
from secondop.web.clock import now

TOO_FEW = "We have not finished enough opinions yet to tell you how long they take."
IF_LATE = "Ask your doctor if the decision can wait. You can still send your request: we see your date and look for a faster way."


class Outlook(NamedTuple):
    """An honest answer: ``kind`` is that of components/notice.html, ``title`` the answer, ``basis`` why, ``advice`` what to do."""

    kind: str
    title: str
    basis: str
    advice: str = ""

    @property
    def text(self) -> str:
        """The basis and the advice, for where the expected date does not stand beside them."""
        return f"{self.basis} {self.advice}".strip()


def outlook(on: date | None) -> Outlook | None:
    """Whether a request that is sent now is likely to be answered by the day ``on``; ``None`` without a day to come."""
    if on is None or on < localtime(now()).date():
        return None
    found = if_sent_now()
    return by_experience(on, found) if found else by_targets(on)


def by_experience(on: date, found: Forecast) -> Outlook:
    """The answer that our own cases give."""
    half, most = (days_until(moment) for moment in (found.usually, found.nearly_always))
    told = f"Of our last {found.opinions} opinions, half were there {within(half)}, and nine in ten {within(most)}."
    if on >= localtime(found.nearly_always).date():
        return Outlook("success", "Yes, very likely, if you send it today", told)
    if on >= localtime(found.usually).date():
        return Outlook("warning", "Maybe. We cannot be sure", told, "The sooner you send it, the better the chance.")
    return Outlook("warning", "Probably not in time", told, IF_LATE)


def by_targets(on: date) -> Outlook:
    """The answer that our targets give."""
    target = target_if_sent_now()
    told = f"If you send it today, we aim for {local_day(target)}. This is our target, not a promise. {TOO_FEW}"
    if on >= localtime(target).date():
        return Outlook("info", "By our targets, yes", told)
    return Outlook("warning", "By our targets, not in time", told, IF_LATE)


def days_until(moment: datetime) -> int:
    """Whole days until ``moment``; a day that has begun counts."""
    return max(1, math.ceil((moment - now()) / timedelta(days=1) - 1e-6))


def within(days: int) -> str:
    """So many days, in words."""
    return "within a day" if days == 1 else f"within {days} days"


def target_if_sent_now() -> datetime:
    """By when an opinion sent for now should be there, by the organisation's own targets."""
    return add_working_days(now(), sum(settings.STAGE_TARGET_DAYS.values()))


def expected_if_sent_now() -> str:
    """By when to expect the opinion, in words."""
    return by_when(if_sent_now(), target_if_sent_now())
