"""A "no" is never read as a yes, and a figure never as another one: what documents say of what is not so, and how they write numbers."""

import base64

import pytest

from records.clinical import store, wording
from records.clinical.models import ClinicalEntry
from records.clinical.pages import VALUES, Series
from records.formats.clinical.rows import COLUMNS
from records.formats.clinical.words import MOST_MARKUP, plain

from .documents import bundle, document, of_kind, rows, section

PROBLEMS, ALLERGIES, RESULTS, MEDICINES, VACCINES, FAMILY = "11450-4", "48765-2", "30954-2", "10160-0", "11369-6", "10157-6"
STROKE = '<value xsi:type="CD" code="230690007" codeSystem="2.16.840.1.113883.6.96" displayName="Stroke"/>'


def fhir(**fields: object) -> list[dict[str, str]]:
    return rows(bundle(fields))


def ccda(code: str, entry: str, text: str = "Words") -> list[dict[str, str]]:
    return [row for row in rows(document(section(code, f"<entry>{entry}</entry>", text))) if row["kind"] != "note"]


def measured(value: str, more: str = "") -> dict[str, str]:
    (row,) = ccda(RESULTS, f'<observation><code displayName="X"/>{value}{more}</observation>')
    return row


@pytest.mark.parametrize(
    ("kind", "fields", "denial"),
    [
        ("Condition", {"verificationStatus": "refuted"}, "Not present"),
        ("Condition", {"verificationStatus": {"coding": [{"code": "local"}, {"code": "refuted"}]}}, "Not present"),
        ("AllergyIntolerance", {"status": "refuted"}, "Not present"),
        ("MedicationStatement", {"taken": "n"}, "Not taken"),
        ("MedicationStatement", {"wasNotTaken": True}, "Not taken"),
        ("MedicationAdministration", {"status": "not-done"}, "Not given"),
        ("Immunization", {"status": "completed", "notGiven": True}, "Not given"),
        ("Procedure", {"notDone": True}, "Not done"),
        ("Communication", {"status": "not-done"}, "Not done"),
        ("ServiceRequest", {"doNotPerform": True}, "Not to be done"),
    ],
)
def test_every_way_of_fhir_to_deny_is_read(kind, fields, denial):
    (row,) = fhir(resourceType=kind, code={"text": "X"}, vaccineCode={"text": "X"}, medicationCodeableConcept={"text": "X"}, **fields)
    assert row.get("denial") == denial


@pytest.mark.parametrize("where", ["verificationStatus", "docStatus", "status"])
def test_what_was_a_mistake_is_not_read_out(where):
    assert fhir(resourceType="DocumentReference", description="X", **{where: "entered-in-error"}) == []


def test_of_a_history_only_what_holds_now_is_read():
    def version(words: str) -> dict:
        return {"resource": {"resourceType": "Condition", "id": "1", "code": {"text": words}}}

    gone = {"request": {"method": "DELETE", "url": "Condition/2"}}
    old = {"resource": {"resourceType": "Condition", "id": "2", "code": {"text": "Deleted"}}}
    history = {"resourceType": "Bundle", "type": "history", "entry": [version("New"), version("Old"), gone, old]}
    assert [row["text"] for row in rows(bundle(history))] == ["New"]


def test_a_mark_deep_inside_and_another_patient_are_pointed_out():
    deep = {"resourceType": "Observation", "code": {"text": "X"}, "component": [{"valueString": "a", "modifierExtension": [{"url": "x"}]}]}
    assert "cannot read" in rows(bundle(deep))[0]["details"]
    patient = {"resourceType": "Patient", "id": "me", "name": [{"text": "Ann Lee"}]}
    mine, child = (
        {"resourceType": "Condition", "code": {"text": who}, "subject": {"reference": f"Patient/{who}"}} for who in ("me", "child")
    )
    found = rows(bundle(patient, mine, child))
    assert "details" not in found[0] and "who this is about" in found[1]["details"]
    (row,) = fhir(resourceType="Observation", code={"text": "Heart rate"}, focus=[{"display": "The unborn child"}], valueString="140")
    assert row["details"] == "About: The unborn child"


def test_when_an_illness_began_is_not_when_it_ended():
    (row,) = fhir(resourceType="Condition", code={"text": "X"}, onsetPeriod={"start": "2010", "end": "2011"})
    assert (row["starts"], row.get("ends"), row["details"]) == ("2010", None, "Began: between 2010 and 2011")


