"""Health documents (FHIR R4 and C-CDA): what is read out of real ones, and what becomes of odd and hostile ones."""

from collections import Counter

import pytest
from defusedxml.ElementTree import fromstring

from records.formats.clinical.rows import COLUMNS, MOST_ROWS
from records.formats.problems import Problem
from records.kinds import Kind, NotTaken, judge
from records.sandbox import Limits, Verdict, examine

from . import documents
from .documents import bundle, document, of_kind, rows, section

LAUGHS = (
    "<!DOCTYPE ClinicalDocument [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><ClinicalDocument xmlns='urn:hl7-org:v3'>&b;</ClinicalDocument>"
)
OUTSIDE = (
    "<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><ClinicalDocument xmlns='urn:hl7-org:v3'>&x;</ClinicalDocument>"
)


QUICK = Limits(cpu=5, wall=30)


def verdict(kind: str, data: bytes, limits: Limits = QUICK) -> Verdict:
    return examine(kind, len(data), lambda start, end: data[start:end], limits)


def test_a_real_bundle_is_read_whole():
    facts, problem = verdict("fhir", documents.synthea())
    assert problem is None
    counted = Counter(row["kind"] for row in facts["entries"])
    assert counted == {
        "vital": 18,
        "result": 33,
        "visit": 8,
        "medicine": 5,
        "report": 4,
        "immunization": 4,
        "problem": 3,
        "history": 3,
        "plan": 2,
    }
    assert facts["patient"] == {"name": "McLaughlin^Stephen", "birth_date": "1979-04-28", "sex": "M"}
    assert (facts["source"], facts["others"]["Claim"], facts["left_out"]) == ("MARLBOROUGH HOSPITAL", 1, 0)
    cholesterol = next(row for row in facts["entries"] if row["code"] == "2093-3")
    assert (cholesterol["panel"], cholesterol["unit"], cholesterol["starts"]) == ("Lipid Panel", "mg/dL", "2013-10-26T04:14")
    assert cholesterol["path"].endswith("(Observation)") and float(cholesterol["value"]) > 100


@pytest.mark.parametrize("name", ["cerner-transition-of-care", "kareo-summary-of-care"])
def test_no_section_of_a_real_document_is_lost(name):
    data = documents.real_ccda(name)
    facts, problem = verdict("ccda", data)
    assert problem is None
    titles = [one.text for one in fromstring(data).iter("{urn:hl7-org:v3}title")][1:]
    assert [row["text"] for row in facts["entries"] if row["kind"] == "note"] == titles


def test_what_a_real_document_says():
    facts, _ = verdict("ccda", documents.real_ccda())
    found = {row["text"]: row for row in facts["entries"] if row["kind"] != "note"}
    assert facts["patient"] == {"name": "Williamson^Steve", "birth_date": "1947-04-07", "sex": "M"}
    assert found["Codeine"]["details"] == "Kind: Drug allergy\nReaction: Nausea (finding)\nHow severe: Moderate"
    pressure = found["Systolic Blood Pressure"]
    assert [pressure[name] for name in ("value", "unit", "range", "flag", "panel")] == [
        "150",
        "mm[Hg]",
        "90-140 mmHg",
        "High",
        "Vital Signs",
    ]
    assert found["Diabetes mellitus type 2 (disorder)"]["starts"] == "2009-01-09"


def test_nothing_known_is_no_entry():
    """This document has an entry that says that there is no information about allergies, with a severe reaction below it."""
    assert of_kind(documents.real_ccda("kareo-summary-of-care"), "allergy") == []


def test_what_is_denied_is_said_to_be():
    inner = '<code code="ASSERTION"/><value xsi:type="CD" code="419511003" displayName="Drug allergy"/>'
    inner = f'<entryRelationship><observation negationInd="true">{inner}</observation></entryRelationship>'
    entry = f'<entry><act><code code="CONC"/>{inner}</act></entry>'
    (row,) = of_kind(document(section("48765-2", entry)), "allergy")
    assert (row["denial"], row["text"]) == ("Not present", "Drug allergy")
    not_given = {"resourceType": "Immunization", "status": "not-done", "vaccineCode": {"text": "Tetanus"}}
    refuted = {"resourceType": "Condition", "verificationStatus": {"coding": [{"code": "refuted"}]}, "code": {"text": "Stroke"}}
    taken_back = {**refuted, "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    assert [(row["denial"], row["text"]) for row in rows(bundle(not_given, refuted, taken_back))] == [
        ("Not given", "Tetanus"),
        ("Not present", "Stroke"),
    ]


