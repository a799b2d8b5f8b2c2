"""A FHIR bundle as a list of resources that find each other by their references."""

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

    def target(self, reference: Resource, holder: Resource) -> Resource:
        """The resource that ``holder`` refers to, if it is in the file."""
        address = txt(reference, "reference").partition("/_history")[0]
        if address.startswith("#"):
            return next((one for one in objs(holder, "contained") if txt(one, "id") == address[1:]), {})
        return self._found.get(address) or self._found.get("/".join(address.split("/")[-2:])) or {}

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
    if txt(top, "resourceType") != "Bundle":
        yield txt(top, "resourceType"), top, ""
        return
    entries: Any = top.get("entry")
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = obj(entry, "resource")
        if resource:
            yield f"Bundle.entry[{number}].resource ({txt(resource, 'resourceType')})", resource, txt(entry, "fullUrl")
