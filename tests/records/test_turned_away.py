"""Uploads that are turned away as a whole: by the head of the request, before a byte of the body is read, or for want of a token."""

import pytest

from records import services
from secondop.audit.models import Entry
from secondop.cases.erasing import erase
from secondop.cases.states import State
from secondop.vault.models import StoredFile
from tests.factories import make_case

from . import files
from .conftest import browser, in_vault, sent, url

pytestmark = pytest.mark.django_db


class Unread:
    """A body that must not be touched."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


def turned_away(user, case, **meta):
    """The answer to an upload whose body fails the test if anybody reads it."""
    client = browser(user, enforce_csrf_checks=True)
    head = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "1000", "REQUEST_METHOD": "POST", **meta}
    return client.generic("POST", url("upload", case), **{**head, "wsgi.input": Unread()})


def test_no_body_is_read_of_those_who_may_not_upload(cast):
    assert turned_away(None, cast.case).status_code == 302
    assert turned_away(None, cast.case, HTTP_ACCEPT="application/json").status_code == 401
    for person in (cast.stranger, cast.specialist, cast.other_specialist, cast.administrator):
        assert turned_away(person, cast.case).status_code == 404
    assert Entry.objects.filter(action="case.refused", target="record.upload").count() == 4


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403),
        ({"HTTP_ORIGIN": "https://elsewhere.example"}, 403),
        ({"HTTP_ORIGIN": "null"}, 403),
        ({}, 403),  # no CSRF cookie: Django refuses without looking for the token in the form
        ({"CONTENT_LENGTH": ""}, 411),
        ({"CONTENT_LENGTH": "-5"}, 411),
        ({"CONTENT_LENGTH": str(6 * 1024**3)}, 413),
        ({"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "0"}, 415),
        ({"CONTENT_TYPE": "text/plain"}, 415),
    ],
)
def test_no_body_is_read_that_cannot_be_taken(cast, meta, status):
    answer = turned_away(cast.patient, cast.case, **meta)
    assert answer.status_code == status
    assert "html" in answer["Content-Type"]


def test_three_gigabytes_are_refused_at_once_where_two_are_left(cast):
    stored = StoredFile.objects.create(case_uid=cast.case.uid, part_size=1, status="stored", sha256="x", parts=1)
    cast.case.records.create(name="x", kind="dicom", stored=stored, sha256="x", size=3 * 1024**3, uploaded_by=cast.patient)
    answer = turned_away(cast.patient, cast.case, CONTENT_LENGTH=str(3 * 1024**3), HTTP_ACCEPT="application/json")
    assert answer.status_code == 413
    assert answer.json()["message"].startswith("You are sending 3.0\xa0GB. One case takes 5.0\xa0GB in all, and 2.0\xa0GB of that is left.")


@pytest.mark.parametrize(
    ("state", "status"),
    [(State.DRAFT, 302), (State.READY, 302), (State.IN_REVIEW, 302), (State.CHECKING, 409), (State.DELIVERED, 409), (State.WITHDRAWN, 409)],
)
def test_the_states_that_take_records(db, state, status):
    case = make_case(state)
    answer = browser(case.patient).post(url("upload", case), sent(("a.pdf", files.pdf())))
    assert answer.status_code == status
    assert case.records.count() == (status == 302)
    assert status == 302 or "cannot add records to this case" in answer.content.decode()


def test_a_missing_token_leaves_nothing_behind(case, django_capture_on_commit_callbacks):
    patient = browser(case.patient, enforce_csrf_checks=True)
    patient.get(url("list", case))
    with django_capture_on_commit_callbacks(execute=True):
        answer = patient.post(url("upload", case), {**sent(("a.pdf", files.pdf())), "csrfmiddlewaretoken": "x" * 64})
    assert answer.status_code == 403
    assert not case.records.exists()
    assert in_vault(case) == []


def test_the_token_of_the_page_is_enough(case):
    patient = browser(case.patient, enforce_csrf_checks=True)
    token = patient.get(url("list", case)).context["csrf_token"]
    form = {"csrfmiddlewaretoken": str(token), **sent(("a.pdf", files.pdf()))}
    assert patient.post(url("upload", case), form, HTTP_SEC_FETCH_SITE="same-origin", HTTP_ORIGIN="http://testserver").status_code == 302
    assert case.records.count() == 1


@pytest.mark.parametrize("step", ["room_left", "add"])
def test_a_case_that_is_erased_while_the_files_come_is_not_there(case, monkeypatch, step):
    go_on = getattr(services, step)

    def late(*given, **more):
        erase(case, by=None)
        return go_on(*given, **more)

    monkeypatch.setattr(services, step, late)
    assert browser(case.patient).post(url("upload", case), sent(("a.pdf", files.pdf()))).status_code == 404
    assert not StoredFile.objects.exclude(status="discarded").exists()
