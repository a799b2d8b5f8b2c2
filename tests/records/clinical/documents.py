"""Health documents to send: real ones, and made ones with something odd in them."""

import io
import json
from typing import Any

from records.formats.clinical import ccda, fhir
from secondop.embedded.data import ROOT

DATA = ROOT / "tests" / "data"
HL7 = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def synthea() -> bytes:
    """A FHIR bundle of a made-up patient's life."""
    return (DATA / "fhir" / "synthea-stephen.json").read_bytes()


def real_ccda(name: str = "cerner-transition-of-care") -> bytes:
    """A C-CDA as a hospital's system wrote it."""
    return (DATA / "ccda" / f"{name}.xml").read_bytes()


def bundle(*resources: dict[str, Any]) -> bytes:
    """A FHIR bundle of these resources."""
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}).encode()


def section(code: str, entries: str = "", text: str = "Words", title: str = "Part") -> str:
    """A section of a C-CDA."""
    head = f'<code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title><text>{text}</text>'
    return f"<component><section>{head}{entries}</section></component>"


def document(*sections: str, patient: str = "") -> bytes:
    """A C-CDA of these sections."""
    who = f"<recordTarget><patientRole><patient>{patient}</patient></patientRole></recordTarget>" if patient else ""
    body = f"<component><structuredBody>{''.join(sections)}</structuredBody></component>"
    return f"<?xml version='1.0'?><ClinicalDocument {HL7}><title>Summary</title>{who}{body}</ClinicalDocument>".encode()


def rows(data: bytes) -> list[dict[str, str]]:
    """What is read out of a document, in this process."""
    reader = fhir if data.lstrip().startswith(b"{") else ccda
    return reader.facts(io.BytesIO(data))["entries"]


def of_kind(data: bytes, kind: str) -> list[dict[str, str]]:
    """The rows of one kind."""
    return [row for row in rows(data) if row["kind"] == kind]
