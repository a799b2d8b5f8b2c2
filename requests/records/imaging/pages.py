"""What the pages of images show. Reads only; the number of queries does not grow with the files."""

from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, Max, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from records.models import Record
from records.removing import GIVE_BACK
from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.models import Case

from . import gaps, words
from .models import Answer, Decision, Identity, Listed, Series, Verdict

ON_A_PAGE = 100
LISTED_SHOWN = 200
DIFFERENCES = {"name": "the name", "birth_date": "the date of birth", "age": "the age", "sex": "the sex"}


class SeriesRow(NamedTuple):
    """A series as a list shows it."""

    series: Series
    title: str
    meta: str
    named: str
    warnings: list[str]
    aside: str
    can_open: bool
    can_remove: bool
    is_new: bool = False
    template: str = "records/imaging/row.html"


class Study(NamedTuple):
    """The series of one examination."""

    title: str
    meta: str
    rows: list[SeriesRow]


class Reader(NamedTuple):
    """Who reads: their rights on the case, and when its last review ended; what came after ``since`` is new to them."""

    user: User
    rights: set[Right]
    reviewed: Any
    since: datetime | None = None

    @property
    def own_only(self) -> Q:
        """The files that somebody sees who may add to a case but not read it: their own."""
        return Q() if Right.RECORDS in self.rights else Q(records__uploaded_by=self.user)

    def is_new(self, came: datetime, identity: Identity | None) -> bool:
        """Whether something that was checked at ``came``, and names ``identity``, came before this reader after ``since``."""
        return self.since is not None and max(came, (identity and identity.opened_at) or came) > self.since


def rows_of(case: Case, pks: list[int], reader: Reader) -> dict[int, SeriesRow]:
    """The rows of series, by their number."""
    if not pks:
        return {}
    frames = Cast(KeyTextTransform("frames", "records__facts"), IntegerField())
    found = Series.objects.filter(reader.own_only, case=case, pk__in=pks).select_related("identity")
    counted = found.annotate(
        files=Count("records"),
        size=Sum("records__size"),
        frames=Sum(frames),
        different=Count("records__sop_uid", distinct=True),
        numbers=ArrayAgg("records__position", filter=Q(records__position__isnull=False), default=[]),
        first=Min("records__created_at"),
        last=Max("records__created_at"),
        came=Max(Coalesce("records__ready_at", "records__created_at")),
        burned=Count("records", filter=Q(records__facts__burned_in="yes")),
        drawn=Count("records", filter=Q(records__facts__burned_in="maybe")),
        private=Count("records", filter=~Q(records__facts__private=[])),
    )
    return {series.pk: row_of(series, case, reader) for series in counted}


def row_of(series: Any, case: Case, reader: Reader) -> SeriesRow:
    """The row of an annotated series."""
    identity = series.identity
    is_staff = Right.COORDINATE in reader.rights or Right.UPLOAD not in reader.rights
    return SeriesRow(
        series,
        series.title,
        meta_of(series),
        words.person(identity.name, identity.birth_date, identity.sex) if Right.COORDINATE in reader.rights else "",
        warnings_of(series, is_staff=is_staff),
        aside_of(identity) if identity.set_aside else "",
        Right.RECORDS in reader.rights,
        Right.UPLOAD in reader.rights and is_new_to_review(series, case, reader),
        reader.is_new(series.came, identity),
    )


def is_new_to_review(series: Any, case: Case, reader: Reader) -> bool:
    """Whether no specialist had the images before them."""
    came_late = case.state in GIVE_BACK and (reader.reviewed is None or series.first > reader.reviewed)
    return series.identity.opened_at is None or came_late


def meta_of(series: Any) -> str:
    """How it was taken, how much it is, and when it came."""
    images = series.frames if series.frames and series.frames > series.files else series.files
    count = f"{images} image{'' if images == 1 else 's'}"
    files = f"in {series.files} file{'' if series.files == 1 else 's'}" if images != series.files else ""
    came = date_format(localtime(series.last), "D j M Y")
    parts = [words.modality(series.modality), words.body_part(series.body_part), words.day(series.study_date)]
    parts += [f"{count} {files}".strip(), filesizeformat(series.size), f"Sent {came}"]
    return " · ".join(filter(None, parts))


