"""The one clock of the services, so that demo cases may be made through them at past dates."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.utils import timezone

_offset: ContextVar[timedelta] = ContextVar("clock offset", default=timedelta(0))


def now() -> datetime:
    """The present moment in UTC, or the shifted one inside ``shifted()``."""
    return timezone.now() + _offset.get()


def at_organisation(moment: datetime) -> datetime:
    """``moment`` in the organisation's time zone, whatever zone its reader has chosen."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def today() -> date:
    """The organisation's date now."""
    return at_organisation(now()).date()


@contextmanager
def shifted(to: datetime | timedelta) -> Iterator[None]:
    """Within the block ``now()`` starts at the moment ``to``, or is off by the time span ``to``, and runs on from there.

    Only the demo's seed uses this. Raises ``ValueError`` for a moment without a time zone.
    """
    if isinstance(to, datetime):
        if timezone.is_naive(to):
            raise ValueError("a moment needs a time zone")
        to = to - timezone.now()
    token = _offset.set(to)
    try:
        yield
    finally:
        _offset.reset(token)
