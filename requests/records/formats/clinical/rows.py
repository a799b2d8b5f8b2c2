"""What is read out of a clinical document: one flat row an entry, within limits that keep the answer small."""

import json
import re
from collections import Counter

KINDS = (
    *("problem", "medicine", "allergy", "immunization", "procedure", "result", "vital", "visit", "history"),
    *("plan", "report", "document", "other", "note"),
)
# The columns of a row with the longest text each may hold.
COLUMNS = {
    "denial": 20,
    "text": 300,
    "code": 60,
    "system": 60,
    "starts": 16,
    "ends": 16,
    "value": 300,
    "unit": 40,
    "range": 100,
    "flag": 60,
    "status": 60,
    "panel": 200,
    "by": 200,
    "details": 20_000,
    "path": 200,
}
# What a document says of something that is not so, or was not done: it goes before the words, wherever they are shown.
DENIALS = {"Not present", "Not given", "Not taken", "Not done", "Not to be done"}
# What a FHIR file may hold beside health: counted, never shown.
MANAGED = {
    *("Claim", "ClaimResponse", "ExplanationOfBenefit", "Coverage", "Account", "Invoice", "Organization", "Practitioner"),
    *("PractitionerRole", "Location", "Device", "Provenance", "RelatedPerson", "Medication", "Specimen", "CareTeam", "Media"),
    *("Endpoint", "HealthcareService", "Binary", "List", "Group", "Substance", "OperationOutcome", "Consent", "Task", "AuditEvent"),
}
TAKEN_BACK, OTHER = "Taken back", "Other"
MOST_ROWS = 10_000
MOST_BYTES = 3 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024
CUT = " … (more in the file itself)"
_SURROGATES = re.compile("[\ud800-\udfff]")


class Rows:
    """The rows found so far, in the order of the document; what goes beyond the limits is counted."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self.left_out = 0
        self.others: Counter[str] = Counter()
        self.patients: list[dict[str, str]] = []
        self.remark = ""
        self._bytes = 0

    def add(self, kind: str, path: str, **columns: str) -> None:
        """One more row; empty columns are left away, and so is a row that says nothing. ``remark`` goes along with each."""
        if self.remark:
            columns["details"] = "\n".join(filter(None, (columns.get("details", ""), self.remark)))
        row = {"kind": kind, "path": path[: COLUMNS["path"]]}
        row |= {name: short(text, COLUMNS[name]) for name, text in columns.items() if text.strip()}
        if not row.keys() & {"text", "value", "details", "code"}:
            return
        size = len(json.dumps(row))
        if len(self.found) >= MOST_ROWS or self._bytes + size > MOST_BYTES:
            self.left_out += 1
            return
        self.found.append(row)
        self._bytes += size

    def answer(self, **facts: str) -> dict[str, object]:
        """All of it as the child's answer, with ``facts`` about the document."""
        nobody = {"name": "", "birth_date": "", "sex": ""}
        return {
            **facts,
            "patient": self.patients[0] if self.patients else nobody,
            "others": dict(self.others),
            "left_out": self.left_out,
            "entries": self.found,
        }


def short(text: str, limit: int) -> str:
    """``text`` without lone surrogates, cut to ``limit`` with a mark that says so."""
    text = _SURROGATES.sub("", text).strip()
    if len(text) <= limit:
        return text
    mark = CUT if limit > 1000 else "…"
    return text[: limit - len(mark)] + mark


def labelled(*pairs: tuple[str, str]) -> str:
    """One line for each pair of a label and a text that is there; a line without a label is the text alone."""
    return "\n".join(f"{label}: {text}" if label else text for label, text in pairs if text.strip())


def different_people(patients: list[dict[str, str]]) -> bool:
    """Whether a document is about more than one person."""
    return len({(patient["name"].casefold(), patient["birth_date"]) for patient in patients}) > 1
