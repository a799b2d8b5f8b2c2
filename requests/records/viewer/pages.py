"""What the viewer's pages show."""

from datetime import date
from typing import Any, NamedTuple, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format

from secondop.accounts.models import User
from secondop.cases.access import rights_of
from secondop.cases.models import Case

from ..imaging.models import Series
from ..imaging.pages import Reader, rows_of
from ..imaging.words import MODALITIES
from ..models import Record
from .gate import readable
from .models import Stack
from .problems import Problem
from .words import NOT_PICTURES, WITHOUT_IMAGES, image_count

POLL = "3s"
ORDER = ("-series__study_date", "series__study_uid", "series__number", "series__pk")
FILES_SHOWN = 100


class Other(NamedTuple):
    """A series to switch to."""

    title: str
    meta: str
    url: str
    is_this: bool


class Left(NamedTuple):
    """A file without an image here, and why."""

    record: Record
    reason: str


def others_of(request: HttpRequest, stack: Stack) -> list[Other]:
    """All series of the case that have images for the person, this one among them."""
    mine = readable(request, stack.case).values("series")
    found = stack.case.stacks.filter(series__in=mine, images__gt=0).select_related("series").order_by(*ORDER)
    return [Other(title_of(one), meta_of(one), address_of(stack.case, one), one.pk == stack.pk) for one in found]


def address_of(case: Case, stack: Stack) -> str:
    """The page of a series."""
    return reverse("records:viewer", args=[case.uid, series_of(stack).uid])


def series_of(stack: Stack) -> Series:
    """The series of a stack that was found by it."""
    return cast(Series, stack.series)


def title_of(stack: Stack) -> str:
    """What a series is called."""
    series = series_of(stack)
    kind = MODALITIES.get(series.modality) or NOT_PICTURES.get(series.modality, "").capitalize() or series.modality or "Scan"
    what = series.description or series.study_description
    return f"{kind}: {what}" if what else kind


def meta_of(stack: Stack) -> str:
    """When, and how many images."""
    taken = series_of(stack).study_date
    day = date_format(date.fromisoformat(taken), "j F Y") if taken else ""
    many = image_count(stack.images) if stack.made_of is not None else ""
    return " · ".join(part for part in (day, many) if part)


def of_series(request: HttpRequest, stack: Stack) -> dict[str, Any]:
    """The page of one series: the viewer where there are images, how far the preparation is, and what is left out."""
    case = stack.case
    image = request.GET.get("image", "")
    return {
        "case": case,
        "stack": stack,
        "title": title_of(stack),
        "meta": meta_of(stack),
        "series": series_of(stack),
        "others": others_of(request, stack),
        "image": min(max(1, int(image)), stack.images or 1) if image.isdecimal() and len(image) < 8 else 0,
        "warnings": warnings_of(request, stack),
        "has_unshown": any(why != Problem.NO_PIXELS for _, why in stack.left_out),
        "left": left_out(request, stack),
        "files": files_of(request, stack),
        "what": NOT_PICTURES.get(series_of(stack).modality, ""),
        "poll_after": POLL if stack.is_waiting else "",
    }


def warnings_of(request: HttpRequest, stack: Stack) -> list[str]:
    """What lists say of the series: missing and double images, and names that may be in the picture."""
    user = cast(User, request.user)
    reader = Reader(user, rights_of(user, stack.case), None)
    return [text for row in rows_of(stack.case, [series_of(stack).pk], reader).values() for text in row.warnings]


def left_out(request: HttpRequest, stack: Stack) -> list[Left]:
    """The files without an image that the person may read, each with the reason."""
    why = dict(stack.left_out[:FILES_SHOWN])
    found = Record.objects.readable_by(request.user).filter(pk__in=why)
    return [Left(record, WITHOUT_IMAGES[why[record.pk]]) for record in found]


def files_of(request: HttpRequest, stack: Stack) -> list[Record]:
    """The files of the series, to download; of many only the first."""
    return list(readable(request, stack.case).filter(series=stack.series_id).order_by("position", "name", "pk")[:FILES_SHOWN])