def warnings_of(series: Any, *, is_staff: bool) -> list[str]:
    """What a reader should know: missing and double images, names in the picture, and for staff fields of a maker's own."""
    found = []
    stretches = gaps.missing(series.numbers)
    if stretches:
        found.append(gaps.told(stretches, max(series.numbers)))
    if doubles := series.files - series.different:
        found.append(f"{doubles} image{' is' if doubles == 1 else 's are'} here twice, with different content.")
    if series.burned:
        found.append("A name or a date is part of the picture.")
    elif series.drawn:
        found.append("A name or a date may be part of the picture.")
    if series.private and is_staff:
        found.append("The header has private fields of the scanner’s maker, which may hold names.")
    return found


def aside_of(identity: Identity) -> str:
    """Why specialists do not see it."""
    if identity.decision == Decision.REJECTED or identity.answer == Answer.NO:
        return "About somebody else. Specialists do not see it."
    if identity.answer == Answer.YES:
        return "A care coordinator looks at whose it is. Specialists do not see it yet."
    return "It names somebody else. Specialists do not see it until we know whose it is."


def tree(case: Case, user: User, reviewed: Any) -> dict[str, Any]:
    """The studies of a case with their series, as far as ``user`` may read them, and whom they name."""
    reader = Reader(user, rights_of(user, case), reviewed)
    readable = list(case.series.readable_by(user))
    rows = rows_of(case, [series.pk for series in readable], reader)
    ordered = [rows[series.pk] for series in readable if series.pk in rows]
    studies = [study_of(list(group)) for _, group in groupby(ordered, key=lambda row: (row.series.study_date, row.series.study_uid))]
    missing = Listed.objects.filter(record__case=case, record__status="ready").missing()
    places = list(missing.values_list("place", flat=True)[:LISTED_SHOWN]) if Right.UPLOAD in reader.rights else []
    return {
        "case": case,
        "studies": studies,
        "people": people_of(case, reader.rights),
        "missing": missing.values("sop_uid").distinct().count(),
        "places": places,
    }


def study_of(rows: list[SeriesRow]) -> Study:
    """A study by its series."""
    first = rows[0].series
    what = first.study_description or " and ".join(dict.fromkeys(words.modality(row.series.modality) for row in rows)) or "Study"
    return Study(what, words.day(first.study_date) or "No date", rows)


def people_of(case: Case, rights: set[Right]) -> list[dict[str, Any]]:
    """Whom files name that the case's people have yet to look at: those who decide, those who are asked, nobody else."""
    if not rights & {Right.DECIDE, Right.COORDINATE}:
        return []
    differing = case.identities.filter(verdict=Verdict.DIFFERS).select_related("answered_by", "decided_by")
    people = [person_of(case, identity, rights) for identity in differing]
    return [person for person in people if person["is_open"]]


def person_of(case: Case, identity: Identity, rights: set[Right]) -> dict[str, Any]:
    """One person whom files name, and where the question stands."""
    is_open = not identity.decision if Right.COORDINATE in rights else not identity.decision and not identity.answer
    return {
        "identity": identity,
        "named": words.person(identity.name, identity.birth_date, identity.sex) or "nobody",
        "differs": get_text_list([DIFFERENCES[what] for what in identity.differs if what in DIFFERENCES], "and"),
        "is_open": is_open,
        "url": reverse("records:identity", args=[case.uid, identity.uid]),
    }


def named(case: Case, identity: Identity, reader: Reader) -> list[Any]:
    """The series that name this person."""
    pks = list(identity.series.values_list("pk", flat=True))
    return list(rows_of(case, pks, reader).values())


def one_each(records: QuerySet[Record]) -> QuerySet[Record]:
    """``records`` with one for all of a series."""
    firsts = records.filter(series__isnull=False).order_by().values("series").annotate(first=Max("pk")).values("first")
    return records.filter(Q(series=None) | Q(pk__in=firsts))


def files_of(series: Series, records: QuerySet[Record], page: str | None) -> Any:
    """A page of the files of one series, in the order of their numbers."""
    return Paginator(records.filter(series=series).order_by("position", "name", "pk"), ON_A_PAGE).get_page(page)
