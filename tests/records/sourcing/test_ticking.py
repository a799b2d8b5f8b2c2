"""Checklists that tick themselves: the rules, what arrives and goes, what people decide, and what the opinion says of it."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from opinions.services.drafts import start
from records import checking
from records.removing import remove
from records.services import add_files
from routing.services import screening
from secondop.cases import checklists
from secondop.cases.checklists import Evidence, fits
from secondop.catalog.models import ChecklistTemplate, Specialty
from secondop.catalog.samples.specialties import EVERY_CASE, SPECIALTIES
from secondop.catalog.samples.ticks import TICKS
from secondop.catalog.ticks import check, read, read_all
from secondop.demo.papers import content
from secondop.web.clock import today
from tests.records.files import dicom_of
from tests.routing.people import accepted_case

pytestmark = pytest.mark.django_db
MRI = {"kind": "dicom", "modality": "MR"}


def paper(title):
    return content({"title": title, "text": title})


def mri(case, name=""):
    """An image that names the patient, or somebody else."""
    return dicom_of(Modality="MR", PatientName=name or str(case.patient), PatientBirthDate="", PatientSex="")


def template(text, *ticks, **columns):
    return ChecklistTemplate.objects.create(text=text, ticks=list(ticks), **columns)


def arrive(case, name, data):
    (record,) = add_files(case, [(name, data)], by=case.patient).records
    assert checking.check(record.pk)
    record.refresh_from_db()
    return record


@pytest.mark.parametrize(
    ("line", "evidence", "expected"),
    [
        ("modality MR CT", MRI, True),
        ("modality CT", MRI, False),
        ("words Pathology REPORT", {"name": "Rapport: pathology_report-2.pdf"}, True),
        ("words pathology report", {"name": "pathology.pdf"}, False),
        ("words patholog", {"name": "Pathological findings.pdf"}, True),
        ("words port", {"name": "report.pdf"}, False),
        ("words échographie", {"words": "ECHOGRAPHIE du cou"}, True),
        ("kind fhir ccda", {"kind": "ccda"}, True),
        ("entry medicine", {"kind": "fhir", "entries": frozenset({"medicine", "result"})}, True),
        ("entry medicine", {"kind": "fhir"}, False),
        ("request", {"is_requested": True}, True),
        ("request", {}, False),
    ],
)
def test_a_rule_fits_what_it_names(line, evidence, expected):
    told = {"uid": None, "name": "", "kind": "pdf", **evidence}
    assert fits(read(line), Evidence(**told)) is expected


@pytest.mark.parametrize("line", ["", "modality", "colour red", "request now", "words !!"])
def test_a_line_that_is_no_rule_is_refused(line):
    with pytest.raises(ValidationError):
        check(line)


def test_the_rules_of_the_first_catalog_are_rules_of_its_items():
    items = {*EVERY_CASE, *(text for sample in SPECIALTIES for text in sample.checklist)}
    assert set(TICKS) <= items
    assert all(read_all(lines) for lines in TICKS.values())


def test_an_administrator_s_change_counts_the_version_and_reaches_no_running_case(case):
    scan = template("The original MRI", "modality MR")
    checklists.fill(case)
    scan.text, scan.ticks = "The MRI of this year", ["modality CT"]
    scan.save()
    scan.refresh_from_db()
    assert scan.version == 2
    scan.position, scan.active = 7, False
    scan.save()
    template("A new thing")
    checklists.fill(case)
    item = case.checklist.get()
    assert (item.text, item.template_version, item.ticks) == ("The original MRI", 1, ["modality MR"])
    scan.refresh_from_db()
    assert scan.version == 2


def test_an_item_ticks_itself_and_is_missing_again_once_its_record_is_gone(case):
    template("The original MRI", "modality MR")
    template("The report", "words mri report", "words radiology")
    checklists.fill(case)
    report = arrive(case, "MRI report.pdf", paper("MRI"))
    assert [item.status for item in case.checklist.all()] == ["missing", "arrived"]
    arrive(case, "IM0001", mri(case))
    item = case.checklist.first()
    assert (item.status, item.by, item.record_name) == ("arrived", None, "IM0001")
    remove(case, by=case.patient, record=report)
    assert [item.status for item in case.checklist.all()] == ["arrived", "missing"]
    again = arrive(case, "Radiology.pdf", paper("Again"))
    assert case.checklist.last().record_uid == again.uid


def test_images_of_somebody_else_tick_nothing(case):
    template("The original MRI", "modality MR")
    checklists.fill(case)
    arrive(case, "IM0001", mri(case, "Somebody^Else"))
    assert case.checklist.get().status == "missing"


def test_a_file_that_is_not_taken_ticks_nothing(case):
    template("The report", "words report")
    checklists.fill(case)
    (record,) = add_files(case, [("report.pdf", b"%PDF-1.7 broken %%EOF")], by=case.patient).records
    checking.check(record.pk)
    assert case.checklist.get().status == "missing"


def test_what_is_here_already_ticks_items_that_come_later(case):
    arrive(case, "Pathology.pdf", paper("Pathology"))
    specialty = Specialty.objects.create(name="Oncology")
    template("The pathology report", "words pathology", specialty=specialty)
    screening.set_facts(case, by=case.owner, specialty=specialty, decision_date=None)
    assert case.checklist.get().status == "arrived"


def test_what_somebody_decides_by_hand_wins_until_they_give_it_back(case):
    template("The report", "words report")
    checklists.fill(case)
    arrive(case, "report.pdf", paper("A"))
    item = case.checklist.get()

    def decide(status, reason=""):
        return screening.check_item(case, by=case.owner, item_id=item.pk, status=status, reason=reason)

    assert decide("missing").by == case.owner
    arrive(case, "report two.pdf", paper("B"))
    assert case.checklist.get().status == "missing"
    assert decide("waived", "Not needed").reason == "Not needed"
    arrive(case, "report three.pdf", paper("C"))
    assert case.checklist.get().status == "waived"
    assert (decide("missing").status, case.checklist.get().by) == ("arrived", None)


def test_the_patient_reads_what_is_missing_on_the_case_and_among_the_records(case):
    template("The original MRI, not only its report", "modality MR")
    checklists.fill(case)
    client = Client()
    client.force_login(case.patient)
    pages = [reverse("tracking:case", args=[case.uid]), reverse("records:list", args=[case.uid])]
    for page in pages:
        text = client.get(page).content.decode()
        assert "The original MRI, not only its report" in text and "1 needed thing still missing" in text
    arrive(case, "IM0001", mri(case))
    assert all("We have all that we need" in client.get(page).content.decode() for page in pages)


def test_ticking_costs_the_same_with_many_records(case, django_assert_max_num_queries):
    template("The original MRI", "modality MR")
    checklists.fill(case)
    for number in range(5):
        arrive(case, f"{number}.pdf", paper(str(number)))
    arrive(case, "IM0001", mri(case))
    with django_assert_max_num_queries(4):
        checklists.refresh(case)


def test_what_is_missing_or_waived_and_what_offices_owe_is_in_the_opinion():
    case, author = accepted_case()
    case.checklist.create(text="The original MRI", status="waived", reason="The hospital lost it", by=case.owner)
    case.checklist.create(text="Old letters", required=False)
    case.checklist.create(text="Scan", status="arrived")
    for office, status in (("Mercy", "sent"), ("County", "to_send"), ("St. Ann", "refused"), ("Lakeside", "received")):
        dates = dict.fromkeys(("sent_on", "due_on"), today())
        case.record_requests.create(office=office, what="The CT", created_by=case.owner, status=status, **dates)
    draft = start(case, by=author)
    asked = ["Asked for, not received: The CT (Mercy)", "Not asked for yet: The CT (County)", "Asked for, and refused: The CT (St. Ann)"]
    lines = draft.materials_missing.splitlines()
    assert lines[:2] == ["The original MRI. The hospital lost it", "Old letters."] and sorted(lines[2:]) == sorted(asked)
    assert "Not available: The original MRI. The hospital lost it" in draft.limits
