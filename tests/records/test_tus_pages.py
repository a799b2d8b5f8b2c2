"""The pages beside tus: what is not finished, what is here already, and the programs that may send files."""

import re
from datetime import timedelta

import pytest

from secondop.cases.access import Right, grant
from secondop.web.clock import shifted
from tests.factories import make_user

from . import files
from .conftest import browser, in_vault, url
from .tus import Tus, named

pytestmark = pytest.mark.django_db


def known(case, user, *marks: str) -> dict[str, str]:
    """What a page learns about files that were chosen."""
    return browser(user).post(url("upload_known", case), {"fingerprint": marks}).json()


def test_a_page_learns_what_is_here_and_where_the_rest_goes(case):
    tus, data = Tus(case.patient), files.pdf()
    tus.begin(case, len(data), body=data, Upload_Metadata=named("a.pdf", fingerprint="a" * 64))
    there = tus.begin(case, 5000, Upload_Metadata=named("b.pdf", fingerprint="b" * 64))["Location"]
    tus.begin(case, len(files.HTML_PAGE), body=files.HTML_PAGE, Upload_Metadata=named("c.pdf", fingerprint="c" * 64))
    marks = ("a" * 64, "b" * 64, "c" * 64, "d" * 64, "")
    assert known(case, case.patient, *marks) == {"a" * 64: "", "b" * 64: there}
    helper = make_user()
    grant(case, helper, Right.UPLOAD, "family")
    assert known(case, helper, *marks) == {}
    browser(case.patient).post(url("remove", case, case.records.kept().get().uid))
    with shifted(timedelta(days=8)):
        assert known(case, case.patient, *marks) == {}
    assert known(case, case.patient, *marks) == {"b" * 64: there}


def test_what_is_not_finished_is_listed_to_its_sender_and_can_be_discarded(case, django_capture_on_commit_callbacks):
    tus, client = Tus(case.patient), browser(case.patient)
    there = tus.begun(case, 5000, "large scan.pdf")
    tus.add(there, b"%PDF-" + bytes(1995), 0)
    page = client.get(url("list", case)).content.decode()
    assert "1 file is not all here yet." in page and "large scan.pdf" in page and "2.0\xa0KB of 4.9\xa0KB here." in page
    assert "large scan.pdf" not in browser(case.owner).get(url("list", case)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(re.search(r'action="([^"]+/discard/)"', page)[1])
    assert "large scan.pdf" not in client.get(url("list", case)).content.decode()
    assert in_vault(case) == []


def test_a_token_is_shown_once_and_taken_back(case):
    client = browser(case.patient)
    page = client.post(url("programs", case), {"label": "Clinic PC", "days": "7"}).content.decode()
    secret, address = re.findall(r'<code class="secret">([^<]+)</code>', page)
    assert address.endswith(url("upload_begin", case))
    program = Tus(token=secret)
    assert program.begin(case, 10).status_code == 201
    again = client.get(url("programs", case)).content.decode()
    assert secret not in again and "Clinic PC" in again and "Last used" in again
    client.post(re.search(r'action="([^"]+/revoke/)"', again)[1])
    assert program.begin(case, 10).status_code == 401
    assert "taken back" in client.get(url("programs", case)).content.decode()


def test_a_person_has_so_many_tokens_at_once(case):
    client = browser(case.patient)
    answers = [client.post(url("programs", case), {"label": "PC", "days": "1"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [422]
    assert client.post(url("programs", case), {"label": "PC", "days": "3650"}).status_code == 422