def test_how_a_medicine_is_taken_is_read_whole():
    dosage = {
        "asNeededCodeableConcept": {"text": "pain"},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
        "timing": {"repeat": {"frequency": 1, "frequencyMax": 2, "period": 6, "periodMax": 8, "periodUnit": "h"}},
        "maxDosePerPeriod": {"numerator": {"value": 4, "unit": "tablets"}, "denominator": {"value": 1, "unit": "day"}},
    }
    (row,) = fhir(resourceType="MedicationRequest", medicationCodeableConcept={"text": "X"}, dosageInstruction=[dosage], intent="proposal")
    told = "1 tablet, 1 to 2 times every 6 to 8 h, as needed for pain, at most 4 tablets per 1 day"
    assert row["details"] == f"Only a: proposal\nHow to take it: {told}"
    given = {"dose": {"value": 5, "unit": "mg"}, "rateQuantity": {"value": 2, "unit": "mL/h"}}
    (row,) = fhir(resourceType="MedicationAdministration", medicationCodeableConcept={"text": "X"}, dosage=given)
    assert row["details"] == "How to take it: 5 mg, at 2 mL/h"
    when = (
        '<effectiveTime xsi:type="PIVL_TS"><period value="6" unit="h"/></effectiveTime><effectiveTime><low value="2020"/></effectiveTime>'
    )
    dose = '<doseQuantity><low value="1" unit="mg"/><high value="2" unit="mg"/></doseQuantity>'
    need = '<precondition><criterion><value xsi:type="CD" displayName="Wheezing"/></criterion></precondition>'
    (row,) = ccda(MEDICINES, f"<substanceAdministration>{when}{dose}{need}</substanceAdministration>")
    assert (row["starts"], row["details"]) == ("2020", "Dose: 1 to 2 mg\nOnly as needed for: Wheezing\nEvery: 6 h")


def test_values_keep_their_meaning():
    (row,) = fhir(resourceType="Observation", code={"text": "X"}, valueQuantity={"unit": "mg"}, dataAbsentReason={"text": "not asked"})
    assert (row["value"], row.get("unit")) == ("No value: not asked", None)
    ranges = [{"text": "4 to 6"}, {"type": {"text": "therapeutic"}, "appliesTo": [{"text": "women"}], "text": "7 to 9"}]
    (row,) = fhir(resourceType="Observation", code={"text": "X"}, valueString="5", referenceRange=ranges)
    assert row["range"] == "4 to 6; therapeutic, women: 7 to 9"
    answer = {"valueBoolean": True, "item": [{"text": "Which", "answer": [{"valueString": "Nuts"}]}]}
    (row,) = fhir(resourceType="QuestionnaireResponse", item=[{"text": "Allergies", "answer": [answer]}])
    assert row["details"] == "Allergies: Yes\nWhich: Nuts"


@pytest.mark.parametrize(
    ("value", "told", "unit"),
    [
        ('<value xsi:type="IVL_PQ"><low value="500" unit="mg"/><high value="1" unit="g"/></value>', "500 mg to 1", "g"),
        ('<value xsi:type="IVL_PQ"><low value="1000" unit="mg" inclusive="false"/></value>', "more than 1000", "mg"),
        ('<value xsi:type="IVL_INT"><low value="5"/><high value="9" inclusive="false"/></value>', "5 to less than 9", ""),
        ('<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="128" unit="mL"/></value>', "1 to 128 mL", ""),
        ('<value xsi:type="PQ" nullFlavor="UNK"><translation value="7" code="mmol/L"/></value>', "7", "mmol/L"),
        ('<value value="5" unit="mg"/>', "5", "mg"),
        ('<value xsi:type="ED" representation="B64">AAAA</value>', "A file inside this document", ""),
    ],
)
def test_figures_of_a_document_keep_their_units(value, told, unit):
    row = measured(value)
    assert (row["value"], row.get("unit", "")) == (told, unit)


def test_a_range_of_what_is_not_usual_says_so():
    usual = '<value xsi:type="IVL_PQ"><low value="9"/></value><interpretationCode code="H"/>'
    assert measured("", f"<referenceRange><observationRange>{usual}</observationRange></referenceRange>")["range"] == "H: from 9"


def test_a_no_around_a_statement_is_a_no_of_the_statement():
    inner = f'<entryRelationship><observation><code code="64572001"/>{STROKE}</observation></entryRelationship>'
    (row,) = ccda(PROBLEMS, f'<act negationInd="true"><code code="CONC"/>{inner}</act>')
    assert (row["denial"], row["text"]) == ("Not present", "Stroke")
    reaction = '<entryRelationship typeCode="MFST"><observation negationInd="true"><value xsi:type="CD" displayName="Shock"/></observation>'
    (row,) = ccda(ALLERGIES, f'<observation><value xsi:type="CD" displayName="Nuts"/>{reaction}</entryRelationship></observation>')
    assert row["details"] == "Reaction: not present: Shock"
    absent = '<qualifier><name displayName="Finding context"/><value displayName="Known absent"/></qualifier>'
    (row,) = ccda(PROBLEMS, f'<observation><value xsi:type="CD" displayName="Stroke">{absent}</value></observation>')
    assert row["text"] == "Stroke (Finding context: Known absent)"