def test_a_mark_that_changes_the_meaning_is_pointed_out():
    (row,) = rows(bundle({"resourceType": "Condition", "code": {"text": "Cough"}, "modifierExtension": [{"url": "x"}]}))
    assert "cannot read" in row["details"]


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        ("ccda", LAUGHS.encode(), Problem.ENTITIES),
        ("ccda", OUTSIDE.encode(), Problem.ENTITIES),
        ("ccda", LAUGHS.encode("utf-16"), Problem.ENTITIES),
        ("ccda", b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<a>" * 300 + b"</a>" * 300 + b"</ClinicalDocument>", Problem.LIMITS),
        ("ccda", b"<ClinicalDocument>no namespace</ClinicalDocument>", Problem.NOT_CLINICAL),
        ("ccda", documents.real_ccda()[:-2000], Problem.DAMAGED),
        ("fhir", documents.synthea()[:-2000], Problem.DAMAGED),
        ("fhir", b'{"resourceType": "Shopping", "item": []}', Problem.NOT_FHIR),
        ("fhir", b'[{"resourceType": "Patient"}]', Problem.NOT_FHIR),
        ("fhir", b'{"resourceType": "Patient", "x": NaN}', Problem.DAMAGED),
        ("fhir", b'{"resourceType": "Patient", "gender": "male", "gender": "female"}', Problem.DAMAGED),
        ("fhir", b'{"resourceType": "Patient", "x": ' + b"[" * 200_000, Problem.LIMITS),
        (
            "fhir",
            bundle({"resourceType": "Patient", "name": [{"text": "A"}]}, {"resourceType": "Patient", "name": [{"text": "B"}]}),
            Problem.SEVERAL_PEOPLE,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_and_broken_documents_are_refused(kind, data, problem):
    assert verdict(kind, data) == ({}, problem)


def test_more_than_fits_is_counted():
    many = bundle(*[{"resourceType": "Condition", "code": {"text": f"Illness {number}"}} for number in range(MOST_ROWS + 7)])
    facts, problem = verdict("fhir", many, Limits())
    assert (problem, len(facts["entries"]), facts["left_out"]) == (None, MOST_ROWS, 7)


def test_a_document_of_very_many_parts_is_read_in_its_time():
    """Work that grew with the square of their number would come to the limit."""
    form = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "1"}] * 150_000}
    told = {"resourceType": "DiagnosticReport", "text": {"div": "<p>" * 2_000_000 + "end"}}
    assert verdict("fhir", bundle(form, told), Limits()).problem is None


def test_odd_encodings_and_figures():
    text = '{"resourceType":"Observation","code":{"text":"X \\ud800"},"valueQuantity":{"value":1e999,"unit":"%s"}}' % ("u" * 100)
    (row,) = verdict("fhir", text.encode("utf-8-sig")).facts["entries"]
    assert (row["text"], row["value"], len(row["unit"])) == ("X", "1e999", COLUMNS["unit"])
    assert verdict("fhir", text.encode("utf-16")).problem is None
    (row,) = of_kind(document(section("1-1", title="Größe")).decode().replace("<?xml version='1.0'?>", "").encode("utf-16"), "note")
    assert row["text"] == "Größe"


def test_which_xml_and_json_is_taken():
    assert judge(documents.synthea()[:4096]) == Kind.FHIR
    assert judge(documents.real_ccda()[:4096]) == judge(LAUGHS.encode()) == judge(document().decode().encode("utf-16")) == Kind.CCDA
    for other in (b'{"a": 1}', b'["a"]', b"<?xml version='1.0'?><invoice>ClinicalDocument</invoice>", b"<html><ClinicalDocument></html>"):
        with pytest.raises(NotTaken):
            judge(other)
