"""What the public pages tell of this organisation out of its database; each process keeps it for ten minutes."""

import logging
import math
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import caches
from django.db import InterfaceError, OperationalError
from django.utils.text import slugify

from secondop.cases.statistics import Spread, delivery_times
from secondop.catalog.models import ChecklistTemplate, JurisdictionRule, Specialty
from secondop.catalog.places import COUNTRY_NAMES
from secondop.web.clock import now

logger = logging.getLogger(__name__)
SILENT_SECONDS = 30  # before a database that did not answer is asked again
Verdict = JurisdictionRule.Verdict


class Field(NamedTuple):
    """A specialty: what its patients often ask, and what to send along."""

    name: str
    slug: str
    questions: list[str]
    needed: list[str]
    helpful: list[str]


class Served(NamedTuple):
    """Places of residence that are treated alike; ``notes`` are what their people are told."""

    title: str
    places: list[str]
    notes: list[str]


class Clock(NamedTuple):
    """Days until half, and until nine in ten of the opinions were there; the parts of a bar as long as the longest of both clocks."""

    title: str
    median: int
    p90: int
    median_part: int
    p90_part: int


class Times(NamedTuple):
    """How long the delivered opinions of the last year took."""

    opinions: int
    clocks: list[Clock]


class Facts(NamedTuple):
    """All of it, as it was at ``read_at``; ``times`` is ``None`` while too few opinions back the figures."""

    read_at: datetime
    fields: list[Field]
    every_case: Field
    served: list[Served]
    times: Times | None


def known() -> Facts | None:
    """The facts, at most ten minutes old, without a query where this process has them; ``None`` while the database does not answer."""
    cache = caches["pages"]
    found = cache.get("facts")
    if found is None:
        try:
            found = Facts(now(), *fields(), served(), times())
        except (InterfaceError, OperationalError) as error:
            logger.warning("public pages go without facts from the database (%s)", type(error).__name__)
            cache.set("facts", False, SILENT_SECONDS)
            return None
        cache.set("facts", found)
    return found or None


def fields() -> tuple[list[Field], Field]:
    """Every specialty in use, and what every case needs whatever its specialty."""
    items = list(ChecklistTemplate.objects.filter(active=True))
    specialties = Specialty.objects.filter(active=True)
    found = [field(s.name, s.prompts, [item for item in items if item.specialty_id == s.pk]) for s in specialties]
    return found, field("Every case", [], [item for item in items if item.specialty_id is None])


def field(name: str, questions: list[str], items: list[ChecklistTemplate]) -> Field:
    """One specialty with its items in two lists: those a case is not complete without, and the others."""
    needed, helpful = ([item.text for item in items if item.required is wanted] for wanted in (True, False))
    return Field(name, slugify(name), questions, needed, helpful)


GROUPS = {
    "We can help you if you live in": (Verdict.DIRECT, Verdict.SILENT),
    "We can help you together with a doctor near you if you live in": (Verdict.WITH_PHYSICIAN,),
    "We cannot help you yet if you live in": (Verdict.PROHIBITED,),
}


def served() -> list[Served]:
    """Where people may live who ask here, as far as the rules name places; a region that is served as its country goes without saying."""
    every = list(JurisdictionRule.objects.order_by("country", "region"))
    whole = {rule.country: rule.verdict for rule in every if not rule.region}
    rules = [rule for rule in every if not (rule.region and whole.get(rule.country) == rule.verdict)]
    divided = {rule.country for rule in rules if rule.region}
    found = []
    for title, verdicts in GROUPS.items():
        fitting = [rule for rule in rules if rule.verdict in verdicts]
        if fitting:
            notes = dict.fromkeys(rule.note for rule in fitting if rule.note)
            found.append(Served(title, places(fitting, divided), list(notes)))
    return found


def places(rules: list[JurisdictionRule], divided: set[str]) -> list[str]:
    """The places of ``rules``, one line a country; ``divided`` are the countries of which some regions have rules of their own."""
    lines = []
    for country in sorted({rule.country for rule in rules}, key=list(COUNTRY_NAMES).index):
        regions = [rule.region for rule in rules if rule.country == country]
        name = COUNTRY_NAMES[country]
        named = [f"{name}: {', '.join(filter(None, regions))}"] if any(regions) else []
        whole = [f"{name}, all places not named here" if country in divided else name] if "" in regions else []
        lines += named + whole
    return lines


def times() -> Times | None:
    """The figures in whole days, rounded up: a day that has begun counts."""
    measured = delivery_times()
    if measured is None:
        return None
    longest = max(measured.from_asking.p90, measured.from_complete.p90)
    clocks = {"From asking to the answer": measured.from_asking, "From complete records to the answer": measured.from_complete}
    return Times(measured.opinions, [clock(title, spread, longest) for title, spread in clocks.items()])


def clock(title: str, spread: Spread, longest: timedelta) -> Clock:
    """One clock beside another one; its bars are parts of 100."""
    days = [math.ceil(span / timedelta(days=1)) for span in spread]
    parts = [max(1, round(100 * (span / longest))) if longest else 1 for span in spread]
    return Clock(title, *days, *parts)
