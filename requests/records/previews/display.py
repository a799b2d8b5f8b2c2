"""What the page of one record shows."""

from typing import Any

from ..display import active_of, describe
from ..models import Purpose, Record
from .models import Rendition
from .orders import READ_BY, want

ZOOMS = {"fit": "Fit", "100": "100 %", "200": "200 %"}
AHEAD = 3  # pages after the one that is read, which are drawn before somebody turns to them


def page_of(record: Record, asked: str, zoom: str) -> dict[str, Any]:
    """Page number ``asked`` of a record that has a preview; a number that makes no sense shows the nearest page there is."""
    preview = record.preview
    number = page_number(asked, preview.pages)
    near = range(number, min(number + AHEAD, preview.pages) + 1)
    drawn = {page.index: page for page in record.renditions.filter(kind=Rendition.Kind.PAGE, index__in=near)}
    missing = [] if preview.is_text else [index for index in near if index not in drawn and index not in preview.broken]
    if missing:
        want(preview, missing[0])
    return {
        "case": record.case,
        "record": record,
        "meta": describe(record),
        "papers": record.purpose == Purpose.AUTHORITY,
        "active": active_of(record),
        "number": number,
        "pages": preview.pages,
        "left_out": max(0, int(record.facts.get("pages", 1)) - preview.pages),
        "zoom": zoom if zoom in ZOOMS else "fit",
        "zooms": ZOOMS.items(),
        **picture_part(drawn.get(number), 2 if zoom == "200" else 1),
        "is_coming": number in missing,
        "is_text": preview.is_text,
        "reads": record.kind in READ_BY,
        "text": record.texts.filter(number=number).values_list("text", flat=True).first() or "",
        "safe": record.renditions.filter(kind=Rendition.Kind.SAFE).select_related("stored").first(),
    }


def page_number(asked: str, pages: int) -> int:
    """The page that is asked for, or the nearest there is."""
    return min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1


def picture_part(picture: Rendition | None, factor: int) -> dict[str, Any]:
    """The picture of the page, if it is drawn, and how large it is shown."""
    if picture is None:
        return {"picture": None, "width": 0, "height": 0}
    return {"picture": picture, "width": picture.width * factor, "height": picture.height * factor}
