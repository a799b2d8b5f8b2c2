"""Uploads that go on where they broke off: who may send, and that it ends with the right to."""

from datetime import timedelta
from io import BytesIO

import pytest

from records.tus.tokens import make, revoke
from secondop.cases.access import Right, grant
from secondop.cases.access import revoke as end_right
from secondop.cases.lifecycle import move
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import shifted
from tests.factories import make_case, make_user

from . import files
from .conftest import browser, url
from .tus import BODY, Tus, named

pytestmark = pytest.mark.django_db
ELSEWHERE = {"Sec_Fetch_Site": "cross-site"}


def test_nobody_else_gets_at_an_upload(cast):
    there = Tus(cast.patient).begun(cast.case, 5000)
    for person in (cast.stranger, cast.specialist, cast.coordinator, cast.administrator):
        for method in ("HEAD", "PATCH", "DELETE"):
            assert Tus(person).ask(method, there, b"x" if method == "PATCH" else None, Upload_Offset=0).status_code == 404
    assert Tus().ask("HEAD", there).status_code == 401
    other = make_case(State.SCREENING, patient=cast.patient)
    assert Tus(cast.patient).ask("HEAD", there.replace(str(cast.case.uid), str(other.uid))).status_code == 404


def test_a_right_that_ends_in_the_middle_ends_the_upload(case):
    helper = make_user()
    grant(case, helper, Right.UPLOAD, "family")
    tus = Tus(helper)
    there = tus.begun(case, 5000)
    assert tus.add(there, b"%PDF-", 0).status_code == 204
    end_right(case, Right.UPLOAD, user=helper)
    for method in ("HEAD", "PATCH", "DELETE"):
        assert tus.ask(method, there, b"1.7" if method == "PATCH" else None, Upload_Offset=5).status_code == 404


def test_a_case_that_is_closed_says_so(case):
    tus = Tus(case.patient)
    there = tus.begun(case, 5000)
    move(Case.objects.get(pk=case.pk), "withdraw", by=case.patient)
    for answer in (tus.add(there, b"%PDF-", 0), tus.begin(case, 10)):
        assert answer.status_code == 409 and b"You cannot add records to this case now." in answer.content


def test_a_browser_needs_the_token_of_its_page_before_anything_is_read(case):
    tus = Tus(client=browser(case.patient, enforce_csrf_checks=True))
    there = Tus(case.patient).begun(case, 5000)
    tus.client.get(url("list", case))
    secret = tus.client.cookies["csrftoken"].value
    for headers in ({}, {"X_CSRFToken": "b" * 32}, {"X_CSRFToken": secret, **ELSEWHERE}, {"X_CSRFToken": secret, "Origin": "https://a.b"}):
        assert tus.add(there, b"%PDF-", 0, **headers).status_code == 403
        assert tus.begin(case, 10, **headers).status_code == 403
        assert tus.ask("DELETE", there, **headers).status_code == 403
    assert tus.add(there, b"%PDF-", 0, X_CSRFToken=secret).status_code == 204


def test_a_program_sends_with_a_token_until_it_is_taken_back(case):
    token, secret = make(case, by=case.patient, purpose="medical", label="Clinic PC", days=7)
    program = Tus(token=secret, client=browser(None, enforce_csrf_checks=True))
    data = files.pdf()
    there = program.begun(case, len(data))
    assert program.add(there, data[:50], 0).status_code == 204
    assert Tus(case.patient).offset(there) == 50
    theirs = Tus(case.patient).begun(case, 100)
    assert program.ask("HEAD", theirs).status_code == 404
    other = make_case(State.SCREENING, patient=case.patient)
    assert program.begin(other, 10).status_code == program.begin(case, 10, to=url("upload_begin_papers", case)).status_code == 404
    revoke(case, by=case.patient, uid=token.uid)
    assert program.add(there, data[50:], 50).status_code == 401
    assert secret not in str(list(token.__class__.objects.values()))
    _, over = make(case, by=case.patient, purpose="medical", label="Old", days=7)
    with shifted(timedelta(days=8)):
        answers = [Tus(token=one).begin(case, 10) for one in (over, "wrong")]
    assert [(one.status_code, one["WWW-Authenticate"], one.content) for one in answers] == [(401, "Bearer", answers[0].content)] * 2


class Slow(BytesIO):
    """A body during which something happens."""

    def __init__(self, data: bytes, meanwhile) -> None:
        super().__init__(data)
        self.meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        self.meanwhile()
        return super().read(size)


def test_nothing_is_kept_of_what_a_program_was_sending_when_its_token_was_taken_back(case):
    token, secret = make(case, by=case.patient, purpose="medical", label="Clinic PC", days=7)
    program, data = Tus(token=secret), files.pdf()
    there = program.begun(case, len(data))
    more = {"Upload-Metadata": named("scan.pdf"), "Upload-Length": f"{len(data)}", "Upload-Offset": "0"}
    for method, address in (("PATCH", there), ("POST", url("upload_begin", case))):
        token.revoked_at = None
        token.save()
        body = Slow(data, lambda: revoke(case, by=case.patient, uid=token.uid))
        sent = {"headers": program.headers | more, "wsgi.input": body}
        assert program.client.generic(method, address, data, BODY, **sent).status_code == 404
    assert not case.records.exists() and not case.uploads.exists()


def test_papers_of_authority_come_the_same_way(cast):
    cast.case.brief.__class__.objects.filter(case=cast.case).update(for_whom="other")
    data, address = files.pdf(), url("upload_begin_papers", cast.case)
    answer = Tus(cast.patient).begin(cast.case, len(data), body=data, to=address)
    assert answer.status_code == 201
    assert cast.case.records.get().purpose == "authority"
    helper = make_user()
    grant(cast.case, helper, Right.UPLOAD, "family")
    assert Tus(helper).begin(cast.case, 10, to=address).status_code == 404
