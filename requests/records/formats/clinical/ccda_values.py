"""The data types of HL7 CDA in words."""

from typing import Any, NamedTuple

from .codes import NONE_KNOWN, rank, system_name
from .dates import hl7
from .words import CROSSED_OUT, RAISED, tidied

NS = "{urn:hl7-org:v3}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
BREAKS = {"br", "paragraph", "item", "tr", "caption", "list", "table", "thead", "tbody", "title"}
CELLS = {"td", "th"}
Element = Any


class Concept(NamedTuple):
    """What something is: words, and the code that documents share the most."""

    text: str = ""
    code: str = ""
    system: str = ""


def tag(element: Element) -> str:
    """The name of an element of CDA, empty for one of another vocabulary."""
    return element.tag.removeprefix(NS) if element.tag.startswith(NS) else ""


def kids(element: Element | None, path: str) -> list[Element]:
    """The elements at ``a/b/c`` below."""
    return [] if element is None else element.findall("/".join(NS + step for step in path.split("/")))


def kid(element: Element | None, path: str) -> Element | None:
    """The first of them."""
    return None if element is None else element.find("/".join(NS + step for step in path.split("/")))


def attr(element: Element | None, name: str) -> str:
    """An attribute, empty where there is none."""
    return "" if element is None else element.get(name, "")


def is_nothing(element: Element | None) -> bool:
    """Whether the document says of an element that there is nothing to say."""
    return element is None or bool(attr(element, "nullFlavor"))


def plain(element: Element | None) -> str:
    """A narrative as plain text, one line a paragraph, row or item."""
    return "" if element is None else tidied("".join(_pieces(element)))


def line(element: Element | None) -> str:
    """The words of an element on one line."""
    return " ".join(plain(element).split())


def _pieces(element: Element) -> list[str]:
    """In a loop and not by recursion: a document decides how deep it is."""
    pieces: list[str] = []
    waiting: list[Element | str] = [element]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            pieces.append(one)
            continue
        name = tag(one)
        around = around_of(one, name)
        pieces.append(around[0] + " ".join((one.text or "").split("\n")))
        waiting.append(around[1] + " ".join((one.tail or "").split("\n") if one is not element else []))
        waiting += reversed(list(one))
    return pieces


def around_of(element: Element, name: str) -> tuple[str, str]:
    """What goes before and after the words of an element called ``name``, so that its line, cell or meaning is not lost."""
    if name in BREAKS:
        return "\n• " if name == "item" else "\n", "\n"
    if name in CELLS:
        return "", " | "
    if name == "sup":
        return RAISED
    return CROSSED_OUT if attr(element, "revised") == "delete" else ("", "")


class Narrative:
    """The words of a section, which its entries refer to by ``#id``."""

    def __init__(self, text: Element | None) -> None:
        self.text = text
        self._by_id = {} if text is None else {one.get("ID"): one for one in text.iter() if one.get("ID")}

    def of(self, element: Element | None) -> str:
        """The words of an element that has some itself or refers to some."""
        if element is None:
            return ""
        reference = kid(element, "reference")
        referred = self._by_id.get(attr(reference, "value").removeprefix("#")) if reference is not None else None
        return " ".join((plain(referred) or plain(element)).split())


def concept(element: Element | None, narrative: Narrative) -> Concept:
    """A coded value: the first code that is there, its own or a translation."""
    if element is None:
        return Concept()
    coded = [one for one in (element, *kids(element, "translation")) if attr(one, "code")]
    named = sorted(((system_of(one), one) for one in coded), key=lambda pair: rank(pair[0]))
    system, best = named[0] if named else ("", None)
    displays = [attr(one, "displayName") for one in (element, *(one for _, one in named)) if attr(one, "displayName")]
    code = attr(best, "code")
    words = displays[0] if displays else narrative.of(kid(element, "originalText"))
    return Concept((words or NONE_KNOWN.get(code, code)) + qualified(element, narrative), code, system)


def qualified(element: Element, narrative: Narrative) -> str:
    """What narrows a code down, or turns it round: " (finding context: known absent)"."""
    pairs = [
        ": ".join(filter(None, (concept(kid(one, part), narrative).text for part in ("name", "value"))))
        for one in kids(element, "qualifier")
    ]
    return f" ({'; '.join(filter(None, pairs))})" if any(pairs) else ""


