"""Dates as exact as the document gives them: ``2015``, ``2015-03``, ``2015-03-01`` or ``2015-03-01T14:05``."""

import re
from datetime import datetime

_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d).*)?)?)?\Z")
_HL7 = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)[\d.]*)?)?)?)?(?:[+-]\d{2,4})?\Z")


def iso(text: str) -> str:
    """A FHIR date or date with time, to the minute as it was written down there; empty where it is none."""
    return _partial(_ISO.match(text.strip()))


def hl7(text: str) -> str:
    """The same of HL7's form, ``20150301140500-0500``."""
    return _partial(_HL7.match(text.strip()))


def _partial(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    year, month, day, hour, minute = found.groups()
    try:
        datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0))  # noqa: DTZ001 - as the document wrote it
    except ValueError:
        return ""
    if not minute:
        return "-".join(filter(None, (year, month, day)))
    return f"{year}-{month}-{day}T{hour}:{minute}"
