"""What a parser found, taken from a process that a hostile file may have turned: only known names, types and lengths pass."""

from collections.abc import Callable
from datetime import date
from typing import Any

from secondop.web.text import one_line

from .clinical.shapes import entries, iso_day, others
from .kinds import Kind

MAX_NUMBER = 10_000_000
MAX_TEXT = 200
MAX_LINES = 12
MOST_LISTED = 8000  # images on a disc
ACTIVE = {"javascript", "launch", "import", "submit", "embedded", "media"}


def number(value: Any) -> int:
    """A count. Raises ``ValueError``."""
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise ValueError("not a count")
    return value


def line(value: Any) -> str:
    """A short line of text, cleaned. Raises ``ValueError``."""
    if not isinstance(value, str):
        raise ValueError("not text")
    return one_line(value, MAX_TEXT)


def flag(value: Any) -> bool:
    """Yes or no. Raises ``ValueError``."""
    if not isinstance(value, bool):
        raise ValueError("not yes or no")
    return value


def active(value: Any) -> list[str]:
    """Known kinds of active content. Raises ``ValueError``."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("not a list")
    return sorted(ACTIVE.intersection(value))


def dicom_date(value: Any) -> str:
    """A DICOM date (YYYYMMDD) in ISO form, empty where it is none."""
    text = line(value)
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat() if len(text) == 8 and text.isdigit() else ""
    except ValueError:
        return ""


def patient(value: Any) -> dict[str, str]:
    """Who the file says it is about. Raises ``ValueError``."""
    return {"name": line(value["name"]), "birth_date": dicom_date(value["birth_date"]), "sex": line(value["sex"])}


CLINICAL: dict[str, Callable[[Any], Any]] = {
    "title": line,
    "written": iso_day,
    "source": line,
    "patient": patient,
    "others": others,
    "left_out": number,
    "entries": entries,
}


def one_of(*words: str) -> Callable[[Any], str]:
    """A shape: one of ``words``. Raises ``ValueError``."""

    def shape(value: Any) -> str:
        if value not in words:
            raise ValueError("not one of the words")
        return str(value)

    return shape


def lines(value: Any) -> list[str]:
    """A few short lines. Raises ``ValueError``."""
    if not isinstance(value, list) or len(value) > MAX_LINES:
        raise ValueError("not a short list")
    return [line(item) for item in value]


def listed(value: Any) -> list[list[str]]:
    """Images that a disc lists: the name of each, and of its file. Raises ``ValueError``."""
    if not isinstance(value, list) or len(value) > MOST_LISTED or any(len(item) != 2 for item in value):
        raise ValueError("not a table of contents")
    return [[line(named), line(place)] for named, place in value]


PICTURE: dict[str, Callable[[Any], Any]] = {"width": number, "height": number}
SHAPES: dict[str, dict[str, Callable[[Any], Any]]] = {
    Kind.PDF: {"pages": number, "active": active, "restricted": flag},
    Kind.JPEG: PICTURE,
    Kind.PNG: PICTURE,
    Kind.TIFF: {**PICTURE, "pages": number},
    Kind.HEIC: PICTURE,
    Kind.TEXT: {"characters": number, "lines": number, "encoding": line},
    Kind.FHIR: CLINICAL,
    Kind.CCDA: CLINICAL,
    Kind.DICOM: {
        "modality": line,
        "study_date": dicom_date,
        "study_description": line,
        "series_description": line,
        "study_uid": line,
        "series_uid": line,
        "sop_uid": line,
        "sop_class": line,
        "instance_number": line,
        "series_number": line,
        "body_part": line,
        "burned_in": one_of("yes", "maybe", "no"),
        "private": lines,
        "listed": listed,
        "rows": number,
        "columns": number,
        "frames": number,
        "patient": patient,
    },
}


def tidy(kind: str, found: Any) -> dict[str, Any]:
    """``found`` reduced to what a file of this kind may have. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything else."""
    return {name: shape(found[name]) for name, shape in SHAPES[kind].items()}
