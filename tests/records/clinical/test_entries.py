"""What health documents say as rows of a case: kept once, gone with their file, and read by those who may read the records."""

import pytest

from records import checking, removing, services
from records.models import ClinicalEntry, Purpose
from secondop.cases.erasing import erase
from tests.records.conftest import check_all

from . import documents

pytestmark = pytest.mark.django_db


def sent(case, name="summary.xml", data=None, **options):
    """A checked record of a health document."""
    data = data or documents.real_ccda("kareo-summary-of-care")
    (record,) = services.add_files(case, [(name, data)], by=case.patient, **options).records
    check_all()
    record.refresh_from_db()
    return record


def test_a_document_becomes_ready_with_its_entries_and_loses_them_with_the_file(case):
    record = sent(case)
    assert (record.status, record.kind, record.facts["title"], "entries" in record.facts) == (
        "ready",
        "ccda",
        "dododoc: Health Summary",
        False,
    )
    first = list(record.entries.order_by("position").values_list("kind", "text", "same"))
    assert len(first) == 26 and len(set(first)) == 26
    record.status = "received"
    record.save()
    assert checking.check(record.pk)
    assert list(record.entries.order_by("position").values_list("kind", "text", "same")) == first
    removing.remove(case, by=case.patient, record=record)
    assert not ClinicalEntry.objects.exists()


def test_entries_go_with_their_case(case):
    sent(case)
    erase(case, by=None)
    assert not ClinicalEntry.objects.exists()


def test_a_paper_about_who_may_ask_tells_nothing_of_health(case):
    record = sent(case, purpose=Purpose.AUTHORITY)
    assert record.status == "ready" and not record.entries.exists()


def test_a_document_that_is_none_is_refused_in_words(case):
    record = sent(case, "list.json", b'{"resourceType": "Shopping"}')
    assert record.status == "refused" and "not one of health data (FHIR)" in record.reason
