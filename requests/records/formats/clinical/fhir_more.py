"""FHIR R4 resources around a person's care: visits, plans, family, documents, and whatever tells something in its own words."""

from collections import deque
from collections.abc import Callable

from .fhir_bundle import Bundle
from .fhir_denials import said
from .fhir_values import Resource, attachment, concept, concepts, narrative, notes, obj, objs, told_age, txt, value_of, when
from .rows import CUT, labelled
from .words import plain

LONGEST_FORM = 500


def encounter(bundle: Bundle, resource: Resource, path: str) -> None:
    """A visit or a stay."""
    what = concept((objs(resource, "type") or [{}])[0])
    if not what.text:
        what = concept(obj(resource, "class"))
    starts, ends = when(resource, "period")
    places = [bundle.who(one, "location") for one in objs(resource, "location")]
    details = labelled(("Why", concepts(objs(resource, "reasonCode"))), ("Where", ", ".join(filter(None, places))))
    bundle.rows.add(
        "visit",
        path,
        text=what.text or "Visit",
        code=what.code,
        system=what.system,
        starts=starts,
        ends=ends,
        status=txt(resource, "status"),
        by=bundle.who(resource, "participant", "serviceProvider"),
        details=details,
    )


def plan(bundle: Bundle, resource: Resource, path: str) -> None:
    """What is planned: a care plan, a goal, an order, an appointment."""
    what = concept(obj(resource, "code") or next(iter(objs(resource, "category")), {}))
    starts, ends = when(resource, "period", "occurrence", "start", "authoredOn", "created")
    title = txt(resource, "title") or concept(obj(resource, "description")).text or what.text
    bundle.rows.add(
        "plan",
        path,
        denial=said(resource),
        text=title or txt(resource, "resourceType"),
        code=what.code,
        system=what.system,
        starts=starts,
        ends=ends or when(resource, "end")[0],
        status=txt(resource, "status") or txt(resource, "lifecycleStatus"),
        by=bundle.who(resource, "author", "requester"),
        details=plan_details(resource) or narrative(resource),
    )


def plan_details(resource: Resource) -> str:
    """What is done by a plan, and why."""
    steps = [obj(one, "detail") for one in objs(resource, "activity")]
    activities = [concept(obj(step, "code")).text or txt(step, "description") for step in steps]
    return labelled(
        ("", txt(resource, "description")),
        ("What is done", "; ".join(filter(None, activities))),
        ("Why", concepts(objs(resource, "reasonCode"))),
        ("", notes(resource)),
    )


def family(bundle: Bundle, resource: Resource, path: str) -> None:
    """Illness of somebody in the family, one row an illness."""
    relation = concept(obj(resource, "relationship")).text or "Family"
    base = {"denial": said(resource), "starts": when(resource, "date")[0], "status": txt(resource, "status"), "panel": "Family history"}
    illnesses = objs(resource, "condition")
    for number, illness in enumerate(illnesses):
        what = concept(obj(illness, "code"))
        details = labelled(("Began", told_age(illness, "onset")), ("Outcome", concept(obj(illness, "outcome")).text), ("", notes(illness)))
        names = {"text": f"{relation}: {what.text}", "code": what.code, "system": what.system}
        bundle.rows.add("history", f"{path}.condition[{number}]", **base, **names, details=details)
    if not illnesses:
        bundle.rows.add("history", path, **base, text=relation, details=notes(resource) or narrative(resource))


def document(bundle: Bundle, resource: Resource, path: str) -> None:
    """A document that the file holds or points to."""
    what = concept(obj(resource, "type"))
    words = [attachment(bundle.attached(obj(content, "attachment"), resource)) for content in objs(resource, "content")]
    overtaken = txt(resource, "status") if txt(resource, "status") != "current" else ""
    bundle.rows.add(
        "document",
        path,
        text=txt(resource, "description") or what.text or "Document",
        code=what.code,
        system=what.system,
        starts=when(resource, "date")[0],
        status=", ".join(filter(None, (txt(resource, "docStatus"), overtaken))) or txt(resource, "status"),
        by=bundle.who(resource, "author", "custodian"),
        details="\n".join(filter(None, words)),
    )


