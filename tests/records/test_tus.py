"""Uploads that go on where they broke off, request by request: what tus 1.0 says, whose they are, and what becomes of them."""

from base64 import b64encode
from datetime import timedelta

import pytest

from records import reasons, services
from records.models import Upload
from records.tus import services as uploads
from records.tus.receiving import fill
from secondop.audit.models import Entry
from secondop.cases.erasing import erase
from secondop.cases.states import State
from secondop.vault.models import StoredFile
from secondop.vault.services import Filling
from secondop.web.clock import now, shifted
from tests.factories import make_case

from . import files
from .conftest import browser, check_all, in_vault, refusals, url
from .tus import BODY, Tus, named

pytestmark = pytest.mark.django_db


@pytest.fixture
def tus(case) -> Tus:
    """The patient's client."""
    return Tus(case.patient)


def test_what_the_server_can_do_is_told_to_anybody(case, settings):
    answer = Tus().ask("OPTIONS", url("upload_begin", case), Tus_Resumable=None)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,creation-with-upload,termination,expiration"
    assert int(answer["Tus-Max-Size"]) == settings.UPLOAD_FILE_BYTES


def test_a_file_in_three_goes_becomes_a_record(case, tus, django_capture_on_commit_callbacks):
    data = files.printed_pdf()
    there = tus.begun(case, len(data), "Röntgen knee.pdf")
    assert tus.offset(there) == 0
    for start, end in ((0, 100), (100, 5000), (5000, len(data))):
        answer = tus.add(there, data[start:end], start)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
        assert "Upload-Expires" in answer and answer["Tus-Resumable"] == "1.0.0"
        assert tus.offset(there) == end
    head = tus.ask("HEAD", there)
    assert (head["Upload-Length"], head["Cache-Control"]) == (str(len(data)), "no-store")
    assert head["Upload-Metadata"] == named("Röntgen knee.pdf")
    record = case.records.get()
    assert (record.name, record.kind, record.size, record.uploaded_by) == ("Röntgen knee.pdf", "pdf", len(data), case.patient)
    check_all()
    assert b"".join(browser(case.patient).get(url("open", case, record.uid))) == data
    assert tus.add(there, b"", len(data), Content_Type=BODY).status_code == 204


def test_a_file_that_comes_along_needs_one_request(case, tus):
    data = files.pdf()
    answer = tus.begin(case, len(data), body=data)
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(data)))
    assert tus.offset(answer["Location"]) == len(data)
    assert case.records.get().size == len(data)
    part = tus.begin(case, 5000, body=b"%PDF-" + bytes(95))
    assert (part.status_code, part["Upload-Offset"]) == (201, "100")
    assert tus.offset(part["Location"]) == 100


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus_Resumable": None}, 412),
        ({"Tus_Resumable": "0.2.2"}, 412),
        ({"Upload_Length": None}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "٣"}, 400),
        ({"Upload_Length": None, "Upload_Defer_Length": 1}, 400),
        ({"Upload_Length": 3 * 1024**3}, 413),
        ({"Upload_Length": 0}, 422),
        ({"Upload_Metadata": "filename !!!"}, 400),
        ({"Upload_Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload_Metadata": "a YQ==,,"}, 400),
        ({"Upload_Metadata": f"a {b64encode(bytes(4000)).decode()}"}, 400),
        ({"Upload_Metadata": None}, 201),
        ({"Upload_Metadata": "is_confidential"}, 201),
        ({"Upload_Metadata": f"fingerprint {b64encode(bytes(3)).decode()}"}, 201),
    ],
)
def test_how_an_upload_may_begin(case, tus, headers, status):
    answer = tus.begin(case, 10, **headers)
    assert answer.status_code == status
    if status == 412:
        assert answer["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"%PDF", {"Upload_Offset": 5}, 409),
        (b"%PDF", {"Upload_Offset": None}, 400),
        (b"%PDF", {"Upload_Offset": "one"}, 400),
        (bytes(11), {"Upload_Offset": 0}, 413),
        (b"%PDF", {"kind": "text/plain", "Upload_Offset": 0}, 415),
        (b"%PDF", {"Tus_Resumable": None, "Upload_Offset": 0}, 412),
        (b"%PDF", {"Transfer_Encoding": "chunked", "Upload_Offset": 0}, 411),
    ],
)
def test_how_more_may_come(case, tus, body, headers, status):
    there = tus.begun(case, 10)
    assert tus.ask("PATCH", there, body, **headers).status_code == status
    assert tus.offset(there) == 0


def test_a_program_that_can_only_post_names_the_method(case, tus):
    there = tus.begun(case, 10)
    assert tus.ask("POST", there, b"%PDF-", X_HTTP_Method_Override="PATCH", Upload_Offset=0).status_code == 204
    assert tus.ask("POST", there, X_HTTP_Method_Override="DELETE").status_code == 204
    assert tus.ask("HEAD", there).status_code == 404
    assert tus.ask("POST", there).status_code == tus.ask("GET", there).status_code == 405


def test_giving_up_leaves_nothing(case, tus, django_capture_on_commit_callbacks):
    there = tus.begun(case, 5000)
    tus.add(there, b"%PDF-", 0)
    assert in_vault(case)
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.ask("DELETE", there).status_code == 204
    assert in_vault(case) == [] and StoredFile.objects.get().status == "discarded"
    assert tus.ask("HEAD", there).status_code == tus.ask("DELETE", there).status_code == 404


