"""A FHIR bundle as a list of resources that find each other by their references."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from .fhir_values import Resource, concept, human_name, obj, objs, txt
from .rows import Rows


class Bundle:
    """The resources of a bundle, or one that stands alone, each with the path at which the file has it."""

    def __init__(self, top: Resource, rows: Rows) -> None:
        self.rows = rows
        self.resources = list(_resources(top))
        self._found: dict[str, Resource] = {}
        for path, resource, address in self.resources:
            del path
            name = f"{txt(resource, 'resourceType')}/{txt(resource, 'id')}"
            self._found.setdefault(name, resource)
            if address:
                self._found.setdefault(address, resource)
        self.panels = dict(self._panels())
        self.people = {self.subject_of(resource) for _, resource, _ in self.resources} - {None}

    def target(self, reference: Resource, holder: Resource) -> Resource:
        """The resource that ``holder`` refers to, if it is in the file."""
        address = txt(reference, "reference").partition("/_history")[0]
        if address.startswith("#"):
            return next((one for one in objs(holder, "contained") if txt(one, "id") == address[1:]), {})
        return self._found.get(address) or self._found.get("/".join(address.split("/")[-2:])) or {}

    def subject_of(self, resource: Resource) -> str | None:
        """Which patient it is about: empty for one whom the file describes, otherwise their address; ``None`` where it says nothing."""
        for name in ("subject", "patient"):
            reference = obj(resource, name)
            if txt(self.target(reference, resource), "resourceType") == "Patient":
                return ""
            kind, _, number = txt(reference, "reference").partition("/_history")[0].rpartition("/")
            if kind.endswith("Patient"):
                return f"Patient/{number}"
        return None

    def is_about_somebody_else(self, resource: Resource) -> bool:
        """Whether the file is about several and does not describe the patient of this resource."""
        return len(self.people) > 1 and bool(self.subject_of(resource))

    def who(self, holder: Resource, *names: str) -> str:
        """The people and places that ``holder`` refers to under these names, in words."""
        found = []
        for name in names:
            for reference in objs(holder, name):
                actor = obj(reference, "actor") or obj(reference, "individual") or reference
                found.append(txt(actor, "display") or self.name_of(self.target(actor, holder)))
        return ", ".join(dict.fromkeys(filter(None, found)))

    def name_of(self, resource: Resource) -> str:
        """What a person, a place or a thing is called."""
        name = resource.get("name")
        if isinstance(name, list):
            family, _, given = human_name(objs(resource, "name")).partition("^")
            return f"{given} {family}".strip()
        person = obj(resource, "practitioner")
        return txt(resource, "name") or txt(person, "display") or concept(obj(resource, "code")).text

    def attached(self, value: Resource, holder: Resource) -> Resource:
        """An Attachment, with the bytes of the Binary in this file that it points to."""
        binary = self.target({"reference": txt(value, "url")}, holder)
        if txt(binary, "resourceType") != "Binary" or txt(value, "data"):
            return value
        return {**value, "contentType": txt(value, "contentType") or txt(binary, "contentType"), "data": txt(binary, "data")}

    def panel_of(self, resource: Resource) -> str:
        """The report that an observation belongs to."""
        return self.panels.get(id(resource), "")

    def _panels(self) -> Iterator[tuple[int, str]]:
        for _, resource, _ in self.resources:
            if txt(resource, "resourceType") == "DiagnosticReport":
                title = concept(obj(resource, "code")).text
                for reference in objs(resource, "result"):
                    yield id(self.target(reference, resource)), title


def _resources(top: Resource) -> Iterator[tuple[str, Resource, str]]:
    """Every resource with its path and its address, those of bundles within the bundle too."""
    if txt(top, "resourceType") != "Bundle":
        yield txt(top, "resourceType"), top, ""
        return
    waiting = deque([("Bundle", top)])
    while waiting:
        path, bundle = waiting.popleft()
        for number, entry in _entries(bundle):
            resource = obj(entry, "resource")
            kind, where = txt(resource, "resourceType"), f"{path}.entry[{number}].resource"
            if kind == "Bundle":
                waiting.append((where, resource))
            elif resource:
                yield f"{where} ({kind})", resource, txt(entry, "fullUrl")


def _entries(bundle: Resource) -> Iterator[tuple[int, Any]]:
    """The entries with their numbers; a history has the newest first, so that of each thing the first holds and older ones do not."""
    entries: Any = bundle.get("entry")
    is_history, seen = txt(bundle, "type") == "history", set()
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        request, resource = obj(entry, "request"), obj(entry, "resource")
        name = f"{txt(resource, 'resourceType')}/{txt(resource, 'id')}" if txt(resource, "id") else txt(request, "url")
        is_old = is_history and bool(name) and name in seen
        seen.add(name)
        if not is_old and txt(request, "method") != "DELETE":
            yield number, entry
