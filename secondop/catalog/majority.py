"""When a child becomes an adult: at the first moment of a birthday, where they live."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from secondop.web.clock import now

ADULT_AT = 18  # where no rule says otherwise: the age in most of the world (Convention on the Rights of the Child, article 1)


class Majority(NamedTuple):
    """The age of majority of a place, and the time zone in which its days begin."""

    age: int = ADULT_AT
    zone: str = ""

    @property
    def tz(self) -> ZoneInfo:
        """The place's time zone, else the organisation's."""
        return ZoneInfo(self.zone or settings.TIME_ZONE)

    def today(self) -> date:
        """The date there now."""
        return now().astimezone(self.tz).date()

    def birthday(self, born: date, age: int | None = None) -> date:
        """The day on which somebody is ``age`` (or of age). Who was born on February 29 waits until March 1 in other years."""
        year = born.year + (self.age if age is None else age)
        try:
            return born.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    def begins(self, born: date) -> datetime:
        """The moment at which somebody is an adult: the midnight that begins the birthday."""
        return datetime.combine(self.birthday(born), time.min, self.tz)

    def years(self, born: date) -> int:
        """How old somebody is there today; below zero for who is not born yet."""
        today = self.today()
        age = today.year - born.year
        return age if self.birthday(born, age) <= today else age - 1