def as_written(element: Element | None, what: Concept, narrative: Narrative) -> str:
    """The words that somebody chose, where those of the code are others."""
    words = narrative.of(kid(element, "originalText"))
    return "" if words.casefold() in what.text.casefold() else words


def system_of(element: Element) -> str:
    """The name of the code system of a coded value."""
    address = attr(element, "codeSystem")
    name = system_name(address)
    return attr(element, "codeSystemName") or address if name == address else name


def times(element: Element | None) -> tuple[str, str]:
    """When something began and ended; a point in time is a beginning."""
    point = hl7(attr(element, "value")) or hl7(attr(kid(element, "center"), "value"))
    return point or hl7(attr(kid(element, "low"), "value")), hl7(attr(kid(element, "high"), "value"))


def amount(element: Element | None) -> tuple[str, str]:
    """A physical quantity: figure and unit; ``1`` is HL7's unit of what is only counted."""
    unit = attr(element, "unit")
    return attr(element, "value"), "" if unit == "1" else unit


def interval(element: Element | None) -> tuple[str, str]:
    """An interval of quantities: its figures in words, and their unit; where they have two, each with its own."""
    low, high = kid(element, "low"), kid(element, "high")
    (least, unit), (most, other) = amount(low), amount(high)
    if least and most:
        least = f"{least} {unit}" if len({unit, other} - {""}) > 1 else least
        return " ".join(filter(None, (beyond(low, "more than"), least, "to", beyond(high, "less than"), most))), other or unit
    if least:
        return f"{beyond(low, 'more than') or 'from'} {least}", unit
    return (f"{beyond(high, 'less than') or 'up to'} {most}", other) if most else amount(kid(element, "center"))


def beyond(end: Element | None, words: str) -> str:
    """``words`` for an end that is not part of its interval."""
    return words if attr(end, "inclusive") == "false" else ""


def figure(element: Element | None) -> str:
    """A quantity or an interval of them as one text."""
    return " ".join(filter(None, amount(element))) if attr(element, "value") else " ".join(filter(None, interval(element)))


def value(element: Element | None, narrative: Narrative) -> tuple[str, str]:
    """What was found, in words or figures, and its unit."""
    if element is None:
        return "", ""
    kind = attr(element, TYPE).rpartition(":")[2]
    if kind in ("PQ", "MO", "INT", "REAL") or (not kind and attr(element, "value")):
        return amount(element) if attr(element, "value") else _translated(element)
    if kind.startswith("IVL") and kind != "IVL_TS":
        return interval(element)
    return in_words(element, kind, narrative), ""


def in_words(element: Element, kind: str, narrative: Narrative) -> str:
    """What was found that has no unit, by its kind."""
    if kind == "TS":
        return hl7(attr(element, "value")).replace("T", " ")
    if kind == "BL":
        return {"true": "Yes", "false": "No"}.get(attr(element, "value"), "")
    if kind.startswith("IVL"):
        return " to ".join(filter(None, times(element)))
    if kind.startswith("RTO"):
        return " to ".join(filter(None, (figure(kid(element, part)) for part in ("numerator", "denominator"))))
    if attr(element, "representation") == "B64":
        return "A file inside this document"
    return concept(element, narrative).text or narrative.of(element)


def _translated(element: Element) -> tuple[str, str]:
    """The quantity in another unit, where that is the one that is filled in."""
    translation = kid(element, "translation")
    return attr(translation, "value"), attr(translation, "displayName") or attr(translation, "code")


def name(element: Element | None) -> str:
    """A person's name as ``Family^Given``, the way DICOM writes it."""
    given = " ".join(filter(None, (plain(one) for one in kids(element, "given"))))
    family = " ".join(filter(None, (plain(one) for one in kids(element, "family"))))
    return f"{family}^{given}" if family else given or plain(element)


def spoken(element: Element | None) -> str:
    """A person's name as it is said."""
    parts = [plain(one) for step in ("prefix", "given", "family", "suffix") for one in kids(element, step)]
    return " ".join(filter(None, parts)) or line(element)


def performer(statement: Element) -> str:
    """Who did it, and where."""
    people = (*kids(statement, "performer/assignedEntity"), *kids(statement, "author/assignedAuthor"))
    found = [spoken(kid(who, "assignedPerson/name")) or line(kid(who, "representedOrganization/name")) for who in people]
    return ", ".join(dict.fromkeys(filter(None, found)))
