"""The pages of what health documents say: each thing once with its sources, trends, the timeline, and nobody else's eyes."""

import json
from types import SimpleNamespace

import pytest
from django.urls import reverse

from records import removing
from records.clinical import trend
from records.imaging import verbs
from records.imaging.asking import compare_again
from records.models import ClinicalEntry, Purpose
from secondop.audit.models import Entry
from secondop.cases.models import Brief
from secondop.cases.states import State
from secondop.notices.models import Notice
from tests.factories import make_case
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


def about(family: str, born: str = "") -> bytes:
    """A document about Zoe of this family."""
    who = {"resourceType": "Patient", "name": [{"family": family, "given": ["Zoe"]}], "birthDate": born}
    stroke = {"resourceType": "Condition", "code": {"text": f"Stroke of {family}"}, "onsetDateTime": "2015-03"}
    return documents.bundle(who, stroke)


@pytest.fixture
def zoe(cast):
    """The case of Zoe Miller, with a document about her and one about another Zoe."""
    cast.case.patient.full_name = cast.patient.full_name = "Zoe Miller"
    cast.patient.save()
    cast.case.checklist.create(text="A health record", ticks=["kind fhir"])
    wrong = sent(cast.case, "wrong.json", about("Okafor"))
    assert cast.case.checklist.get(text="A health record").status == "missing", "nobody may look at it yet"
    return SimpleNamespace(**cast._asdict(), wrong=wrong, right=sent(cast.case, "right.json", about("Miller")))


def roads(client, case, record) -> list[int]:
    """What the addresses of one document answer."""
    return [client.get(url(name, case, record.uid)).status_code for name in ("told", "open")]


def test_a_document_about_somebody_else_is_on_no_road_of_a_specialist(zoe):
    client = browser(zoe.specialist)
    assert (roads(client, zoe.case, zoe.wrong), roads(client, zoe.case, zoe.right)) == ([404, 404], [200, 200])
    shown = "".join(page(client, zoe.case, part) for part in ("glance", "timeline", "problem")) + page(client, zoe.case, name="list")
    assert "Stroke of Miller" in shown and "Okafor" not in shown and "wrong.json" not in shown and "Whose files" not in shown
    assert "Okafor" not in page(client, zoe.case, name="health_panel")
    assert not zoe.case.records.for_review().filter(pk=zoe.wrong.pk).exists()
    mine = browser(zoe.patient)
    assert "Okafor" not in page(mine, zoe.case), "not in the case's own timeline either"
    assert "Say whose it is" in page(mine, zoe.case, "glance", "told", zoe.wrong.uid)
    assert "Set aside" not in page(mine, zoe.case, "glance", "told", zoe.right.uid)
    assert {n.recipient for n in Notice.objects.filter(kind__startswith="identity")} == {zoe.patient, zoe.coordinator}
    for person in (zoe.patient, zoe.coordinator):
        listed = page(browser(person), zoe.case, name="list")
        assert "Whose files are these?" in listed and "Set aside" in listed
        asked = page(browser(person), zoe.case, "glance", "identity", zoe.wrong.identity.uid)
        assert "Zoe Okafor" in asked and "wrong.json" in asked and "right.json" not in asked


def found(client, case, words: str) -> str:
    """What the search answers."""
    return client.post(url("search", case), {"words": words}, headers={"HX-Request": "true"}).content.decode()


def test_what_documents_say_is_found_with_its_no(zoe):
    rash = {"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}, "note": [{"text": "x " * 200 + "Exanthème in 1998"}]}
    record = sent(zoe.case, "no.json", documents.bundle({**rash, "verificationStatus": {"coding": [{"code": "refuted"}]}}))
    hits = found(browser(zoe.specialist), zoe.case, "exantheme")
    assert "1 place found" in hits and "<mark>Exanthème</mark>" in hits and "no.json: Not present: Penicillin" in hits
    assert f"{url('told', zoe.case, record.uid)}?part=allergy" in hits
    assert "right.json" in found(browser(zoe.specialist), zoe.case, "strokes")
    assert "wrong.json" not in found(browser(zoe.specialist), zoe.case, "strokes") + found(browser(zoe.specialist), zoe.case, "Okafor")
    assert "wrong.json" in found(browser(zoe.patient), zoe.case, "Okafor")


def test_the_answer_opens_a_document_or_takes_it_out(zoe):
    verbs.answer(zoe.case, by=zoe.patient, identity=zoe.wrong.identity, is_own=True, reason="My name by birth.")
    assert roads(browser(zoe.specialist), zoe.case, zoe.wrong) == [200, 200]
    assert "Stroke of Okafor" in page(browser(zoe.specialist), zoe.case)
    assert zoe.case.checklist.get(text="A health record").status == "arrived"
    other = sent(zoe.case, "other.json", about("Petrov"))
    verbs.answer(zoe.case, by=zoe.patient, identity=other.identity, is_own=False)
    assert not zoe.case.records.filter(pk=other.pk).exists() and not ClinicalEntry.objects.filter(text__contains="Petrov").exists()
    assert set(zoe.case.identities.values_list("name", flat=True)) == {"Miller^Zoe", "Okafor^Zoe"}
    before = make_case(State.SCREENING, patient=zoe.patient)
    removing.remove(before, by=zoe.patient, record=sent(before, "right.json", about("Miller")))
    assert not before.identities.exists(), "a file taken out leaves no name behind"


def test_a_name_that_comes_later_sets_a_document_aside_and_takes_its_tick_back(zoe):
    Brief.objects.filter(case=zoe.case).update(birth_date="1970-01-31")
    record = sent(zoe.case, "born.json", about("Miller", "1970-01-31"))
    assert roads(browser(zoe.specialist), zoe.case, record) == [200, 200]
    zoe.case.records.exclude(pk=record.pk).delete()
    Brief.objects.filter(case=zoe.case).update(birth_date="1980-01-31")
    compare_again(zoe.case)
    assert roads(browser(zoe.specialist), zoe.case, record) == [404, 404]
    assert zoe.case.checklist.get(text="A health record").status == "missing"


def test_a_paper_about_who_may_ask_names_whom_it_likes(zoe):
    paper = sent(zoe.case, "paper.json", about("Guardian"), purpose=Purpose.AUTHORITY)
    assert paper.identity is None and not zoe.case.identities.filter(name="Guardian^Zoe").exists()
    assert browser(zoe.coordinator).get(url("open", zoe.case, paper.uid)).status_code == 200


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
    record = sent(cast.case, "a.json", documents.bundle(*glucose(("2020-01-01", "90"))))
    there = url("told", cast.case, record.uid)
    assert there in browser(cast.specialist).get(url("list", cast.case)).content.decode()
    assert url("health", cast.case) in browser(cast.patient).get(reverse("tracking:case", args=[cast.case.uid])).content.decode()
    for person, name in ((cast.specialist, "opinions:write"), (cast.coordinator, "routing:case")):
        assert url("health_panel", cast.case) in browser(person).get(reverse(name, args=[cast.case.uid])).content.decode()
