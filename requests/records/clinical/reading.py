"""Asking for the entries of a case or of one file: what the reader may see, each thing once, with all the places that tell it."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from secondop.accounts.models import User
from secondop.cases.models import Case

from .models import MEASURED, ClinicalEntry, EntryKind

Entries = QuerySet[ClinicalEntry]
# What stands in the timeline; values and remarks would drown it.
DATED = (
    *(EntryKind.PROBLEM, EntryKind.MEDICINE, EntryKind.ALLERGY, EntryKind.REPORT, EntryKind.PROCEDURE),
    *(EntryKind.IMMUNIZATION, EntryKind.VISIT, EntryKind.DOCUMENT),
)


class Source(NamedTuple):
    """A place that tells of something: the file and where in it."""

    record_uid: object
    name: str
    path: str


def of_case(case: Case, reader: User) -> Entries:
    """All entries of ``case`` in files that ``reader`` may open and a review is made from."""
    return ClinicalEntry.objects.filter(case=case, record__in=case.records.readable_by(reader).for_review().values("pk"))


def once(entries: Entries) -> Entries:
    """Of entries that say the same the first one."""
    first = entries.order_by("same", "pk").distinct("same").values("pk")
    return ClinicalEntry.objects.filter(pk__in=first)


def counts(entries: Entries) -> dict[str, int]:
    """How many different entries there are of each kind."""
    return dict(entries.order_by().values_list("kind").annotate(number=Count("same", distinct=True)))


def timeline(entries: Entries) -> Entries:
    """What happened, the newest first; what a file denies did not happen."""
    return once(entries.filter(~Q(starts=""), denial="", kind__in=DATED)).order_by("-starts", "pk")


def first_of_each(entries: Entries, number: int) -> list[ClinicalEntry]:
    """The newest ``number`` of each kind; of measured values the newest of each measure."""
    row = Window(RowNumber(), partition_by="kind", order_by=[F("starts").desc(), F("pk").asc()])
    newest = entries.filter(kind__in=MEASURED).order_by("series", "-starts", "pk").distinct("series").values("pk")
    others = once(entries.exclude(kind__in=MEASURED)).order_by().values("pk")
    found = ClinicalEntry.objects.filter(Q(pk__in=newest) | Q(pk__in=others))
    return list(found.annotate(row=row).filter(row__lte=number).order_by("-starts", "pk"))


def values_of(entries: Entries, series: list[str], number: int) -> dict[str, list[ClinicalEntry]]:
    """The newest ``number`` values of each series, the oldest of them first."""
    row = Window(RowNumber(), partition_by="series", order_by=[F("starts").desc(), F("pk").asc()])
    found: defaultdict[str, list[ClinicalEntry]] = defaultdict(list)
    for entry in once(entries.filter(series__in=series)).annotate(row=row).filter(row__lte=number).order_by("starts", "-pk"):
        found[entry.series].append(entry)
    return found


def sources(entries: Entries, shown: list[ClinicalEntry]) -> dict[str, list[Source]]:
    """Every place that tells what is shown, by what it says."""
    found: defaultdict[str, list[Source]] = defaultdict(list)
    told = entries.filter(same__in={entry.same for entry in shown}).order_by("record__created_at", "position")
    for same, uid, name, path in told.values_list("same", "record__uid", "record__name", "path"):
        found[same].append(Source(uid, name, path))
    return found
