"""The statements of a C-CDA section's entries, each read into rows by what it is and where it stands."""

from collections.abc import Callable
from typing import NamedTuple

from .ccda_values import (
    Concept,
    Element,
    Narrative,
    as_written,
    attr,
    concept,
    figure,
    is_nothing,
    kid,
    kids,
    line,
    performer,
    tag,
    times,
    value,
)
from .rows import TAKEN_BACK, Rows, labelled

CONCERNS = ("2.16.840.1.113883.10.20.22.4.3", "2.16.840.1.113883.10.20.22.4.30")
STATUS = ("2.16.840.1.113883.10.20.22.4.6", "2.16.840.1.113883.10.20.22.4.28", "33999-4")
STATEMENTS = {"act", "observation", "organizer", "procedure", "substanceAdministration", "supply", "encounter"}
NULLIFIED, CALLED_OFF = "nullified", ("cancelled", "aborted")
FINISHED = "completed"  # by C-CDA 1.1 of every medicine, also of one that is still taken
THINGS_DONE = ("procedure", "act", "encounter", "supply")
DENIED = {"immunization": "Not given", "medicine": "Not taken", "procedure": "Not done", "plan": "Not to be done"}
PLANNED = {"INT", "RQO", "PRP", "PRMS", "GOL", "APT", "ARQ"}
DEEPEST = 12


class Place(NamedTuple):
    """Where a statement stands: the section's kind of entries, its words and heading, and the name of the group around it.

    What the groups around it say holds for it too: whom they are ``about``, where that is not the patient, that they are ``denied``,
    or ``called_off``.
    """

    rows: Rows
    kind: str
    narrative: Narrative
    group: Element | None = None
    panel: str = ""
    depth: int = 0
    heading: str = ""
    about: str = ""
    denied: bool = False
    called_off: str = ""

    def within(self, statement: Element) -> "Place":
        """The place of what a statement holds, and of itself."""
        status = attr(kid(statement, "statusCode"), "code")
        return self._replace(
            about=about(statement, self.narrative) or self.about,
            denied=self.denied or is_denied(statement),
            called_off=self.called_off or (status if status in CALLED_OFF else ""),
        )


def read(statement: Element, path: str, place: Place) -> None:
    """Add what a statement says; one that says of itself that there is nothing to say is passed over, one taken back is counted."""
    if is_nothing(statement) or place.depth > DEEPEST:
        return
    if attr(kid(statement, "statusCode"), "code") == NULLIFIED:
        place.rows.others[TAKEN_BACK] += 1
        return
    name, place = tag(statement), place.within(statement)
    if name == "organizer" or (name == "act" and is_concern(statement)):
        read_group(statement, path, place)
    elif name != "act" or not holds_medicine(statement, path, place):
        reader_of(statement, place)(statement, path, place)


def reader_of(statement: Element, place: Place) -> Callable[[Element, str, Place], None]:
    """What reads a statement that holds no others together."""
    name = tag(statement)
    if name == "substanceAdministration" or (name == "supply" and kid(statement, "product") is not None):
        return medicine
    return {"problem": problem, "allergy": allergy}.get(place.kind, other) if name == "observation" else other


def read_group(statement: Element, path: str, place: Place) -> None:
    """Add what the statements say that a group or a concern holds together."""
    panel = concept(kid(statement, "code"), place.narrative).text if tag(statement) == "organizer" else ""
    around = place._replace(group=statement, panel=panel, depth=place.depth + 1)
    for number, (step, one) in enumerate(inner_of(statement)):
        read(one, f"{path}/{step}[{number + 1}]/{tag(one)}", around)


def inner_of(statement: Element) -> list[tuple[str, Element]]:
    """The statements within, each with the step that leads to it."""
    links = [(step, link) for step in ("component", "entryRelationship") for link in kids(statement, step)]
    return [(step, one) for step, link in links for one in link if tag(one) in STATEMENTS]


def holds_medicine(act: Element, path: str, place: Place) -> bool:
    """Read the medicines that an act wraps (discharge, admission); whether there were any."""
    found = [one for _, one in inner_of(act) if tag(one) == "substanceAdministration"]
    for number, one in enumerate(found):
        read(one, f"{path}/entryRelationship[{number + 1}]/substanceAdministration", place._replace(depth=place.depth + 1))
    return bool(found)


