"""Spans of time and the ends of offers, as people say them."""

from datetime import datetime, timedelta

from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import now

from .models import Offer

MINUTE, HOUR, DAY = 60, 3600, 86400
# Below how many seconds which unit tells best; half a unit less, so that no "60 minutes" come of rounding.
UNITS = ((HOUR - MINUTE / 2, MINUTE, "minute"), (2 * DAY, HOUR, "hour"), (float("inf"), DAY, "day"))


def span(length: timedelta) -> str:
    """A length of time, rounded, in its telling unit: "12 minutes", "30 hours", "4 days"."""
    seconds = length.total_seconds()
    size, unit = next((size, unit) for below, size, unit in UNITS if seconds < below)
    count = max(round(seconds / size), 1)
    return f"{count} {unit}{'s' if count != 1 else ''}"


def time_left(at: datetime) -> str:
    """How much time is left until ``at``, or how late it is: "30 hours left", "2 days late"."""
    left = at - now()
    return f"{span(left)} left" if left > timedelta(0) else f"{span(-left)} late"


def how_it_ended(offer: Offer) -> tuple[str, str]:
    """A heading and a sentence for the specialist about an offer that can no longer be answered."""
    status = Offer.Status(offer.status)
    if status == Offer.Status.ACCEPTED:
        if is_theirs(offer):
            return "You accepted this case", "Its records and your review are open to you."
        return "You had accepted this case", "It is no longer with you. Thank you for your work on it."
    if status == Offer.Status.DECLINED:
        return "You declined this offer", "Thank you for answering. There is nothing more to do."
    if offer.case.state == State.IN_REVIEW:
        return "A colleague was first", "Another specialist has accepted this case. Thank you for being ready to help."
    if status == Offer.Status.LAPSED or offer.expires_at <= now():
        return "The time to answer is over", "We are asking a colleague. There is nothing more to do."
    return "This offer was taken back", "The case went another way before you answered. There is nothing more to do."


def is_theirs(offer: Offer) -> bool:
    """Whether the offer made its specialist the one who reviews the case now."""
    case: Case = offer.case
    with_them = case.specialist_id == offer.specialist_id and case.state in (State.IN_REVIEW, State.CHECKING, State.DELIVERED)
    return offer.status == Offer.Status.ACCEPTED and offer.given_back_at is None and with_them
