"""Quiet hours by the clock on the wall of a time zone: pure functions."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
LONGEST = 2 * 24 * 60  # minutes: a day, and every change of a clock that there ever was


def is_quiet(at: datetime, zone: ZoneInfo, begins: time, ends: time) -> bool:
    """Whether a clock in ``zone`` shows a time from ``begins`` up to ``ends`` at the moment ``at``; midnight may lie between them."""
    shown = at.astimezone(zone).time()
    return begins <= shown < ends if begins <= ends else shown >= begins or shown < ends


def end_of_quiet(at: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """The first full minute after ``at`` that is not quiet any more; ``None`` when ``at`` is not quiet.

    It is looked for minute by minute: where clocks are put forward or back, the end may be missing that day, or come twice.
    """
    if not is_quiet(at, zone, begins, ends):
        return None
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    later = (minute + count * MINUTE for count in range(1, LONGEST))
    return next((moment for moment in later if not is_quiet(moment, zone, begins, ends)), None)


def last_hour(at: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """The latest moment, not after ``at``, at which a clock in ``zone`` came to the full ``hour`` of a day."""
    day = at.astimezone(zone).date()
    for back in range(3):
        moment = datetime.combine(day - back * timedelta(days=1), time(hour), zone).astimezone(UTC)
        if moment <= at:
            return moment
    raise ValueError("no clock stands still for three days")
