"""Sending files: what comes of each of them, and that nothing is left of what is not taken."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from records import services
from records.multipart import IntoTheVault
from records.views import upload
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import Conflict, move
from secondop.vault.models import StoredFile
from secondop.web.clock import now
from tests.factories import make_user

from . import files
from .conftest import browser, check_all, in_vault, refusals, sent, url

pytestmark = pytest.mark.django_db
HOSTILE = [
    ("empty.pdf", b"", "This file is empty"),
    ("page.pdf", files.HTML_PAGE, "This is a web page, not a PDF."),
    ("scan.jpg", files.POSTSCRIPT, "This is a PostScript file, not a JPEG picture."),
    ("cd.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "This is a 7-Zip archive."),
]


def test_several_files_of_every_kind_arrive_and_are_checked(case, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        many = sent(
            ("letter.pdf", files.printed_pdf()),
            ("knee.jpg", files.picture("JPEG")),
            ("screen.png", files.picture("PNG")),
            ("IM0001", files.dicom()),
            ("fax", files.fax()),
            ("IMG_1.HEIC", files.picture("HEIF")),
            ("notes.csv", "Größe;1,80".encode("cp1252")),
        )
        answer = browser(case.patient).post(url("upload", case), many, follow=True)
    assert answer.redirect_chain == [(url("list", case), 302)]
    assert "7 files arrived." in answer.content.decode()
    assert {record.status for record in case.records.all()} == {"received"}
    check_all()
    kinds = dict(case.records.filter(status="ready").values_list("name", "kind"))
    assert kinds | {"letter.pdf": "pdf", "knee.jpg": "jpeg", "screen.png": "png", "IM0001": "dicom"} == kinds
    assert kinds | {"fax": "tiff", "IMG_1.HEIC": "heic", "notes.csv": "text"} == kinds
    assert len(in_vault(case)) == 7
    assert [line.note for line in case.journal.filter(event="records_added")] == ["7 files"]


def test_refused_files_are_named_with_their_reason_and_their_neighbours_arrive(case, django_capture_on_commit_callbacks):
    good = [("a.pdf", files.pdf(1, "a")), ("b.pdf", files.pdf(1, "b"))]
    with django_capture_on_commit_callbacks(execute=True):
        between = [(name, data) for name, data, _ in HOSTILE]
        answer = browser(case.patient).post(url("upload", case), sent(good[0], *between, good[1]), follow=True)
    assert sorted(case.records.kept().values_list("name", flat=True)) == ["a.pdf", "b.pdf"]
    page = answer.content.decode()
    for name, _, reason in HOSTILE:
        assert refusals(case)[name].startswith(reason)
        assert name in page and reason in page
    assert len(in_vault(case)) == 2
    assert StoredFile.objects.filter(case_uid=case.uid, status="stored").count() == 2


@pytest.mark.parametrize("last", [("z.pdf", files.HTML_PAGE), ("z.pdf", b"")])
def test_a_refused_last_file_does_not_spoil_the_others(case, last):
    browser(case.patient).post(url("upload", case), sent(("a.pdf", files.pdf()), last))
    assert list(case.records.kept().values_list("name", flat=True)) == ["a.pdf"]
    assert list(refusals(case)) == ["z.pdf"]


def test_a_file_over_the_limit_is_refused_alone(case, settings, django_capture_on_commit_callbacks):
    settings.UPLOAD_FILE_BYTES = 1024**2
    large = files.pdf() + b"\n" * (3 * 1024**2)
    with django_capture_on_commit_callbacks(execute=True):
        browser(case.patient).post(url("upload", case), sent(("a.pdf", files.pdf()), ("large.pdf", large), ("c.png", files.picture("PNG"))))
    assert sorted(case.records.kept().values_list("name", flat=True)) == ["a.pdf", "c.png"]
    assert refusals(case) == {"large.pdf": "This file is larger than 1.0\xa0MB. Please ask where it comes from for a smaller copy."}
    assert len(in_vault(case)) == 2


def test_a_file_beyond_the_room_of_the_case_is_refused_alone(case, settings, django_capture_on_commit_callbacks):
    one, two, three = (files.picture("PNG", (100, 100), colour) for colour in (30, 60, 90))
    settings.UPLOAD_CASE_BYTES = len(one) + len(three) + 10
    with django_capture_on_commit_callbacks(execute=True):
        browser(case.patient).post(url("upload", case), sent(("1.png", one), ("2.png", two + two), ("3.png", three)))
    assert sorted(case.records.kept().values_list("name", flat=True)) == ["1.png", "3.png"]
    assert "would go beyond" in refusals(case)["2.png"]
    assert len(in_vault(case)) == 2


def test_what_may_be_sent_is_what_the_page_says(case):
    page = browser(case.patient).get(url("list", case)).content.decode().replace("\xa0", " ")
    assert "Up to 2.0 GB a file<noscript> and 200 files at once</noscript>." in page
    assert "room for 5.0 GB of 5.0 GB" in page


def test_201_files_at_once(case):
    """Most of them hold a single byte, which is refused at once: the test is about their number."""
    many = [(f"{number}.pdf", files.pdf(1, str(number)) if number in (0, 199, 200) else b"\x01") for number in range(201)]
    browser(case.patient).post(url("upload", case), sent(*many))
    assert list(case.records.kept().order_by("pk").values_list("name", flat=True)) == ["0.pdf", "199.pdf"]
    refused = refusals(case)
    assert len(refused) == 199
    assert refused["200.pdf"] == "Only 200 files can be sent at once. Please send this one again with the next ones."


def test_more_files_than_the_parser_goes_through(case, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    answer = browser(case.patient).post(url("upload", case), sent(*((f"{n}.pdf", files.pdf(1, str(n))) for n in range(6))))
    assert answer.status_code == 413
    assert "files can be sent at once, so none was kept." in answer.content.decode()
    assert not case.records.exists()


def test_the_same_content_is_taken_once(case, django_capture_on_commit_callbacks):
    patient = browser(case.patient)
    same = files.pdf()
    with django_capture_on_commit_callbacks(execute=True):
        patient.post(url("upload", case), sent(("a.pdf", same), ("copy of a.pdf", same)))
        patient.post(url("upload", case), sent(("a again.pdf", same), ("a.pdf", same)))
    assert list(case.records.kept().values_list("name", flat=True)) == ["a.pdf"]
    twice = dict.fromkeys(["copy of a.pdf", "a again.pdf"], "We have this file already, as “a.pdf”.")
    assert refusals(case) == {**twice, "a.pdf": "We have this file already."}
    assert len(in_vault(case)) == 1
    assert [line.note for line in case.journal.filter(event="records_added")] == ["1 file"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/cron.d/x.pdf", "x.pdf"),
        ("Röntgen 🦴 <b>.pdf", "Röntgen 🦴 <b>.pdf"),
        ("n" * 300 + ".pdf", "n" * 196 + ".pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
    ],
)
def test_names_are_cleaned_and_shown_as_text(case, name, shown):
    file = SimpleUploadedFile("placeholder.pdf", files.pdf())
    file._name = name  # Django's own setter would clean it before we can
    page = browser(case.patient).post(url("upload", case), {"files": file}, follow=True).content.decode()
    assert case.records.get().name == shown
    assert shown.replace("<", "&lt;").replace(">", "&gt;") in page


def test_a_head_that_comes_in_small_pieces_is_judged_all_the_same(case):
    """The parser hands over whatever it has: DICOM's mark may be in the second piece."""
    data = files.dicom()
    with services.Arrivals(case.uid, 10**9) as arrivals:
        handler = IntoTheVault(RequestFactory().get("/"), arrivals)
        handler.new_file("files", "x", "", None, None, {})
        for start in range(0, len(data), 100):
            handler.receive_data_chunk(data[start : start + 100], start)
        handler.file_complete(len(data))
        assert [(file.kind, file.stored.size) for file in arrivals.arrived] == [("dicom", len(data))]


