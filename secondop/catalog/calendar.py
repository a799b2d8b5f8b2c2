"""Working time: weekdays but the organisation's holidays, 9 to 17 in the organisation's time zone."""

from datetime import date, datetime, time, timedelta

from secondop.web.clock import at_organisation

from .models import Holiday

OPENS, CLOSES = time(9), time(17)
DAY = timedelta(days=1)


def holidays(since: date, until: date) -> set[date]:
    """The organisation's holidays from ``since`` to ``until``, both included."""
    return set(Holiday.objects.filter(day__range=(since, until)).values_list("day", flat=True))


def is_working_day(day: date, off: set[date]) -> bool:
    """Whether anybody works on ``day``, given the holidays ``off``."""
    return day.weekday() < 5 and day not in off


def add_working_days(start: datetime, days: int) -> datetime:
    """The same time of day, ``days`` working days after ``start``, in the organisation's time zone."""
    at = at_organisation(start)
    off = holidays(at.date(), at.date() + timedelta(days=2 * days + 30))
    while days > 0:
        at += DAY
        days -= is_working_day(at.date(), off)
    return at


def add_working_hours(start: datetime, hours: float) -> datetime:
    """The moment when ``hours`` of working time have passed since ``start``."""
    at = at_organisation(start)
    left = timedelta(hours=hours)
    off = holidays(at.date(), at.date() + timedelta(days=int(hours) + 60))
    while True:
        opens, closes = (at.replace(hour=t.hour, minute=0, second=0, microsecond=0) for t in (OPENS, CLOSES))
        begin = max(at, opens)
        if is_working_day(at.date(), off) and begin < closes:
            if begin + left <= closes:
                return begin + left
            left -= closes - begin
        at = opens + DAY
