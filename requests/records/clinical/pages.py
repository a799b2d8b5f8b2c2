"""What the pages of the health record show: one part at a time, each line with its sources."""

import re
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Max, Min
from django.http import HttpRequest

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.cases.models.brief import HealthKind

from . import reading, trend, wording
from .models import ClinicalEntry, EntryKind
from .reading import Entries, Source

GLANCE, TIMELINE = "glance", "timeline"
ON_A_PAGE, SERIES_ON_A_PAGE, VALUES, AT_A_GLANCE, IN_A_PANEL = 50, 25, 60, 6, 8
TEXTS = (EntryKind.REPORT, EntryKind.DOCUMENT, EntryKind.NOTE)
YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*\b", re.IGNORECASE)


class Line(NamedTuple):
    """An entry as a page shows it."""

    entry: ClinicalEntry
    when: str
    value: str
    flag: str
    is_unusual: bool
    standing: str
    sources: list[Source]

    @property
    def sort(self) -> str:
        """What it is, in a list of all sorts."""
        return wording.ONE.get(EntryKind(self.entry.kind), self.entry.get_kind_display())

    @property
    def has_more(self) -> bool:
        """Whether the document says something besides what, when and how it stands."""
        return bool(self.entry.details or self.entry.by)


class Series(NamedTuple):
    """A measure with its values, the newest one first, and the points of their course."""

    newest: Line
    values: list[Line]
    points: str

    @property
    def extent(self) -> str:
        """How many values there are to see, which may not be all."""
        return f"The newest {VALUES} values" if len(self.values) == VALUES else f"{len(self.values)} values"


class Event(NamedTuple):
    """A line of the timeline: from a file, or as the patient told it (then without a ``line``)."""

    at: str
    when: str
    text: str
    line: Line | None

    @property
    def year(self) -> str:
        """The year it belongs to, empty where none is told."""
        return self.at[:4]


class Section(NamedTuple):
    """One kind of entries, all of them or the newest."""

    kind: EntryKind
    lines: list[Line]
    series: list[Series]
    total: int

    @property
    def is_text(self) -> bool:
        """Whether its entries are read one below the other rather than in a table."""
        return self.kind in TEXTS

    @property
    def is_measured(self) -> bool:
        """Whether its entries have values."""
        return self.kind in wording.MEASURED

    @property
    def has_more(self) -> bool:
        """Whether a document says more of one of its entries."""
        return any(line.has_more for line in self.lines)


def page_of(request: HttpRequest, entries: Entries, case: Case | None = None) -> dict[str, Any]:
    """One part of the health record that ``entries`` make; of a ``case`` as a whole with what the patient told.

    The number of queries does not grow with the entries.
    """
    counts = reading.counts(entries)
    parts = {GLANCE: "At a glance", TIMELINE: "Timeline"} | {kind.value: kind.label for kind in EntryKind if kind in counts}
    part = request.GET.get("part", "")
    part = part if part in parts else GLANCE
    page = {"part": part, "title": parts[part], "is_empty": not counts}
    page["tabs"] = [
        {"label": label, "url": f"?part={key}", "current": key == part, "number": counts.get(key)} for key, label in parts.items()
    ]
    number = request.GET.get("page")
    if part == TIMELINE:
        return page | timeline(entries, number, told(case))
    if part == GLANCE:
        return page | {"sections": glance(entries, counts)}
    return page | section(entries, EntryKind(part), counts[part], number)


def glance(entries: Entries, counts: dict[str, int]) -> list[Section]:
    """The newest of each kind; what documents say in their own words is on a part of its own."""
    found = reading.first_of_each(entries.exclude(kind=EntryKind.NOTE), AT_A_GLANCE)
    lines = lines_of(entries, found)
    return [
        Section(kind, [line for line in lines if line.entry.kind == kind], [], counts[kind])
        for kind in EntryKind
        if kind in counts and kind != EntryKind.NOTE
    ]


def section(entries: Entries, kind: EntryKind, total: int, number: str | None) -> dict[str, Any]:
    """One page of all entries of a kind; measured values are put together by what they measure."""
    of_kind = entries.filter(kind=kind)
    if kind in wording.MEASURED:
        named = of_kind.order_by().values("series").annotate(last=Max("starts"), name=Min("text")).order_by("-last", "name", "series")
        measures = Paginator(named, SERIES_ON_A_PAGE).get_page(number)
        return {"page": measures, "sections": [Section(kind, [], series_of(of_kind, measures), total)]}
    order = ("record", "position") if kind == EntryKind.NOTE else ("-starts", "pk")
    page = Paginator(reading.once(of_kind).order_by(*order), ON_A_PAGE).get_page(number)
    return {"page": page, "sections": [Section(kind, lines_of(of_kind, list(page)), [], total)]}


def series_of(entries: Entries, page: Page) -> list[Series]:
    """The measures of a page with their values."""
    keys = [row["series"] for row in page]
    found = reading.values_of(entries, keys, VALUES)
    lines = {line.entry.pk: line for line in lines_of(entries, [entry for values in found.values() for entry in values])}
    series = []
    for key in keys:
        values = [lines[entry.pk] for entry in reversed(found[key])]
        series.append(Series(values[0], values, trend.points(found[key])))
    return series


def timeline(entries: Entries, number: str | None, told: list[Event]) -> dict[str, Any]:
    """One page of the timeline, what the patient told in its place; what has no year comes last."""
    page = Paginator(reading.timeline(entries), ON_A_PAGE).get_page(number)
    shown = list(page)
    following = reading.timeline(entries)[page.end_index() : page.end_index() + 1] if page.has_next() else []
    newest = "9999" if page.number == 1 else shown[0].starts[:4]
    oldest = next((entry.starts[:4] for entry in following), "")
    here = [event for event in told if event.year and oldest <= event.year < newest]
    dated = [Event(line.entry.starts, line.when, str(line.entry), line) for line in lines_of(entries, shown)]
    events = sorted([*dated, *here], key=lambda event: event.at, reverse=True)
    return {"page": page, "events": events, "undated": [] if page.has_next() else [event for event in told if not event.year]}


def told(case: Case | None) -> list[Event]:
    """What the patient told of what happened when; year and month are taken from their words."""
    items = case.health.filter(kind=HealthKind.EVENT) if case else []
    return [Event(moment_of(item.when), item.when, item.text, None) for item in items]


def moment_of(words: str) -> str:
    """The year, and the first month, that somebody names: ``2026-09`` for "early September 2026"; empty without a year."""
    year, month = YEAR.search(words), MONTH.search(words)
    if year is None:
        return ""
    return f"{year.group()}-{MONTHS.index(month.group(1).lower()) + 1:02}" if month else year.group()


def panel_of(case: Case, reader: User) -> dict[str, Any]:
    """The newest lines of the timeline, for pages of others."""
    entries = reading.of_case(case, reader)
    shown = list(reading.timeline(entries)[: IN_A_PANEL + 1])
    return {"case": case, "lines": lines_of(entries, shown[:IN_A_PANEL]), "more": len(shown) > IN_A_PANEL, "told": told(case)}


def lines_of(entries: Entries, shown: list[ClinicalEntry]) -> list[Line]:
    """Entries as lines, with all their sources among ``entries``."""
    places = reading.sources(entries, shown) if shown else {}
    return [
        Line(
            entry,
            wording.period(entry),
            wording.value(entry),
            wording.flag(entry),
            wording.is_unusual(entry),
            wording.standing(entry),
            places.get(entry.same, []),
        )
        for entry in shown
    ]