def test_what_a_document_took_back_planned_or_called_off_is_no_fact():
    assert ccda(RESULTS, '<organizer><statusCode code="nullified"/><component><observation/></component></organizer>') == []
    called_off = '<organizer><statusCode code="cancelled"/><component><observation><code displayName="X"/><statusCode code="completed"/>'
    (row,) = ccda(RESULTS, f"{called_off}</observation></component></organizer>")
    assert row["status"] == "cancelled"
    product = (
        "<consumable><manufacturedProduct><manufacturedMaterial><name>Flu</name></manufacturedMaterial></manufacturedProduct></consumable>"
    )
    (row,) = ccda(VACCINES, f'<substanceAdministration moodCode="INT">{product}</substanceAdministration>')
    assert row["kind"] == "plan"


def test_a_finished_statement_is_no_finished_illness():
    (row,) = ccda(PROBLEMS, f'<observation><statusCode code="completed"/>{STROKE}</observation>')
    assert row.get("status") is None
    for status, shown in (("completed", None), ("active", "active"), ("aborted", "aborted")):
        (row,) = ccda(MEDICINES, f'<substanceAdministration><statusCode code="{status}"/><text>Aspirin</text></substanceAdministration>')
        assert row.get("status") == shown


def test_the_illness_of_a_relative_is_never_the_patients():
    about = '<subject><relatedSubject><code displayName="{}"/></relatedSubject></subject>'
    mother, father = (f'<observation>{about.format(who)}<code code="ASSERTION"/>{STROKE}</observation>' for who in ("Mother", "Father"))
    found = of_kind(document(section(FAMILY, f"<entry>{mother}</entry><entry>{father}</entry>")), "history")
    assert [row["text"] for row in found] == ["Mother: Stroke", "Father: Stroke"]
    one, other = (store.same({**dict.fromkeys(COLUMNS, ""), **row}) for row in found)
    assert one != other


def test_values_that_only_words_name_are_compared_within_their_group():
    urine, blood = ({**dict.fromkeys(COLUMNS, ""), "kind": "result", "text": "Glucose", "panel": panel} for panel in ("Urine", "Blood"))
    assert store.series(urine) != store.series(blood)
    assert store.series({**urine, "code": "1", "system": "LOINC"}) == store.series({**blood, "code": "1", "system": "LOINC"})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("0.00045", "0.00045"),
        ("0.0004567", "0.000457"),
        ("1.0235", "1.024"),
        ("186.38764", "186.388"),
        ("6.30", "6.30"),
        ("-0.00004", "-0.00004"),
    ],
)
def test_small_figures_are_not_rounded_away(written, shown):
    assert wording.value(ClinicalEntry(value=written)) == shown


def test_raised_and_crossed_out_words_are_told_apart():
    assert plain("<p>4 x 10<sup>9</sup>/L <s>Penicillin</s></p>") == "4 x 10^9/L [crossed out: Penicillin]"
    text = '4 x 10<sup>9</sup>/L <content revised="delete">Penicillin</content>'
    (note,) = of_kind(document(section("1-1", text=text)), "note")
    assert note["details"] == "4 x 10^9/L [crossed out: Penicillin]"
    assert plain("<p>x</p>" + "<!-- -->" * (MOST_MARKUP // 8)).endswith("(more in the file itself)")


def test_an_attached_text_of_the_same_file_is_read():
    data = base64.b64encode(b"No sign of cancer").decode()
    binary = {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": data}
    letter = {
        "resourceType": "DocumentReference",
        "status": "superseded",
        "docStatus": "final",
        "content": [{"attachment": {"url": "Binary/b"}}],
    }
    (row,) = rows(bundle(binary, letter))
    assert (row["details"], row["status"]) == ("No sign of cancer", "final, superseded")


def test_a_bare_code_of_nothing_known_is_in_words():
    (row,) = fhir(resourceType="AllergyIntolerance", code={"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]})
    assert row["text"] == "No known allergy"


def test_where_not_all_values_are_shown_it_says_so():
    assert [Series(None, [None] * number, "").extent for number in (2, VALUES)] == ["2 values", f"The newest {VALUES} values"]
