"""Requests to offices on their pages: what patients and the desk read of where they stand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from records.models import RecordRequest
from records.sourcing import pages, services
from secondop.cases.access import Right
from secondop.cases.models import Case
from secondop.web.clock import now, shifted
from tests.records.sourcing.conftest import authorize
from tests.records.sourcing.test_requests import sent, take_back

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_patient_reads_where_it_stands(asked, coordinator):
    client = Client()
    client.force_login(asked.case.patient)
    page = reverse("records:requests", args=[asked.case.uid])
    assert "We will ask Mercy Hospital" in client.get(page).content.decode()
    sent(asked, coordinator)
    text = client.get(page).content.decode()
    assert "We asked Mercy Hospital on" in text and "The law gives them until" in text
    with shifted(31 * DAY):
        assert "They had until" in pages.rows_of(asked.case, [])[0].until
    for arrived, label in ((None, "Asked"), (now(), "Files are here")):
        RecordRequest.objects.update(arrived_at=arrived)
        assert pages.rows_of(Case.objects.get(), [])[0].label == label
    one = client.get(reverse("records:request", args=[asked.case.uid, asked.uid])).content.decode()
    assert "drop/" not in one and "Save" not in one and "CFR" not in one


def test_the_desk_reads_once_where_a_request_stands(asked, coordinator):
    client = Client()
    client.force_login(coordinator)
    page = reverse("records:requests", args=[asked.case.uid])
    read = lambda: client.get(page).content.decode()  # noqa: E731
    assert read().count("Not sent yet") == 1
    sent(asked, coordinator)
    assert ">Asked<" in read() and "Ask again on" in read()
    RecordRequest.objects.update(arrived_at=now())
    assert "Files came: is it complete?" in read() and "Files are here" not in read()


def test_its_page_says_first_what_is_to_be_done_today(asked, coordinator):
    sent(asked, coordinator)
    page = reverse("records:request", args=[asked.case.uid, asked.uid])
    said = {}
    for person in (coordinator, asked.case.patient):
        client = Client()
        client.force_login(person)
        for days in (0, 4):
            with shifted(days * DAY):
                said[person, days] = client.get(page).content.decode()
    assert "Ask again today. The law gives them until" in said[coordinator, 4]
    assert "status-waiting" in said[coordinator, 4] and "status-waiting" not in said[coordinator, 0]
    assert "Ask again" not in said[asked.case.patient, 4] and "status-progress" in said[asked.case.patient, 4]


def test_a_place_to_fetch_from_is_listed_until_it_was_asked(case, coordinator):
    source, _ = authorize(case)
    case.sources.create(name="At home", how="upload")
    at = reverse("records:requests", args=[case.uid])
    browsers = Client(), Client()
    for browser, user in zip(browsers, (coordinator, case.patient), strict=True):
        browser.force_login(user)
    pages_now = lambda: [browser.get(at) for browser in browsers]  # noqa: E731
    staff, patient = (answer.content.decode() for answer in pages_now())
    assert "The patient wants these records fetched." in staff and "You want us to fetch these records." in patient
    assert "Mercy Hospital, Dayton" in patient and "At home" not in patient and "No place has been asked" not in patient
    ask = f"{reverse('records:request_new', args=[case.uid])}?source={source.pk}"
    assert ask in staff and ask not in patient
    assert f'<option value="{source.pk}" selected>' in browsers[0].get(ask).content.decode()
    assert browsers[0].get(ask.partition("=")[0] + "=x").status_code == 200
    asked = services.ask(case, by=coordinator, by_patient=False, source=source)
    assert not any(answer.context["wanted"] for answer in pages_now())
    services.cancel(case, by=coordinator, asked=asked)
    assert not any(answer.context["wanted"] for answer in pages_now())


def test_nobody_is_asked_to_sign_anew_for_files_that_have_come(asked):
    take_back(asked.case.consents.get())
    for arrived in (None, now()):
        RecordRequest.objects.update(arrived_at=arrived)
        assert bool(pages.rows_of(Case.objects.get(), [Right.DECIDE])[0].sign_url) == (arrived is None)