def is_concern(act: Element) -> bool:
    """Whether an act only holds together the problems or allergies below it."""
    return attr(kid(act, "code"), "code") == "CONC" or bool(set(templates(act)) & set(CONCERNS))


def templates(element: Element) -> list[str]:
    """The templates that a statement says it follows."""
    return [attr(one, "root") for one in kids(element, "templateId")]


def about(element: Element, narrative: Narrative) -> str:
    """Whom a section or a statement is about, where it is not the patient."""
    other = kid(element, "subject/relatedSubject")
    if other is None:
        return ""
    return concept(kid(other, "code"), narrative).text or line(kid(other, "subject/name")) or "Somebody else"


def is_denied(statement: Element) -> bool:
    """Whether it says that it is not so."""
    return attr(statement, "negationInd").strip() in ("true", "1")


def denial(statement: Element, place: Place) -> str:
    """What the document says of something that is not so or was not done."""
    if not place.denied:
        return ""
    return DENIED.get(place.kind) or ("Not done" if tag(statement) in THINGS_DONE else "Not present")


def qualifiers(statement: Element, narrative: Narrative) -> dict[str, str]:
    """What the observations inside say: the standing, the reaction, how severe it is, and remarks."""
    found: dict[str, list[str]] = {"status": [], "reaction": [], "severity": [], "remark": []}
    links = [(link, inner) for link in kids(statement, "entryRelationship") for inner in (*kids(link, "observation"), *kids(link, "act"))]
    for link, inner in links:
        if not is_nothing(inner):
            qualify(found, link, inner, narrative)
    return {name: ", ".join(dict.fromkeys(filter(None, texts))) for name, texts in found.items()}


def qualify(found: dict[str, list[str]], link: Element, inner: Element, narrative: Narrative) -> None:
    """Add to ``found`` what one observation inside says."""
    about, words = attr(kid(inner, "code"), "code"), value(kid(inner, "value"), narrative)[0]
    words = words or (narrative.of(kid(inner, "text")) if attr(link, "typeCode") == "MFST" else "")
    if is_denied(inner):
        words = f"not present: {words}"
    if about in STATUS or set(templates(inner)) & set(STATUS):
        found["status"].append(words)
    elif attr(link, "typeCode") == "MFST":
        found["reaction"].append(words)
        found["severity"].append(qualifiers(inner, narrative)["severity"])
    elif about == "SEV":
        found["severity"].append(words)
    elif about == "48767-8":
        found["remark"].append(narrative.of(kid(inner, "text")))


def standing(place: Place, told: str) -> str:
    """The status that is told, else the concern's around it. A statement's own says only that somebody is done with writing it."""
    around = place.group if place.group is not None and is_concern(place.group) else None
    return told or place.called_off or attr(kid(around, "statusCode"), "code")


def own_status(statement: Element, kind: str) -> str:
    """What a statement that is no illness says of where it stands."""
    status = attr(kid(statement, "statusCode"), "code")
    return "" if kind == "medicine" and status == FINISHED else status


def dates(statement: Element, place: Place) -> dict[str, str]:
    """When it began and ended; a group's time stands for its members'."""
    found = map(times, kids(statement, "effectiveTime"))
    starts, ends = next(filter(any, found), ("", ""))
    if not starts and not ends:
        starts, ends = times(kid(place.group, "effectiveTime"))
    return {"starts": starts, "ends": ends}


def columns(what: Concept, statement: Element, place: Place) -> dict[str, str]:
    """The columns that every statement fills in the same way."""
    return {
        "denial": denial(statement, place),
        "text": f"{place.about}: {what.text}" if place.about else what.text,
        "code": what.code,
        "system": what.system,
        "by": performer(statement) or (performer(place.group) if place.group is not None else ""),
        **dates(statement, place),
    }


def problem(statement: Element, path: str, place: Place) -> None:
    """A problem: what it is stands in the value, what kind of problem in the code."""
    what = concept(kid(statement, "value"), place.narrative)
    if not what.text:
        what = what._replace(text=place.narrative.of(kid(statement, "text")))
    told = qualifiers(statement, place.narrative)
    written = as_written(kid(statement, "value"), what, place.narrative)
    details = labelled(("As written", written), ("How severe", told["severity"]), ("Note", told["remark"]))
    status = standing(place, told["status"])
    place.rows.add("problem", path, **columns(what, statement, place), status=status, panel=place.heading, details=details)


