"""The entries of a health document as a child may hand them on: only known columns, kinds, types and lengths pass."""

import re
from datetime import date
from typing import Any

from secondop.web.text import clean, one_line

from ..formats.clinical.rows import COLUMNS, DENIALS, KINDS, MANAGED, MOST_ROWS, OTHER, TAKEN_BACK

MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d)?)?)?\Z")
LONG = {"details"}
MOST_OTHERS = 10_000_000


def entries(value: Any) -> list[dict[str, str]]:
    """The rows of a document, in its order. Raises ``ValueError``."""
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        raise ValueError("not the rows of a document")
    return [entry(row) for row in value]


def entry(row: Any) -> dict[str, str]:
    """One row with all its columns. Raises ``ValueError``."""
    if not isinstance(row, dict) or row.get("kind") not in KINDS:
        raise ValueError("not a row")
    found = {name: column(name, row.get(name, ""), limit) for name, limit in COLUMNS.items()}
    if found["denial"] and found["denial"] not in DENIALS:
        raise ValueError("not a denial")
    return found | {"kind": row["kind"], "starts": moment(found["starts"]), "ends": moment(found["ends"])}


def column(name: str, value: Any, limit: int) -> str:
    """One text of a row, cleaned; only the details may have several lines. Raises ``ValueError``."""
    if not isinstance(value, str):
        raise ValueError("not text")
    return clean(value, limit).strip() if name in LONG else one_line(value, limit)


def moment(text: str) -> str:
    """A date as exact as it was given (``2015`` to ``2015-03-01T14:05``), empty where it is none."""
    return text if MOMENT.match(text) and iso_day(f"{text[:10]}-01-01"[:10] if len(text) < 10 else text[:10]) else ""


def iso_day(value: Any) -> str:
    """A date in ISO form, empty where it is none. Raises ``ValueError`` for what is no text."""
    if not isinstance(value, str):
        raise ValueError("not text")
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else ""
    except ValueError:
        return ""


def others(value: Any) -> dict[str, int]:
    """How often the file holds what is not shown, by known names. Raises ``ValueError``."""
    if not isinstance(value, dict):
        raise ValueError("not counts")
    known = {name: count for name, count in value.items() if name in MANAGED or name in (TAKEN_BACK, OTHER)}
    if not all(type(count) is int and 0 < count <= MOST_OTHERS for count in known.values()):
        raise ValueError("not counts")
    return known
