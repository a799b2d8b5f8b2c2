"""By when an office has to answer a request for records, by the law of the place; without one, the usual month."""

import calendar
from datetime import date, timedelta
from typing import NamedTuple


class Rule(NamedTuple):
    """How long an office has, how much longer once it says why, where that is written, and how a letter says it."""

    days: int
    months: int
    longer_days: int
    longer_months: int
    source: str
    words: str

    def due(self, sent: date) -> date:
        """The last day for an answer to a request that went out on ``sent``."""
        return later(sent, self.days, self.months)

    def extended(self, due: date) -> date:
        """The last day once the office has told why it needs longer, which it may do once."""
        return later(due, self.longer_days, self.longer_months)


HIPAA = Rule(
    30,
    0,
    30,
    0,
    "45 CFR 164.524(b)(2)",
    "Federal law (45 CFR 164.524) gives patients a right to their records within 30 days of a request.",
)
GDPR = Rule(
    0, 1, 0, 2, "GDPR, Article 12(3)", "Articles 12 and 15 of the GDPR give patients a right to a copy of their records within one month."
)
USUAL = Rule(30, 0, 30, 0, "", "Please answer within 30 days.")
# The European Economic Area, and the United Kingdom, whose law has the same article.
EUROPE = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)


def rule_for(country: str) -> Rule:
    """The rule of a country, by its ISO 3166-1 code."""
    code = country.upper()
    return HIPAA if code == "US" else GDPR if code in EUROPE else USUAL


def later(day: date, days: int, months: int) -> date:
    """``day`` so many days and calendar months later; a month without that day ends with its last one."""
    if not months:
        return day + timedelta(days=days)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=days)
