"""FHIR R4 resources that tell of a person's health, each read into rows by the fields that its definition has."""

from collections.abc import Callable

from . import fhir_more as more
from .fhir_bundle import Bundle
from .fhir_denials import said
from .fhir_observations import observation, report
from .fhir_values import Resource, amount, concept, concepts, notes, obj, objs, ratio, span, texts, told_age, txt, when, yes_or_no
from .rows import labelled

CONFIRMED = "confirmed"
ONLY_THOUGHT_OF = ("proposal", "plan", "option")


def standing(resource: Resource) -> str:
    """Where a condition or an allergy stands; before R4 in bare codes."""
    clinical = concept(obj(resource, "clinicalStatus")).text or txt(resource, "clinicalStatus") or txt(resource, "status")
    verified = concept(obj(resource, "verificationStatus"))
    doubt = verified.text or txt(resource, "verificationStatus")
    return ", ".join(filter(None, (clinical, "" if CONFIRMED in (verified.code, doubt) else doubt)))


def condition(bundle: Bundle, resource: Resource, path: str) -> None:
    """A problem or diagnosis."""
    what = concept(obj(resource, "code"))
    began, ended = when(resource, "onset"), when(resource, "abatement")
    details = labelled(
        ("Began", told_age(resource, "onset") or between(began)),
        (
            "Ended",
            told_age(resource, "abatement") or between(ended) or yes_or_no(resource, "abatementBoolean"),
        ),
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
        starts=began[0] or began[1] or when(resource, "recorded")[0],
        ends=ended[0] or ended[1],
        status=standing(resource),
        by=bundle.who(resource, "asserter", "recorder"),
        details=details,
    )


def between(found: tuple[str, str]) -> str:
    """A period within which something began or ended."""
    return f"between {found[0] or 'some day'} and {found[1]}" if found[1] else ""


def allergy(bundle: Bundle, resource: Resource, path: str) -> None:
    """An allergy or intolerance with what happened."""
    what = concept(obj(resource, "code") or obj(resource, "substance"))
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
    amounts = [part for one in (*objs(instruction, "doseAndRate"), instruction) for part in (dose_of(one), rate_of(one))]
    often = rhythm(obj(instruction, "timing"))
    as_needed = "as needed" if instruction.get("asNeededBoolean") is True else concept(obj(instruction, "asNeededCodeableConcept")).text
    if as_needed and instruction.get("asNeededBoolean") is not True:
        as_needed = f"as needed for {as_needed}"
    most = ratio(obj(instruction, "maxDosePerPeriod"), "per")
    also = (concepts(objs(instruction, "additionalInstruction")), f"at most {most}" if most else "")
    return ", ".join(filter(None, (*amounts, concept(obj(instruction, "route")).text, often, as_needed, *also)))


def dose_of(value: Resource) -> str:
    """How much is taken at once; ``dose`` is the name of it for what was given."""
    return amount(obj(value, "doseQuantity")) or span(obj(value, "doseRange")) or amount(obj(value, "dose"))


def rate_of(value: Resource) -> str:
    """How fast it is given."""
    rate = amount(obj(value, "rateQuantity")) or span(obj(value, "rateRange")) or ratio(obj(value, "rateRatio"), "per")
    return f"at {rate}" if rate else ""


def rhythm(timing: Resource) -> str:
    """How often something is taken, on which days, and for how long."""
    repeat = obj(timing, "repeat")
    often = concept(obj(timing, "code")).text
    times, every = (" to ".join(filter(None, (txt(repeat, name), txt(repeat, f"{name}Max")))) for name in ("frequency", "period"))
    if not often and (times or every):
        often = f"{times or 1} times" + (f" every {every} {txt(repeat, 'periodUnit')}" if every else "")
    days = [", ".join(texts(repeat, name)) for name in ("dayOfWeek", "when")]
    bounds = amount(obj(repeat, "boundsDuration")) or span(obj(repeat, "boundsRange"))
    return ", ".join(filter(None, (often, *days, f"for {bounds}" if bounds else "")))


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
        ("Only a", txt(resource, "intent") if txt(resource, "intent") in ONLY_THOUGHT_OF else ""),
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
        ("Dose", "less than a full one" if resource.get("isSubpotent") is True else ""),
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
