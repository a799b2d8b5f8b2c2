"""The data types of FHIR R4 in words. Whatever has another shape than the standard gives it is taken as missing."""

import base64
import binascii
from typing import Any, NamedTuple

from .codes import NONE_KNOWN, rank, system_name
from .dates import iso
from .rows import CUT
from .words import plain

Resource = dict[str, Any]
TEXTS = ("text/plain", "text/html", "text/markdown", "application/xhtml+xml")
MOST_OF_AN_ATTACHMENT = 200_000


class Concept(NamedTuple):
    """What something is: words, and the code that documents share the most."""

    text: str = ""
    code: str = ""
    system: str = ""


def txt(holder: Any, name: str) -> str:
    """A text or number of ``holder``; numbers are read as they were written."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, str) else ""


def obj(holder: Any, name: str) -> Resource:
    """An object of ``holder``."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def objs(holder: Any, name: str) -> list[Resource]:
    """The objects of a list of ``holder``; one that should stand in a list is taken as such."""
    found = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(found, dict):
        return [found]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(holder: Resource, name: str) -> list[str]:
    """The texts of a list of ``holder``."""
    found = holder.get(name)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def concept(value: Resource) -> Concept:
    """A CodeableConcept, or a Coding."""
    codings = objs(value, "coding") or ([value] if "code" in value else [])
    named = sorted(((system_name(txt(one, "system")), one) for one in codings), key=lambda pair: rank(pair[0]))
    system, best = named[0] if named else ("", {})
    displays = [txt(one, "display") for _, one in named if txt(one, "display")]
    code = txt(best, "code")
    words = txt(value, "text") or (displays[0] if displays else "") or NONE_KNOWN.get(code, code)
    return Concept(words, code, system if code else "")


def codes(holder: Resource, name: str) -> set[str]:
    """All codes of a CodeableConcept of ``holder``, or the bare code that stands in its place before R4."""
    return {txt(one, "code") for one in objs(obj(holder, name), "coding")} | {txt(holder, name)}


def concepts(values: list[Resource]) -> str:
    """The words of several, with commas."""
    return ", ".join(filter(None, (concept(value).text for value in values)))


def quantity(value: Resource) -> tuple[str, str]:
    """The figure with its comparator, and the unit."""
    return txt(value, "comparator") + txt(value, "value"), txt(value, "unit") or txt(value, "code")


def amount(value: Resource) -> str:
    """A quantity as one text."""
    return " ".join(filter(None, quantity(value)))


def span(value: Resource) -> str:
    """A Range."""
    low, high = amount(obj(value, "low")), amount(obj(value, "high"))
    return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}" if high else ""


def yes_or_no(holder: Resource, name: str) -> str:
    """A flag of ``holder`` in words."""
    flag = holder.get(name)
    return "" if not isinstance(flag, bool) else "Yes" if flag else "No"


def ratio(value: Resource, word: str) -> str:
    """A Ratio, with ``word`` between its two quantities."""
    of = [amount(obj(value, part)) for part in ("numerator", "denominator")]
    return f" {word} ".join(of) if all(of) else ""


def value_of(holder: Resource, prefix: str = "value") -> tuple[str, str]:
    """A ``value[x]``: its text and its unit."""
    measured = quantity(obj(holder, f"{prefix}Quantity"))
    if measured[0]:
        return measured
    period = obj(holder, f"{prefix}Period")
    texts = (
        yes_or_no(holder, f"{prefix}Boolean"),
        concept(obj(holder, f"{prefix}CodeableConcept")).text,
        *(txt(holder, prefix + kind) for kind in ("String", "Integer", "Time", "Decimal", "Code")),
        iso(txt(holder, f"{prefix}DateTime")).replace("T", " "),
        span(obj(holder, f"{prefix}Range")),
        ratio(obj(holder, f"{prefix}Ratio"), "to"),
        " to ".join(filter(None, (iso(txt(period, "start")), iso(txt(period, "end"))))),
        "A series of measured points" if obj(holder, f"{prefix}SampledData") else "",
        missing(holder),
    )
    return next(filter(None, texts), ""), ""


def missing(holder: Resource) -> str:
    """Why there is no value."""
    reason = concept(obj(holder, "dataAbsentReason")).text
    return f"No value: {reason}" if reason else ""


def when(holder: Resource, *names: str) -> tuple[str, str]:
    """The first date or period of ``holder`` under one of these names (``performed`` stands for all its forms)."""
    for name in names:
        for form in ("DateTime", "Date", "Instant", ""):
            if found := iso(txt(holder, name + form)):
                return found, ""
        for form in ("Period", ""):
            period = obj(holder, name + form)
            if period and (iso(txt(period, "start")) or iso(txt(period, "end"))):
                return iso(txt(period, "start")), iso(txt(period, "end"))
    return "", ""


def told_age(holder: Resource, name: str) -> str:
    """When something began or ended, where it is told in other ways than by a date."""
    return txt(holder, f"{name}String") or amount(obj(holder, f"{name}Age")) or span(obj(holder, f"{name}Range"))


def notes(resource: Resource) -> str:
    """What was written down beside it."""
    return "\n".join(filter(None, (txt(note, "text") for note in objs(resource, "note"))))


def narrative(resource: Resource) -> str:
    """A resource's own words, as plain text."""
    return plain(txt(obj(resource, "text"), "div"))


def human_name(names: list[Resource]) -> str:
    """A person's name as ``Family^Given``, the way DICOM writes it: the official one, else the first."""
    best = next((name for name in names if txt(name, "use") == "official"), names[0] if names else {})
    first = " ".join(texts(best, "given"))
    return f"{txt(best, 'family')}^{first}" if txt(best, "family") else first or txt(best, "text")


def attachment(value: Resource) -> str:
    """What an Attachment holds: its words where it is text, otherwise what it is."""
    kind = txt(value, "contentType").partition(";")[0].strip().lower()
    data = txt(value, "data")
    if kind in TEXTS and data:
        return unpacked(data, is_marked_up="html" in kind)
    name = txt(value, "title") or "A file"
    if not kind and not txt(value, "title"):
        return ""
    return f"{name} ({kind or 'kind not said'}){', inside this file' if data else ', not in this file'}"


def unpacked(data: str, *, is_marked_up: bool) -> str:
    """The words of an attached text; of a very long one those at its beginning, and that there is more."""
    most = MOST_OF_AN_ATTACHMENT * 4 // 3 // 4 * 4
    try:
        text = base64.b64decode(data[:most]).decode(errors="replace")
    except (binascii.Error, ValueError):
        return "A text that cannot be read"
    return (plain(text) if is_marked_up else text) + (CUT if len(data) > most else "")