def test_a_coordinator_may_add_records_on_behalf_of_the_patient(cast):
    browser(cast.coordinator).post(url("upload", cast.case), sent(("a.pdf", files.pdf())))
    assert cast.case.records.get().uploaded_by == cast.coordinator


@pytest.mark.parametrize("left", [700, 2500])
def test_a_body_that_ends_early_leaves_nothing_behind(case, left, django_capture_on_commit_callbacks):
    """Within the second file, and within the lines between the two."""
    first, second = files.pdf(), files.picture("PNG")
    rim = b"--x\r\nContent-Disposition: form-data; name=files; filename=%s\r\n\r\n"
    body = rim % b"a.pdf" + first + b"\r\n" + rim % b"b.png" + second + b"\r\n--x--\r\n"
    head = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body[:left])}
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser(case.patient).generic("POST", url("upload", case), **head)
    assert answer.status_code == 400
    assert "Nothing was kept" in answer.content.decode()
    assert not case.records.exists()
    assert in_vault(case) == []


def test_an_empty_form_says_what_to_do(case):
    answer = browser(case.patient).post(url("upload", case), {"files": ""})
    assert answer.status_code == 422
    assert "Please choose at least one file first." in answer.content.decode()


def test_the_script_gets_the_address_to_go_to(case):
    answer = browser(case.patient).post(url("upload", case), sent(("a.pdf", files.pdf())), HTTP_ACCEPT="application/json")
    assert answer.json() == {"url": url("list", case)}


