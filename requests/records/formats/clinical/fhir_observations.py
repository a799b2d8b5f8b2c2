"""FHIR R4 observations and the reports that hold them."""

from .fhir_bundle import Bundle
from .fhir_values import Concept, Resource, attachment, concept, concepts, narrative, notes, obj, objs, span, txt, value_of, when
from .rows import labelled

HISTORY = {"social-history", "survey", "functional-status", "sdoh", "activity"}
VITAL = {"vital-signs"}


def kind_of(resource: Resource) -> str:
    """Result, vital sign, or something about how the person lives."""
    categories = {concept(one).code for one in objs(resource, "category")} | {
        txt(coding, "code") for one in objs(resource, "category") for coding in objs(one, "coding")
    }
    return "vital" if categories & VITAL else "history" if categories & HISTORY else "result"


def reference_range(resource: Resource) -> str:
    """What is usual, in words or as two figures, and for whom where that is said."""
    return "; ".join(filter(None, map(one_range, objs(resource, "referenceRange"))))


def one_range(value: Resource) -> str:
    """One range; every kind but the normal one by its name."""
    figures, kind = txt(value, "text") or span(value), concept(obj(value, "type"))
    named = ("" if kind.code == "normal" else kind.text, concepts(objs(value, "appliesTo")), span(obj(value, "age")))
    about = ", ".join(filter(None, named))
    return f"{about}: {figures}" if about and figures else figures


def observation(bundle: Bundle, resource: Resource, path: str) -> None:
    """A measurement or finding; one of several parts becomes a row a part, under the name of the whole."""
    what = concept(obj(resource, "code"))
    parts = objs(resource, "component")
    if value_of(resource)[0] or not parts:
        add(bundle, resource, resource, path, what, bundle.panel_of(resource))
    for number, part in enumerate(parts):
        add(bundle, resource, part, f"{path}.component[{number}]", concept(obj(part, "code")), what.text)


def add(bundle: Bundle, resource: Resource, part: Resource, path: str, what: Concept, panel: str) -> None:
    """A row of what ``part`` measures; date, status and remarks are those of the whole ``resource``."""
    value, unit = value_of(part)
    starts, ends = when(resource, "effective", "issued")
    focus = objs(resource, "focus")
    details = labelled(
        ("About", (bundle.who(resource, "focus") or "not the patient as such: see the file") if focus else ""),
        ("Where in the body", concept(obj(resource, "bodySite")).text),
        ("How", concept(obj(resource, "method")).text),
        ("", notes(resource)),
    )
    bundle.rows.add(
        kind_of(resource),
        path,
        text=what.text,
        code=what.code,
        system=what.system,
        starts=starts,
        ends=ends,
        value=value,
        unit=unit,
        range=reference_range(part),
        flag=concepts(objs(part, "interpretation")),
        status=txt(resource, "status"),
        panel=panel,
        by=bundle.who(resource, "performer"),
        details=details,
    )


def report(bundle: Bundle, resource: Resource, path: str) -> None:
    """A report: its conclusion, its own words, and what is attached to it."""
    what = concept(obj(resource, "code"))
    attached = "\n".join(filter(None, (attachment(bundle.attached(one, resource)) for one in objs(resource, "presentedForm"))))
    count = len(objs(resource, "result"))
    conclusion = labelled(("Conclusion", txt(resource, "conclusion")), ("Found", concepts(objs(resource, "conclusionCode"))))
    results = f"{count} result{'' if count == 1 else 's'}" if count else ""
    bundle.rows.add(
        "report",
        path,
        text=what.text or "Report",
        code=what.code,
        system=what.system,
        starts=when(resource, "effective", "issued")[0],
        value=results,
        status=txt(resource, "status"),
        by=bundle.who(resource, "performer", "resultsInterpreter"),
        details="\n".join(filter(None, (conclusion, attached or narrative(resource)))),
    )
