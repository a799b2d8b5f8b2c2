"""The page about copies, and who can take one."""

import io
from datetime import timedelta
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant
from secondop.cases.states import State
from secondop.exports import making, services
from secondop.exports.models import Export
from secondop.vault import serving
from secondop.web.clock import shifted
from tests.exports.copies import asked, made
from tests.factories import PASSWORD, make_case, make_user
from tests.records.conftest import browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault")]
PAGE = "/data/"


def link(export):
    return reverse("exports:download", args=[export.uid])


def post(client, what="everything", password=PASSWORD):
    return client.post(PAGE, {"what": what, "password": password})


def test_a_patient_asks_for_a_copy_and_downloads_it():
    case = make_case()
    client = browser(case.patient)
    assert b"Everything: my account and all of my cases" in client.get(PAGE).content
    assert post(client).status_code == 302
    export = Export.objects.get()
    page = client.get(PAGE).content
    assert b"We are making your copy" in page and b"Look again" in page and b"Make my copy" not in page
    making.make(export.pk)
    page = client.get(PAGE).content.decode()
    assert "Your copy is ready" in page and link(export) in page
    answer = client.get(link(export))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"] and answer.headers["Content-Disposition"].startswith("attachment")
    assert "data.json" in ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert Entry.objects.filter(action="export.download", case_uid=case.uid, actor=case.patient).count() == 1


def test_one_case_is_chosen_from_its_page_on():
    case = make_case()
    client = browser(case.patient)
    there = f"{PAGE}?case={case.uid}"
    assert there in client.get(reverse("tracking:case", args=[case.uid])).content.decode()
    assert f'value="{case.uid}" checked' in client.get(there).content.decode().replace(' id="id_what_1"', "").replace(" required", "")
    post(client, str(case.uid))
    export = Export.objects.get()
    assert not export.everything and list(export.cases.all()) == [case]


@pytest.mark.parametrize("wanted", ["nonsense", "", "00000000-0000-4000-8000-000000000000"])
def test_a_case_that_is_not_theirs_cannot_be_chosen(wanted):
    stranger, case = make_user(), make_case()
    client = browser(stranger)
    assert client.get(PAGE, {"case": wanted}).status_code == 200
    assert str(case.uid) not in client.get(f"{PAGE}?case={case.uid}").content.decode()
    for what in (str(case.uid), wanted):
        assert post(client, what).status_code == 422
    assert not Export.objects.exists()


def test_the_password_is_asked_for_and_never_shown_again():
    client = browser(make_user())
    wrong = post(client, password="not-my-password")
    assert wrong.status_code == 422 and b"not-my-password" not in wrong.content and b"This is not your password" in wrong.content
    for _ in range(9):
        post(client, password="wrong")
    assert post(client).status_code == 429
    assert client.get(PAGE).status_code == 200 and not Export.objects.exists()
    assert Entry.objects.filter(action="export.ask", outcome="refused").count() == 11


def test_a_double_click_asks_once():
    client = browser(make_user())
    assert [post(client).status_code for _ in range(2)] == [302, 302]
    assert b"already" in client.get(PAGE).content
    assert Export.objects.count() == 1


