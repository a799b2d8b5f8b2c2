"""FHIR R4 resources that tell of a person's health, each read into rows by the fields that its definition has."""

from collections.abc import Callable

from . import fhir_more as more
from .fhir_bundle import Bundle
from .fhir_observations import observation, report
from .fhir_values import Resource, amount, concept, concepts, notes, obj, objs, span, told_age, txt, when
from .rows import labelled

NO_LONGER_SAID = "entered-in-error"


def said(resource: Resource) -> str:
    """What the file says of something that is not so, was not done or must not be."""
    if concept(obj(resource, "verificationStatus")).code == "refuted":
        return "Not present"
    if resource.get("doNotPerform") is True:
        return "Not to be done"
    given = txt(resource, "resourceType") == "Immunization"
    return {"not-done": "Not given" if given else "Not done", "not-taken": "Not taken"}.get(txt(resource, "status"), "")


def standing(resource: Resource) -> str:
    """Where a condition or an allergy stands."""
    clinical = concept(obj(resource, "clinicalStatus")).text
    verified = concept(obj(resource, "verificationStatus"))
    return ", ".join(filter(None, (clinical, "" if verified.code == "confirmed" else verified.text)))


def condition(bundle: Bundle, resource: Resource, path: str) -> None:
    """A problem or diagnosis."""
    what = concept(obj(resource, "code"))
    starts, ends = when(resource, "onset")
    details = labelled(
        ("Began", told_age(resource, "onset")),
        ("Ended", told_age(resource, "abatement")),
        ("How severe", concept(obj(resource, "severity")).text),
        ("Stage", concepts([obj(stage, "summary") for stage in objs(resource, "stage")])),
        ("Where in the body", concepts(objs(resource, "bodySite"))),
        ("", notes(resource)),
    )
    bundle.rows.add(
        "problem",
        path,
        denial=said(resource),
        text=what.text,
        code=what.code,
        system=what.system,
        starts=starts or when(resource, "recorded")[0],
        ends=when(resource, "abatement")[0] or ends,
        status=standing(resource),
        by=bundle.who(resource, "asserter", "recorder"),
        details=details,
    )


def allergy(bundle: Bundle, resource: Resource, path: str) -> None:
    """An allergy or intolerance with what happened."""
    what = concept(obj(resource, "code"))
    reactions = [
        ", ".join(filter(None, (concepts(objs(one, "manifestation")), txt(one, "severity"), txt(one, "description"))))
        for one in objs(resource, "reaction")
    ]
    details = labelled(("Reaction", "; ".join(filter(None, reactions))), ("Risk", txt(resource, "criticality")), ("", notes(resource)))
    bundle.rows.add(
        "allergy",
        path,
        denial=said(resource),
        text=what.text,
        code=what.code,
        system=what.system,
        starts=(when(resource, "onset")[0] or when(resource, "recorded")[0]),
        status=standing(resource),
        by=bundle.who(resource, "asserter", "recorder"),
        details=details,
    )


def dose(instruction: Resource) -> str:
    """A dosage as one line."""
    if txt(instruction, "text"):
        return txt(instruction, "text")
    amounts = [amount(obj(one, "doseQuantity")) or span(obj(one, "doseRange")) for one in objs(instruction, "doseAndRate")]
    repeat = obj(obj(instruction, "timing"), "repeat")
    often = concept(obj(obj(instruction, "timing"), "code")).text
    if not often and txt(repeat, "frequency"):
        often = f"{txt(repeat, 'frequency')} times every {txt(repeat, 'period')} {txt(repeat, 'periodUnit')}".strip()
    as_needed = "as needed" if instruction.get("asNeededBoolean") is True else concept(obj(instruction, "asNeededCodeableConcept")).text
    return ", ".join(filter(None, (*amounts, concept(obj(instruction, "route")).text, often, as_needed)))


def medicine(bundle: Bundle, resource: Resource, path: str) -> None:
    """A medicine that was ordered, given out, given or taken."""
    what = concept(obj(resource, "medicationCodeableConcept"))
    if not what.text:
        reference = obj(resource, "medicationReference")
        named = concept(obj(bundle.target(reference, resource), "code"))
        what = named if named.text else named._replace(text=txt(reference, "display"))
    starts, ends = when(resource, "effective")
    instructions = objs(resource, "dosageInstruction") or objs(resource, "dosage")
    supply = obj(resource, "dispenseRequest")
    details = labelled(
        ("How to take it", "; ".join(filter(None, map(dose, instructions)))),
        ("Amount", amount(obj(supply, "quantity")) or amount(obj(resource, "quantity"))),
        ("Why", concepts(objs(resource, "reasonCode"))),
        ("", notes(resource)),
    )
    bundle.rows.add(
        "medicine",
        path,
        denial=said(resource),
        text=what.text,
        code=what.code,
        system=what.system,
        starts=starts or when(resource, "authoredOn", "whenHandedOver", "whenPrepared", "dateAsserted")[0],
        ends=ends or when(supply, "validity")[1],
        status=txt(resource, "status"),
        by=bundle.who(resource, "requester", "performer", "informationSource"),
        details=details,
    )


def procedure(bundle: Bundle, resource: Resource, path: str) -> None:
    """An operation, a treatment or another thing that was done."""
    what = concept(obj(resource, "code"))
    starts, ends = when(resource, "performed")
    details = labelled(
        ("When", told_age(resource, "performed")),
        ("Why", concepts(objs(resource, "reasonCode"))),
        ("Where in the body", concepts(objs(resource, "bodySite"))),
        ("Outcome", concept(obj(resource, "outcome")).text),
        ("Complication", concepts(objs(resource, "complication"))),
        ("", notes(resource)),
    )
    bundle.rows.add(
        "procedure",
        path,
        denial=said(resource),
        text=what.text,
        code=what.code,
        system=what.system,
        starts=starts,
        ends=ends,
        status=txt(resource, "status"),
        by=bundle.who(resource, "performer"),
        details=details,
    )


def immunization(bundle: Bundle, resource: Resource, path: str) -> None:
    """A vaccine."""
    what = concept(obj(resource, "vaccineCode"))
    details = labelled(
        ("Told as", txt(resource, "occurrenceString")),
        ("Lot", txt(resource, "lotNumber")),
        ("Why not", concept(obj(resource, "statusReason")).text),
        ("", notes(resource)),
    )
    bundle.rows.add(
        "immunization",
        path,
        denial=said(resource),
        text=what.text,
        code=what.code,
        system=what.system,
        starts=when(resource, "occurrence")[0],
        status=txt(resource, "status"),
        by=bundle.who(resource, "performer"),
        details=details,
    )


Reader = Callable[[Bundle, Resource, str], None]
READERS: dict[str, Reader] = {
    "Condition": condition,
    "AllergyIntolerance": allergy,
    "MedicationRequest": medicine,
    "MedicationStatement": medicine,
    "MedicationAdministration": medicine,
    "MedicationDispense": medicine,
    "Procedure": procedure,
    "Immunization": immunization,
    "Observation": observation,
    "DiagnosticReport": report,
    **more.READERS,
}
