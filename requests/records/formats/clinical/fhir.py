"""FHIR R4 as JSON: a bundle, or one resource. Read without a network, a schema, or anything that the file names elsewhere."""

import json
import re
from typing import Any, BinaryIO

from ..problems import Problem, Unreadable
from .fhir_bundle import Bundle
from .fhir_denials import is_taken_back
from .fhir_resources import READERS
from .fhir_values import Resource, human_name, objs, txt
from .rows import LARGEST_FILE, MANAGED, OTHER, TAKEN_BACK, Rows, different_people

TYPE = re.compile(r"[A-Z][A-Za-z]{1,39}\Z")
# FHIR R4, 2.4: what such an extension says can change the meaning of all the rest.
UNREAD_MARK = "The file has a mark here that we cannot read and that may change what this means. Please check it in the file itself."
SOMEBODY = "The file does not say who this is about as it does for the rest. Please check it in the file itself."
MEANING = ("modifierExtension", "implicitRules")


def facts(file: BinaryIO) -> dict[str, object]:
    """Who the file is about and all it tells of their health. Raises ``Unreadable``, or what the JSON reader raises for a damaged one."""
    top = parsed(file)
    if not isinstance(top, dict) or not TYPE.match(txt(top, "resourceType")):
        raise Unreadable(Problem.NOT_FHIR)
    rows = Rows()
    bundle = Bundle(top, rows)
    if not any(known(txt(resource, "resourceType")) for _, resource, _ in bundle.resources):
        raise Unreadable(Problem.NOT_FHIR)
    rows.patients = [person(resource) for _, resource, _ in bundle.resources if txt(resource, "resourceType") == "Patient"]
    if different_people(rows.patients):
        raise Unreadable(Problem.SEVERAL_PEOPLE)
    for path, resource, _ in bundle.resources:
        read(bundle, resource, path)
    return rows.answer(title=title(bundle), written=written(top), source=source(bundle))


def parsed(file: BinaryIO) -> Any:
    """The file's JSON, numbers as they were written. Raises ``Unreadable``, and ``ValueError`` for what is no JSON."""
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Unreadable(Problem.LIMITS)
    text = data.decode(json.detect_encoding(data))
    try:
        return json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=no_number)
    except RecursionError:
        raise Unreadable(Problem.LIMITS) from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ. Raises ``ValueError``: with a name given twice readers would not agree on what the file says."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def no_number(word: str) -> str:
    """Raises ``ValueError``: JSON has no ``NaN`` and no infinity."""
    raise ValueError(word)


def known(kind: str) -> bool:
    """Whether it is a type of resource that we read or may count."""
    return kind in READERS or kind in MANAGED or kind == "Patient"


def read(bundle: Bundle, resource: Resource, path: str) -> None:
    """Add what one resource tells; what has been taken back as an error is counted only."""
    kind = txt(resource, "resourceType")
    if kind == "Patient":
        return
    taken_back = is_taken_back(resource)
    bundle.rows.remark = UNREAD_MARK if has_unread_mark(resource) else SOMEBODY if bundle.is_about_somebody_else(resource) else ""
    if kind in READERS and not taken_back:
        READERS[kind](bundle, resource, path)
    else:
        bundle.rows.others[TAKEN_BACK if taken_back else kind if kind in MANAGED else OTHER] += 1


def has_unread_mark(resource: Resource) -> bool:
    """Whether anything in it says that its meaning is not the usual one."""
    waiting: list[Any] = [resource]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if any(one.get(name) for name in MEANING):
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def person(patient: Resource) -> dict[str, str]:
    """Who the file is about, in the form that DICOM headers have."""
    sex = txt(patient, "gender")
    return {
        "name": human_name(objs(patient, "name")),
        "birth_date": txt(patient, "birthDate").replace("-", "")[:8],
        "sex": {"male": "M", "female": "F", "other": "O"}.get(sex, ""),
    }


def title(bundle: Bundle) -> str:
    """What the file calls itself."""
    return next((txt(one, "title") for _, one, _ in bundle.resources if txt(one, "resourceType") == "Composition"), "")


def written(top: Resource) -> str:
    """When the file was made."""
    return txt(top, "timestamp")[:10]


def source(bundle: Bundle) -> str:
    """The first organization it names."""
    return next((txt(one, "name") for _, one, _ in bundle.resources if txt(one, "resourceType") == "Organization"), "")