def allergy(statement: Element, path: str, place: Place) -> None:
    """An allergy: to what stands in the participant, of what kind in the value."""
    substance = kid(statement, "participant/participantRole/playingEntity")
    sort = concept(kid(statement, "value"), place.narrative)
    what = concept(kid(substance, "code"), place.narrative)
    if not what.text:
        what = what._replace(text=line(kid(substance, "name")))
    if not what.text:
        what, sort = sort, Concept()
    told = qualifiers(statement, place.narrative)
    written = as_written(kid(substance, "code"), what, place.narrative)
    told_so = ("As written", written), ("Kind", sort.text)
    details = labelled(*told_so, ("Reaction", told["reaction"]), ("How severe", told["severity"]), ("Note", told["remark"]))
    place.rows.add("allergy", path, **columns(what, statement, place), status=standing(place, told["status"]), details=details)


def medicine(statement: Element, path: str, place: Place) -> None:
    """A medicine or a vaccine, with how it is taken."""
    products = (*kids(statement, "consumable/manufacturedProduct"), *kids(statement, "product/manufacturedProduct"))
    material = kid(next(iter(products), None), "manufacturedMaterial")
    what = concept(kid(material, "code"), place.narrative)
    if not what.text:
        what = what._replace(text=line(kid(material, "name")))
    told = qualifiers(statement, place.narrative)
    often = [figure(kid(one, "period")) for one in kids(statement, "effectiveTime")]
    needed = [value(kid(one, "criterion/value"), place.narrative)[0] for one in kids(statement, "precondition")]
    details = labelled(
        ("Dose", figure(kid(statement, "doseQuantity"))),
        ("Rate", figure(kid(statement, "rateQuantity"))),
        ("Only as needed for", ", ".join(filter(None, needed))),
        ("How it is given", concept(kid(statement, "routeCode"), place.narrative).text),
        ("Every", ", ".join(filter(None, often))),
        (
            "At most",
            " in ".join(filter(None, (figure(kid(statement, f"maxDoseQuantity/{part}")) for part in ("numerator", "denominator")))),
        ),
        ("Lot", line(kid(material, "lotNumberText"))),
        ("As written", place.narrative.of(kid(statement, "text"))),
        ("Note", told["remark"]),
    )
    kind = place.kind if place.kind in ("medicine", "immunization", "plan") else "medicine"
    kind = "plan" if kind == "immunization" and attr(statement, "moodCode") in PLANNED else kind
    status = told["status"] or place.called_off or own_status(statement, kind)
    place.rows.add(kind, path, **columns(what, statement, place._replace(kind=kind)), status=status, details=details)


def other(statement: Element, path: str, place: Place) -> None:
    """Everything else: a result, a vital sign, a procedure, a visit, a plan, an item of the history."""
    what = concept(kid(statement, "code"), place.narrative)
    found, unit = value(kid(statement, "value"), place.narrative)
    if not what.text:
        what = what._replace(text=place.narrative.of(kid(statement, "text")))
    if place.kind == "history" and what.code == "ASSERTION":
        what, found, unit = concept(kid(statement, "value"), place.narrative), "", ""
    told = qualifiers(statement, place.narrative)
    flags = ", ".join(filter(None, (concept(one, place.narrative).text for one in kids(statement, "interpretationCode"))))
    details = labelled(
        ("Where in the body", concept(kid(statement, "targetSiteCode"), place.narrative).text),
        ("As written", place.narrative.of(kid(statement, "text")) if tag(statement) in ("procedure", "act", "encounter") else ""),
        ("Note", told["remark"]),
    )
    kind = "plan" if attr(statement, "moodCode") in PLANNED else place.kind
    place.rows.add(
        kind,
        path,
        **columns(what, statement, place._replace(kind=kind)),
        value=found,
        unit=unit,
        range=usual(statement, place.narrative),
        flag=flags,
        status=told["status"] or place.called_off or own_status(statement, kind),
        panel=place.panel,
        details=details if details != f"As written: {what.text}" else "",
    )


def usual(statement: Element, narrative: Narrative) -> str:
    """What is usual, in words or as two figures; a range of what is not by the name it has."""
    found = []
    for one in kids(statement, "referenceRange/observationRange"):
        words = figure(kid(one, "value")) or narrative.of(kid(one, "text"))
        sort = concept(kid(one, "interpretationCode"), narrative)
        found.append(f"{sort.text}: {words}" if words and sort.code not in ("", "N") else words)
    return "; ".join(filter(None, found))
