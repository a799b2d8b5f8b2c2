"""Keeping what a health document says: its rows are written when its check ends, and again with the same outcome if that is repeated."""

import hashlib
from typing import TYPE_CHECKING

from ..formats.clinical.codes import NAMES
from ..previews.words import vector
from .models import MEASURED, ClinicalEntry

if TYPE_CHECKING:
    from ..models import Record

AT_ONCE = 1000
SHARED_SYSTEMS = set(NAMES.values())


def replace(record: "Record", rows: list[dict[str, str]]) -> None:
    """Make ``rows`` the entries of ``record``; inside the caller's transaction."""
    ClinicalEntry.objects.filter(record=record).delete()
    entries = [
        ClinicalEntry(case_id=record.case_id, record=record, position=number, same=same(row), series=series(row), **row)
        for number, row in enumerate(rows)
    ]
    for entry in entries:
        entry.search = vector(entry.words)
    ClinicalEntry.objects.bulk_create(entries, batch_size=AT_ONCE)


def is_coded(row: dict[str, str]) -> bool:
    """Whether a row has a code that documents share."""
    return bool(row["code"]) and row["system"] in SHARED_SYSTEMS


def what(row: dict[str, str]) -> str:
    """What a row is about: its code where documents share that, else its words, else where it stands."""
    return f"{row['system']}|{row['code']}" if is_coded(row) else row["text"].casefold() or row["path"]


def same(row: dict[str, str]) -> str:
    """Equal for rows that tell the same: of a measured value the value, its time and its remarks, of all else whatever it says.

    Words count beside the code: two people of a family, two sides of the body, and two letters may have one.
    """
    told = [row["kind"], row["denial"], what(row), row["starts"], row["ends"], row["value"], row["unit"], row["flag"].casefold()]
    told.append(row["details"])
    if row["kind"] not in MEASURED:
        told += [row["status"].casefold(), row["text"].casefold()]
    return digest(told)


def series(row: dict[str, str]) -> str:
    """Equal for values that can be compared: the same measure in the same unit; where only words name it, of the same group."""
    return digest([row["kind"], what(row), row["unit"].casefold(), "" if is_coded(row) else row["panel"].casefold()])


def digest(parts: list[str]) -> str:
    """A short name of several texts."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
