"""The pages of what health documents say: each thing once with its sources, trends, the timeline, and nobody else's eyes."""

import json

import pytest
from django.urls import reverse

from records.clinical import trend
from records.models import ClinicalEntry
from secondop.audit.models import Entry
from tests.records import files
from tests.records.conftest import browser, url

from . import documents
from .test_entries import sent

pytestmark = pytest.mark.django_db


def glucose(*values: tuple[str, str], unit: str = "mg/dL", **more: object) -> list[dict]:
    """Observations of one measure, by date and value."""
    code = {"coding": [{"system": "http://loinc.org", "code": "2339-0"}], "text": "Glucose"}
    base = {"resourceType": "Observation", "status": "final", "code": code, **more}
    return [{**base, "effectiveDateTime": at, "valueQuantity": {"value": json.loads(value), "unit": unit}} for at, value in values]


def page(client, case, part: str = "glance", name: str = "health", *more) -> str:
    answer = client.get(url(name, case, *more), {"part": part})
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_two_files_tell_is_shown_once_with_both_sources(cast):
    stroke = {"resourceType": "Condition", "code": {"text": "Old stroke"}, "onsetDateTime": "2015-03"}
    never = {"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}, "verificationStatus": {"coding": [{"code": "refuted"}]}}
    sent(cast.case, "one.json", documents.bundle(stroke, never))
    sent(cast.case, "two.json", documents.bundle(stroke, *glucose(("2020-01-01", "90"))))
    shown = page(browser(cast.specialist), cast.case)
    assert shown.count("Old stroke") == 1 and "2 places" in shown and "one.json" in shown and "two.json" in shown
    assert "March 2015" in shown and "Not present: Latex" in shown and "90 mg/dL" in shown


def test_a_value_that_repeats_has_a_trend_and_its_values_as_a_table(cast):
    values = [("2020-01-01", "90"), ("2021-01-01", "120"), ("2022-01-01", "105.123456")]
    flag = [{"coding": [{"code": "H"}]}]
    record = sent(
        cast.case, "a.json", documents.bundle(*glucose(*values, interpretation=flag), *glucose(("2022-01-01", "5"), unit="mmol/L"))
    )
    shown = page(browser(cast.patient), cast.case, "result")
    assert shown.count("<polyline") == 1 and "105.123 mg/dL" in shown and "3 values" in shown and "High" in shown
    assert page(browser(cast.patient), cast.case, "result", "told", record.uid).count("<polyline") == 1
    assert trend.points(list(ClinicalEntry.objects.filter(unit="mg/dL").order_by("starts"))) == "4.0,36.0 80.1,4.0 156.0,19.9"


def test_the_timeline_has_the_files_and_what_the_patient_told(cast):
    cast.case.health.create(kind="event", text="Fell from a ladder", when="June 2014")
    cast.case.health.create(kind="event", text="Got dizzy", when="long ago")
    operation = {"resourceType": "Procedure", "status": "completed", "code": {"text": "Hip repair"}, "performedDateTime": "2014-06-20"}
    sent(cast.case, "a.json", documents.bundle(operation, {**operation, "status": "not-done", "code": {"text": "Second repair"}}))
    shown = page(browser(cast.coordinator), cast.case, "timeline")
    assert "Second repair" not in shown
    assert shown.index("20 June 2014") < shown.index("Fell from a ladder") < shown.index("Told without a year") < shown.index("Got dizzy")
    panel = browser(cast.specialist).get(url("health_panel", cast.case)).content.decode()
    assert "Hip repair" in panel and "Fell from a ladder" in panel and "Second repair" not in panel
    assert list(cast.case.health.values_list("text", flat=True)) == ["Fell from a ladder", "Got dizzy"]


def test_a_file_about_somebody_else_is_pointed_out(cast):
    def about(family: str) -> bytes:
        return documents.bundle({"resourceType": "Patient", "name": [{"family": family, "given": ["Zoe"]}]}, *glucose(("2020-01-01", "90")))

    cast.patient.full_name = "Zoe Miller"
    cast.patient.save()
    right, wrong = sent(cast.case, "right.json", about("Miller")), sent(cast.case, "wrong.json", about("Okafor"))
    client = browser(cast.specialist)
    assert "Is this about the right person?" not in page(client, cast.case, "glance", "told", right.uid)
    assert "Is this about the right person?" in page(client, cast.case, "glance", "told", wrong.uid)
    assert "in wrong.json is not that" in page(client, cast.case)


def test_markup_of_a_document_is_never_markup_of_the_page(cast):
    told = {
        "resourceType": "DiagnosticReport",
        "code": {"text": "<b>Scan</b>"},
        "text": {"div": "<div>Fine <img src=x onerror=alert(1)>&lt;script&gt;</div>"},
    }
    record = sent(cast.case, "a.json", documents.bundle(told))
    shown = page(browser(cast.patient), cast.case, "report", "told", record.uid)
    assert "&lt;b&gt;Scan&lt;/b&gt;" in shown and "onerror" not in shown and "<script>" not in shown.split("<main")[1].split("</main")[0]


def test_whoever_may_not_read_the_records_reads_nothing_of_them(cast):
    record = sent(cast.case)
    for person in (cast.stranger, cast.other_specialist, cast.administrator):
        for name, more in (("health", ()), ("health_panel", ()), ("told", (record.uid,))):
            assert browser(person).get(url(name, cast.case, *more)).status_code == 404
    assert browser(cast.patient).get(url("health", cast.case)).status_code == 200
    assert Entry.objects.filter(action="record.health", actor=cast.patient).exists()
    record.purpose = "authority"
    record.save()
    assert "Nothing to show yet" in page(browser(cast.specialist), cast.case)


def test_files_of_other_kinds_have_no_such_page(cast):
    record = sent(cast.case, "a.pdf", files.pdf())
    assert browser(cast.patient).get(url("told", cast.case, record.uid)).status_code == 404


@pytest.mark.parametrize("part", ["glance", "result", "problem", "timeline"])
def test_queries_do_not_grow_with_the_entries(cast, part, django_assert_max_num_queries):
    client = browser(cast.patient)
    numbers = []
    for size in (3, 40):
        problems = [{"resourceType": "Condition", "code": {"text": f"Illness {n} {size}"}, "onsetDateTime": "2015"} for n in range(size)]
        sent(cast.case, f"{size}.json", documents.bundle(*problems, *glucose(*[(f"20{n:02}-01-01", f"{n}.{size}") for n in range(size)])))
        with django_assert_max_num_queries(25) as counted:
            page(client, cast.case, part)
        numbers.append(len(counted))
    assert numbers[0] == numbers[1]


def test_the_pages_lead_to_each_other(cast):
    record = sent(cast.case)
    there = url("told", cast.case, record.uid)
    assert there in browser(cast.specialist).get(url("list", cast.case)).content.decode()
    assert url("health", cast.case) in browser(cast.patient).get(reverse("tracking:case", args=[cast.case.uid])).content.decode()
    for person, name in ((cast.specialist, "opinions:write"), (cast.coordinator, "routing:case")):
        assert url("health_panel", cast.case) in browser(person).get(reverse(name, args=[cast.case.uid])).content.decode()
