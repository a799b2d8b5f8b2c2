"""C-CDA: an HL7 ClinicalDocument. Read without a DTD, without entities, and without anything that the file names elsewhere."""

import base64
import binascii
from collections import deque
from typing import Any, BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ..problems import Problem, Unreadable
from .ccda_statements import STATEMENTS, Place, about, read
from .ccda_values import NS, Element, Narrative, attr, concept, kid, kids, line, name, plain, tag
from .dates import hl7
from .fhir_values import MOST_OF_AN_ATTACHMENT
from .rows import CUT, LARGEST_FILE, Rows, different_people

DEEPEST = 200
MOST_ELEMENTS = 1_000_000
STEP = 65536
PROBLEM_LIST = "11450-4"
# The LOINC code of a section says what its entries are.
SECTIONS = {
    **dict.fromkeys((PROBLEM_LIST, "11348-0", "46241-6", "11535-2", "46030-3", "10219-4"), "problem"),
    **dict.fromkeys(("10160-0", "29549-3", "10183-2", "42346-7"), "medicine"),
    "48765-2": "allergy",
    "11369-6": "immunization",
    **dict.fromkeys(("47519-4", "29554-3", "46264-8"), "procedure"),
    **dict.fromkeys(("30954-2", "11502-2", "18748-4"), "result"),
    "8716-3": "vital",
    "46240-8": "visit",
    **dict.fromkeys(("29762-2", "10157-6", "47420-5", "11383-7"), "history"),
    **dict.fromkeys(("18776-5", "51847-2", "61146-7", "69730-0", "61145-9"), "plan"),
}


class Guard:
    """A parser's target that builds the tree, and ends at a document too deep or too large."""

    def __init__(self, builder: Any) -> None:
        self.builder, self.depth, self.count = builder, 0, 0
        self.data = builder.data
        self.close = builder.close

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins. Raises ``Unreadable``."""
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > MOST_ELEMENTS:
            raise Unreadable(Problem.LIMITS)
        self.builder.start(name, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self.depth -= 1
        self.builder.end(name)


def facts(file: BinaryIO) -> dict[str, object]:
    """Who the document is about and all it tells of their health. Raises ``Unreadable``, or as the XML reader does for a damaged one."""
    top = parsed(file)
    if top.tag != f"{NS}ClinicalDocument":
        raise Unreadable(Problem.NOT_CLINICAL)
    rows = Rows()
    rows.patients = [person(one) for one in kids(top, "recordTarget/patientRole/patient")]
    if different_people(rows.patients):
        raise Unreadable(Problem.SEVERAL_PEOPLE)
    body = "ClinicalDocument/component/structuredBody"
    for number, section in enumerate(kids(top, "component/structuredBody/component/section"), 1):
        read_section(section, f"{body}/component[{number}]/section", rows)
    unstructured(top, rows)
    return rows.answer(
        title=line(kid(top, "title")),
        written=hl7(attr(kid(top, "effectiveTime"), "value"))[:10],
        source=line(kid(top, "custodian/assignedCustodian/representedCustodianOrganization/name")),
    )


def parsed(file: BinaryIO) -> Element:
    """The file's root element. Raises ``Unreadable`` for a document type, for entities, and beyond the limits."""
    builder = DefusedXMLParser().target
    parser = DefusedXMLParser(target=Guard(builder), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    size = 0
    try:
        while data := file.read(STEP):
            size += len(data)
            if size > LARGEST_FILE:
                raise Unreadable(Problem.LIMITS)
            parser.feed(data)
        return parser.close()
    except DefusedXmlException:
        raise Unreadable(Problem.ENTITIES) from None


def person(patient: Element) -> dict[str, str]:
    """Who the document is about, in the form that DICOM headers have."""
    return {
        "name": name(kid(patient, "name")),
        "birth_date": attr(kid(patient, "birthTime"), "value")[:8],
        "sex": {"M": "M", "F": "F", "UN": "O"}.get(attr(kid(patient, "administrativeGenderCode"), "code"), ""),
    }


def read_section(section: Element, path: str, rows: Rows) -> None:
    """Add a section's entries, and its words as they stand; a section inside it is one of its own."""
    waiting = deque([(section, path)])
    while waiting:
        one, where = waiting.popleft()
        narrative = Narrative(kid(one, "text"))
        named = concept(kid(one, "code"), narrative)
        heading = line(kid(one, "title")) or named.text
        place = Place(
            rows,
            SECTIONS.get(named.code, "other"),
            narrative,
            about=about(one, narrative),
            heading="" if named.code == PROBLEM_LIST else heading,
        )
        for number, entry in enumerate(kids(one, "entry"), 1):
            for statement in entry:
                if tag(statement) in STATEMENTS:
                    read(statement, f"{where}/entry[{number}]/{tag(statement)}", place)
        words = plain(narrative.text)
        rows.add(
            "note",
            f"{where}/text",
            text=heading,
            code=named.code,
            system=named.system,
            details=words or "This part of the document is empty.",
        )
        waiting += [(inner, f"{where}/component[{number}]/section") for number, inner in enumerate(kids(one, "component/section"), 1)]


def unstructured(top: Element, rows: Rows) -> None:
    """A document that is not made of sections but holds one text or one file."""
    text = kid(top, "component/nonXMLBody/text")
    if text is None:
        return
    kind = attr(text, "mediaType")
    words = plain(text)
    if attr(text, "representation") == "B64":
        words = f"A file inside this document ({kind or 'kind not said'})"
        if kind == "text/plain":
            packed, most = "".join((text.text or "").split()), MOST_OF_AN_ATTACHMENT * 4 // 3 // 4 * 4
            try:
                words = base64.b64decode(packed[:most]).decode(errors="replace") + (CUT if len(packed) > most else "")
            except (binascii.Error, ValueError):
                words = "A text that cannot be read"
    title = line(kid(top, "title")) or "Document"
    rows.add(
        "document", "ClinicalDocument/component/nonXMLBody", text=title, starts=hl7(attr(kid(top, "effectiveTime"), "value")), details=words
    )
