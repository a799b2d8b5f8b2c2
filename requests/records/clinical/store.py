"""Keeping what a health document says: its rows are written when its check ends, and again with the same outcome if that is repeated."""

import hashlib
from typing import TYPE_CHECKING

from ..formats.clinical.codes import NAMES
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
    ClinicalEntry.objects.bulk_create(entries, batch_size=AT_ONCE)


def what(row: dict[str, str]) -> str:
    """What a row is about: its code where documents share that, else its words."""
    return f"{row['system']}|{row['code']}" if row["code"] and row["system"] in SHARED_SYSTEMS else row["text"].casefold()


def same(row: dict[str, str]) -> str:
    """Equal for rows that tell the same: of a measured value the value and its time, of all else whatever it says."""
    told = [row["kind"], row["denial"], what(row), row["starts"], row["ends"], row["value"], row["unit"], row["flag"].casefold()]
    if row["kind"] not in MEASURED:
        told += [row["status"].casefold(), row["details"]]
    return digest(told)


def series(row: dict[str, str]) -> str:
    """Equal for values that can be compared: the same measure in the same unit."""
    return digest([row["kind"], what(row), row["unit"].casefold()])


def digest(parts: list[str]) -> str:
    """A short name of several texts."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
