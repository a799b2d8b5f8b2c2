"""The statements of a C-CDA section's entries, each read into rows by what it is and where it stands."""

from collections.abc import Callable
from typing import NamedTuple

from .ccda_values import (
    Concept,
    Element,
    Narrative,
    amount,
    attr,
    concept,
    interval,
    is_nothing,
    kid,
    kids,
    line,
    performer,
    tag,
    times,
    value,
)
from .rows import Rows, labelled

CONCERNS = ("2.16.840.1.113883.10.20.22.4.3", "2.16.840.1.113883.10.20.22.4.30")
STATUS = ("2.16.840.1.113883.10.20.22.4.6", "2.16.840.1.113883.10.20.22.4.28", "33999-4")
STATEMENTS = {"act", "observation", "organizer", "procedure", "substanceAdministration", "supply", "encounter"}
DENIED = {"immunization": "Not given", "medicine": "Not taken", "procedure": "Not done", "plan": "Not to be done"}
PLANNED = {"INT", "RQO", "PRP", "PRMS", "GOL", "APT", "ARQ"}
DEEPEST = 12


class Place(NamedTuple):
    """Where a statement stands: the section's kind of entries, its words, and the name of the group around it."""

    rows: Rows
    kind: str
    narrative: Narrative
    group: Element | None = None
    panel: str = ""
    depth: int = 0


def read(statement: Element, path: str, place: Place) -> None:
    """Add what a statement says; one that says of itself that there is nothing to say is passed over."""
    if is_nothing(statement) or place.depth > DEEPEST:
        return
    name = tag(statement)
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
    about = family_member(statement, place.narrative)
    around = place._replace(group=statement, panel=about or panel, depth=place.depth + 1)
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


def family_member(organizer: Element, narrative: Narrative) -> str:
    """Whom a group of statements is about, where it is not the patient."""
    return concept(kid(organizer, "subject/relatedSubject/code"), narrative).text


def denied(statement: Element, kind: str) -> str:
    """What the document says of something that is not so or was not done."""
    return DENIED.get(kind, "Not present") if attr(statement, "negationInd") == "true" else ""


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
    if about in STATUS or set(templates(inner)) & set(STATUS):
        found["status"].append(words)
    elif attr(link, "typeCode") == "MFST":
        found["reaction"].append(words or narrative.of(kid(inner, "text")))
        found["severity"].append(qualifiers(inner, narrative)["severity"])
    elif about == "SEV":
        found["severity"].append(words)
    elif about == "48767-8":
        found["remark"].append(narrative.of(kid(inner, "text")))


def standing(statement: Element, place: Place, told: str) -> str:
    """The status that is told, else the concern's around it, else the statement's own."""
    return told or attr(kid(place.group, "statusCode"), "code") or attr(kid(statement, "statusCode"), "code")


def dates(statement: Element, place: Place) -> dict[str, str]:
    """When it began and ended; a group's time stands for its members'."""
    starts, ends = times(kid(statement, "effectiveTime"))
    if not starts and not ends:
        starts, ends = times(kid(place.group, "effectiveTime"))
    return {"starts": starts, "ends": ends}


def columns(what: Concept, statement: Element, place: Place) -> dict[str, str]:
    """The columns that every statement fills in the same way."""
    return {
        "denial": denied(statement, place.kind),
        "text": what.text,
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
    details = labelled(("How severe", told["severity"]), ("Note", told["remark"]))
    place.rows.add("problem", path, **columns(what, statement, place), status=standing(statement, place, told["status"]), details=details)


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
    details = labelled(("Kind", sort.text), ("Reaction", told["reaction"]), ("How severe", told["severity"]), ("Note", told["remark"]))
    place.rows.add("allergy", path, **columns(what, statement, place), status=standing(statement, place, told["status"]), details=details)


def medicine(statement: Element, path: str, place: Place) -> None:
    """A medicine or a vaccine, with how it is taken."""
    products = (*kids(statement, "consumable/manufacturedProduct"), *kids(statement, "product/manufacturedProduct"))
    material = kid(next(iter(products), None), "manufacturedMaterial")
    what = concept(kid(material, "code"), place.narrative)
    if not what.text:
        what = what._replace(text=line(kid(material, "name")))
    told = qualifiers(statement, place.narrative)
    often = [" ".join(filter(None, amount(kid(one, "period")))) for one in kids(statement, "effectiveTime")]
    details = labelled(
        ("Dose", " ".join(filter(None, amount(kid(statement, "doseQuantity"))))),
        ("How it is given", concept(kid(statement, "routeCode"), place.narrative).text),
        ("Every", ", ".join(filter(None, often))),
        ("Lot", line(kid(material, "lotNumberText"))),
        ("As written", place.narrative.of(kid(statement, "text"))),
        ("Note", told["remark"]),
    )
    kind = place.kind if place.kind in ("medicine", "immunization", "plan") else "medicine"
    status = told["status"] or attr(kid(statement, "statusCode"), "code")
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
        status=told["status"] or attr(kid(statement, "statusCode"), "code"),
        panel=place.panel,
        details=details if details != f"As written: {what.text}" else "",
    )


def usual(statement: Element, narrative: Narrative) -> str:
    """What is usual, in words or as two figures."""
    ranges = kids(statement, "referenceRange/observationRange")
    found = [" ".join(filter(None, interval(kid(one, "value")))) or narrative.of(kid(one, "text")) for one in ranges]
    return "; ".join(filter(None, found))