@contextmanager
def disk_that_holds(size: int) -> Iterator[None]:
    """The system refuses this process any file larger than ``size``, as a full disk or a quota does."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_no_room_in_the_vault(case, django_capture_on_commit_callbacks):
    two = sent(("small.png", files.picture("PNG")), ("large.pdf", files.pdf() + b"\n" * 4 * 1024**2))
    with disk_that_holds(1024**2), django_capture_on_commit_callbacks(execute=True):
        answer = browser(case.patient).post(url("upload", case), two, HTTP_ACCEPT="application/json")
    assert answer.status_code == 507
    assert not case.records.exists()
    assert in_vault(case) == []


class SlowLine(BytesIO):
    """A body of which each piece takes ten minutes."""

    def __init__(self, body: bytes, clock) -> None:
        super().__init__(body)
        self.clock = clock

    def read(self, *args: int) -> bytes:
        """The next piece."""
        self.clock.shift(timedelta(minutes=10))
        return super().read(*args)


@pytest.mark.parametrize(("megabytes", "then"), [(1, "records:list"), (20, "account_login")])
def test_an_upload_that_takes_longer_than_anybody_may_do_nothing_arrives_and_its_sender_is_still_signed_in(case, megabytes, then):
    body = encode_multipart(BOUNDARY, sent(("a.pdf", files.pdf() + b"\n" * megabytes * 1024**2)))
    environ = {"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": str(len(body))}
    with time_machine.travel(now(), tick=False) as clock:
        client = browser(case.patient)
        began = now()
        answer = client.generic("POST", url("upload", case), **environ, **{"wsgi.input": SlowLine(body, clock)})
        assert now() - began > timedelta(minutes=40)
        assert answer.status_code == 302 and case.records.count() == 1
        page = client.get(answer.url, follow=True)
    assert page.resolver_match.view_name == then, "after half a day everybody signs in again"


def test_a_right_that_ends_while_the_files_come_keeps_them_out(cast):
    """The upload takes an hour; the end is what counts."""
    family = make_user()
    grant(cast.case, family, Right.UPLOAD, "helps")
    with services.Arrivals(cast.case.uid, 10**9) as arrivals:
        arrivals.begin("a.pdf")
        arrivals.write(files.pdf())
        arrivals.end()
        revoke(cast.case, Right.UPLOAD, user=family)
        with pytest.raises(services.NotAllowed):
            services.add(cast.case, arrivals, by=family)
    assert StoredFile.objects.get(case_uid=cast.case.uid).status == "discarded"
    assert not cast.case.records.exists()


def test_a_case_that_moves_on_while_the_files_come_keeps_them_out(case):
    with services.Arrivals(case.uid, 10**9) as arrivals:
        arrivals.begin("a.pdf")
        arrivals.write(files.pdf())
        arrivals.end()
        move(case, "withdraw", by=case.patient)
        with pytest.raises(Conflict):
            services.add(case, arrivals, by=case.patient)
    assert StoredFile.objects.get(case_uid=case.uid).status == "discarded"


def test_room_is_counted_again_when_the_files_have_come(case, settings):
    """Two uploads at once each find the room that is there for one."""
    one, two = files.picture("PNG", (100, 100), 40), files.picture("PNG", (100, 100), 80)
    settings.UPLOAD_CASE_BYTES = max(len(one), len(two)) + 100
    room = services.room_left(case)
    for name, data in (("1.png", one), ("2.png", two)):
        with services.Arrivals(case.uid, room) as arrivals:
            arrivals.begin(name)
            arrivals.write(data)
            arrivals.end()
            services.add(case, arrivals, by=case.patient)
    assert list(case.records.kept().values_list("name", flat=True)) == ["1.png"]
    assert "would go beyond" in refusals(case)["2.png"]


def test_every_upload_is_in_the_audit_log_without_names(case):
    browser(case.patient).post(url("upload", case), sent(("SECRET-marker.pdf", files.pdf()), ("x.pdf", files.HTML_PAGE)))
    entry = Entry.objects.get(action="record.add")
    assert entry.detail == {"added": 1, "turned_back": 1}
    assert not any("SECRET" in f"{row.target}{row.detail}" for row in Entry.objects.all())


def test_only_post(case):
    for method in ("get", "put", "delete", "patch"):
        assert getattr(browser(case.patient), method)(url("upload", case)).status_code == 405
    assert upload.csrf_exempt, "the token is checked by receive(), behind admit()"