def test_nobody_else_takes_it_and_an_unknown_one_is_answered_alike():
    case = make_case(State.IN_REVIEW)
    proxy = make_user()
    grant(case, proxy, Right.DECIDE, "family")
    export = made(case.patient)
    people = (make_user(), proxy, case.owner, case.specialist, make_user(Role.LEAD), make_user(Role.ADMINISTRATOR))
    for person in people:
        client = browser(person)
        answers = [client.get(reverse("exports:download", args=[uid])) for uid in (export.uid, uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404]
        for name in ("exports:retry", "exports:discard"):
            assert client.post(reverse(name, args=[export.uid])).status_code == 404
    assert services.is_there(export, case.patient)
    assert Entry.objects.filter(action="export.refused", target=str(export.uid)).count() == 3 * len(people)
    signed_out = browser(None).get(link(export))
    assert signed_out.status_code == 302 and "/login/" in signed_out.headers["Location"]


def test_a_link_that_is_over_says_so_and_leads_to_a_new_copy():
    patient = make_user()
    export = asked(patient)
    client = browser(patient)
    early = client.get(link(export))
    assert early.status_code == 410 and b"not ready yet" in early.content
    making.make(export.pk)
    with shifted(services.KEPT_FOR + timedelta(minutes=1)):
        late = browser(patient).get(link(export))
        assert late.status_code == 410 and b"Make a new copy" in late.content and PAGE.encode() in late.content
        services.sweep()
        assert browser(patient).get(link(export)).status_code == 410
        assert b"no longer here" in browser(patient).get(PAGE).content


def test_a_range_goes_on_where_a_download_broke_off():
    patient = make_user()
    export = made(patient)
    client = browser(patient)
    whole = b"".join(client.get(link(export)).streaming_content)
    rest = client.get(link(export), headers={"Range": "bytes=100-", "If-Range": f'"{export.sha256}"'})
    assert rest.status_code == 206 and b"".join(rest.streaming_content) == whole[100:]
    assert client.head(link(export)).headers["Content-Length"] == str(len(whole))


def test_a_running_download_breaks_off_with_the_session(monkeypatch):
    patient = make_user()
    export = made(patient)
    monkeypatch.setattr(serving, "LOOK_AGAIN_AFTER", 0)
    client = browser(patient)
    pieces = iter(client.get(link(export)).streaming_content)
    client.session.flush()
    with pytest.raises(ConnectionResetError):
        next(pieces)


def test_bytes_that_were_tampered_with_are_not_given_out(vault):
    patient = make_user()
    export = made(patient)
    part = next((vault / str(export.uid)).rglob("*.part"))
    sealed = bytearray(part.read_bytes())
    sealed[50] ^= 1
    part.write_bytes(sealed)
    answer = browser(patient).get(link(export))
    assert answer.status_code == 503 and b"cannot open your copy" in answer.content


def test_the_page_asks_how_far_it_is_until_it_is_made():
    patient = make_user()
    export = asked(patient)
    client = browser(patient)
    Export.objects.filter(pk=export.pk).update(status="making", files_done=3, files_total=8)
    answer = client.get(reverse("exports:progress"), headers={"HX-Request": "true"})
    assert b"3 of 8 files are in it" in answer.content and b"data-hx-get" in answer.content and "HX-Refresh" not in answer.headers
    Export.objects.filter(pk=export.pk).update(status="queued")
    making.make(export.pk)
    answer = client.get(reverse("exports:progress"), headers={"HX-Request": "true"})
    assert answer.status_code == 200 and answer.headers["HX-Refresh"] == "true"
    assert client.get(reverse("exports:progress")).headers["Location"] == PAGE


def test_one_that_failed_is_tried_again_and_one_that_is_there_is_thrown_away():
    patient = make_user()
    export = asked(patient)
    Export.objects.filter(pk=export.pk).update(status="failed", error="StorageDown: secret path")
    client = browser(patient)
    page = client.get(PAGE).content
    assert b"We could not make your copy" in page and b"secret path" not in page
    assert client.get(reverse("exports:retry", args=[export.uid])).status_code == 405
    assert client.post(reverse("exports:retry", args=[export.uid])).status_code == 302
    assert making.make(export.pk)
    assert client.post(reverse("exports:discard", args=[export.uid])).status_code == 302
    assert client.get(link(export)).status_code == 410


@pytest.mark.parametrize("number", [1, 9])
def test_the_page_takes_the_same_queries_for_any_number_of_cases(number, django_assert_max_num_queries):
    patient = make_user()
    for _ in range(number):
        make_case(patient=patient)
    client = browser(patient)
    client.get(PAGE)
    with django_assert_max_num_queries(12):
        assert client.get(PAGE).status_code == 200