def composition(bundle: Bundle, resource: Resource, path: str) -> None:
    """A document made of sections: a row for itself, and one for the words of each section."""
    what = concept(obj(resource, "type"))
    base = {"starts": when(resource, "date")[0], "by": bundle.who(resource, "author", "custodian")}
    title = txt(resource, "title") or what.text or "Document"
    bundle.rows.add("document", path, **base, text=title, code=what.code, system=what.system, status=txt(resource, "status"))
    waiting = deque((f"{path}.section[{number}]", one) for number, one in enumerate(objs(resource, "section")))
    while waiting:
        where, section = waiting.popleft()
        named = concept(obj(section, "code"))
        none = concept(obj(section, "emptyReason")).text
        words = labelled(("Empty", none), ("", plain(txt(obj(section, "text"), "div"))))
        if words:
            heading = txt(section, "title") or named.text
            bundle.rows.add("note", where, **base, text=heading, code=named.code, system=named.system, details=words)
        waiting += [(f"{where}.section[{number}]", one) for number, one in enumerate(objs(section, "section"))]


def imaging(bundle: Bundle, resource: Resource, path: str) -> None:
    """A study of pictures that the file tells of."""
    what = concept((objs(resource, "procedureCode") or [{}])[0])
    details = labelled(
        ("Kind of picture", concepts(objs(resource, "modality"))),
        ("Series", txt(resource, "numberOfSeries")),
        ("Why", concepts(objs(resource, "reasonCode"))),
        ("", notes(resource)),
    )
    bundle.rows.add(
        "report",
        path,
        text=txt(resource, "description") or what.text or "Pictures",
        code=what.code,
        system=what.system,
        starts=when(resource, "started")[0],
        status=txt(resource, "status"),
        by=bundle.who(resource, "interpreter", "referrer"),
        details=details,
    )


def form(bundle: Bundle, resource: Resource, path: str) -> None:
    """A filled-in form: its questions with their answers."""
    lines: list[str] = []
    waiting = objs(resource, "item")[::-1]
    while waiting and len(lines) <= LONGEST_FORM:
        item = waiting.pop()
        told = [" ".join(value_of(one)).strip() or concept(obj(one, "valueCoding")).text for one in objs(item, "answer")]
        answers = ", ".join(filter(None, told))
        if answers:
            lines.append(f"{txt(item, 'text') or txt(item, 'linkId')}: {answers}")
        inner = (*objs(item, "item"), *(one for answer in objs(item, "answer") for one in objs(answer, "item")))
        waiting += inner[::-1]
    if len(lines) > LONGEST_FORM:
        lines[LONGEST_FORM:] = [CUT.strip()]
    base = {"text": "Questionnaire", "starts": when(resource, "authored")[0], "status": txt(resource, "status")}
    bundle.rows.add("other", path, **base, details="\n".join(lines))


def told(bundle: Bundle, resource: Resource, path: str) -> None:
    """A resource of which we read only what it is, when it was, and its own words."""
    what = concept(obj(resource, "code") or obj(resource, "event"))
    starts, ends = when(resource, "effective", "occurrence", "period", "date", "recorded", "identified", "authoredOn")
    might = "This could have happened, but did not" if txt(resource, "actuality") == "potential" else ""
    words = txt(resource, "summary") or txt(resource, "description") or narrative(resource)
    bundle.rows.add(
        "other",
        path,
        text=what.text or txt(resource, "resourceType"),
        code=what.code,
        system=what.system,
        starts=starts,
        ends=ends,
        denial=said(resource),
        status=txt(resource, "status"),
        details="\n".join(filter(None, (might, words, notes(resource)))),
    )


READERS: dict[str, Callable[[Bundle, Resource, str], None]] = {
    "Encounter": encounter,
    **dict.fromkeys(("CarePlan", "Goal", "ServiceRequest", "Appointment", "NutritionOrder", "DeviceRequest"), plan),
    "FamilyMemberHistory": family,
    "DocumentReference": document,
    "Composition": composition,
    "ImagingStudy": imaging,
    "QuestionnaireResponse": form,
    **dict.fromkeys(("ClinicalImpression", "RiskAssessment", "DetectedIssue", "AdverseEvent", "Flag", "Communication"), told),
    **dict.fromkeys(("DeviceUseStatement", "EpisodeOfCare", "VisionPrescription", "ImmunizationEvaluation", "BodyStructure"), told),
    "ImmunizationRecommendation": told,
}