def test_the_first_bytes_decide_early_and_the_reason_is_told(case, tus, django_capture_on_commit_callbacks):
    there = tus.begun(case, 10**6, "report.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        answer = tus.add(there, files.HTML_PAGE.ljust(5000), 0)
    assert answer.status_code == 422 and answer.content.decode().startswith("This is a web page, not a PDF.")
    assert refusals(case)["report.pdf"] == answer.content.decode()
    assert in_vault(case) == []
    assert tus.ask("HEAD", there).status_code == 410
    whole = tus.begin(case, len(files.HTML_PAGE), body=files.HTML_PAGE)
    assert whole.status_code == 422 and not case.records.kept().exists()


def test_the_first_bytes_may_come_one_by_one(case, tus):
    data = files.dicom()
    there = tus.begun(case, len(data), "IM1")
    for index in range(0, 200, 20):
        tus.add(there, data[index : index + 20], index)
    assert tus.add(there, data[200:], 200).status_code == 204
    assert case.records.get().kind == "dicom"


def test_a_content_that_is_here_is_not_taken_twice(case, tus):
    data = files.pdf()
    tus.begin(case, len(data), "a.pdf", data)
    there = tus.begun(case, len(data), "b.pdf")
    answer = tus.add(there, data, 0)
    assert (answer.status_code, answer.content.decode()) == (422, "We have this file already, as “a.pdf”.")
    assert refusals(case) == {"b.pdf": answer.content.decode()}


def test_what_is_on_its_way_holds_its_room(case, tus, settings):
    settings.UPLOAD_CASE_BYTES = 10_000
    there = tus.begun(case, 6000)
    answer = tus.begin(case, 6000)
    assert answer.status_code == 413 and b"3.9\xc2\xa0KB of that is left" in answer.content
    tus.ask("DELETE", there)
    assert tus.begin(case, 6000).status_code == 201


def test_a_case_takes_so_many_files_however_they_come(case, tus, settings):
    settings.UPLOAD_CASE_FILES = 3
    assert tus.begin(case, 10).status_code == 201
    added = services.add_files(case, [(f"{number}.txt", b"%d" % number) for number in range(4)], by=case.patient)
    assert (len(added.records), {one.reason for one in added.turned_back}) == (2, {reasons.over_case_count()})
    assert tus.begin(case, 10).status_code == 413


def test_an_upload_ends_by_itself(case, tus, django_capture_on_commit_callbacks):
    there = tus.begun(case, 5000)
    tus.add(there, b"%PDF-", 0)
    with shifted(timedelta(days=7, minutes=1)):
        later = Tus(case.patient)
        assert later.add(there, b"x", 5).status_code == 410
        with django_capture_on_commit_callbacks(execute=True):
            uploads.sweep()
        assert later.ask("HEAD", there).status_code == 404
    assert in_vault(case) == []


def test_a_case_erased_while_uploads_are_cleared_holds_up_no_other(case, tus, monkeypatch):
    other = make_case(State.SCREENING, patient=case.patient)
    tus.begun(case, 5000), tus.begun(other, 5000)
    discard = uploads.discard

    def late(upload, by):
        if upload.case_id == case.pk:
            erase(case, by=None)
        discard(upload, by=by)

    monkeypatch.setattr(uploads, "discard", late)
    with shifted(timedelta(days=7, minutes=1)):
        uploads.sweep()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("is_booked", [False, True])
def test_a_crash_before_the_record_is_made_up_for(case, tus, is_booked):
    data = files.pdf()
    there = tus.begun(case, len(data))
    tus.add(there, data[:50], 0)
    upload = Upload.objects.get()
    with Filling(upload.stored_id) as filling:
        fill(upload, filling, iter([data[50:]]))
        if is_booked:
            filling.finish()
    assert not case.records.exists() and tus.offset(there) == len(data)
    assert uploads.sweep() == 1
    for _ in range(2):
        uploads.finish(upload.pk)
    assert (case.records.get().size, uploads.sweep()) == (len(data), 0)


def test_one_sends_at_a_time(case, tus):
    there = tus.begun(case, 5000)
    tus.add(there, b"%PDF-", 0)
    Upload.objects.get().stored.unfinished.__class__.objects.update(taken_until=now() + timedelta(seconds=50))
    assert tus.add(there, b"1.7", 5).status_code == 423
    with shifted(timedelta(seconds=51)):
        assert tus.add(there, b"1.7", 5).status_code == 204


def test_many_files_leave_one_line_and_cost_the_same_each(case, tus, django_assert_max_num_queries):
    contents = [files.pdf(1, str(number)) for number in range(12)]
    for data in contents[:10]:
        tus.begin(case, len(data), body=data)
    assert case.records.count() == 10
    assert [line.note for line in case.journal.filter(event="records_added")] == [""]
    assert Entry.objects.filter(case_uid=case.uid, action__startswith="record.").count() == 1
    with django_assert_max_num_queries(19):
        tus.begin(case, len(contents[10]), body=contents[10])
    with shifted(timedelta(minutes=16)):
        Tus(case.patient).begin(case, len(contents[11]), body=contents[11])
    assert case.journal.filter(event="records_added").count() == 2
