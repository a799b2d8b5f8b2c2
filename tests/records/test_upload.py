"""Sending files: who may, what comes of each of them, and that nothing is left of what is not taken."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from records import services
from records.multipart import IntoTheVault
from records.views import upload
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import Conflict, move
from secondop.cases.states import State
from secondop.vault.models import StoredFile
from tests.factories import make_case, make_user

from . import files
from .conftest import browser, check_all, in_vault, refusals, sent, url

pytestmark = pytest.mark.django_db
HOSTILE = [
    ("empty.pdf", b"", "This file is empty"),
    ("page.pdf", files.HTML_PAGE, "This is a web page, not a PDF."),
    ("scan.jpg", files.POSTSCRIPT, "This is a PostScript file, not a JPEG picture."),
    ("cd.zip", files.ZIP, "This is a ZIP archive."),
]


def test_several_files_of_every_kind_arrive_and_are_checked(case, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        many = sent(
            ("letter.pdf", files.printed_pdf()),
            ("knee.jpg", files.picture("JPEG")),
            ("screen.png", files.picture("PNG")),
            ("IM0001", files.dicom()),
        )
        answer = browser(case.patient).post(url("upload", case), many, follow=True)
    assert answer.redirect_chain == [(url("list", case), 302)]
    assert "4 files arrived." in answer.content.decode()
    assert {record.status for record in case.records.all()} == {"received"}
    check_all()
    found = {record.name: (record.kind, record.status) for record in case.records.all()}
    assert found == {
        "letter.pdf": ("pdf", "ready"),
        "knee.jpg": ("jpeg", "ready"),
        "screen.png": ("png", "ready"),
        "IM0001": ("dicom", "ready"),
    }
    assert len(in_vault(case)) == 4
    assert [line.note for line in case.journal.filter(event="records_added")] == ["4 files"]


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


def test_201_files_at_once(case, settings):
    settings.UPLOAD_FILES_PER_REQUEST = 20
    many = [(f"{number}.pdf", files.pdf(1, str(number))) for number in range(21)]
    browser(case.patient).post(url("upload", case), sent(*many))
    assert case.records.kept().count() == 20
    assert refusals(case) == {"20.pdf": "Only 20 files can be sent at once. Please send this one again with the next ones."}


def test_more_files_than_the_parser_goes_through(case, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    answer = browser(case.patient).post(url("upload", case), sent(*((f"{n}.pdf", files.pdf(1, str(n))) for n in range(6))))
    assert answer.status_code == 413
    assert "files can be sent at once" in answer.content.decode()
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
    assert status == 302 or "does not take new records" in answer.content.decode()


def test_a_coordinator_may_add_records_on_behalf_of_the_patient(cast):
    browser(cast.coordinator).post(url("upload", cast.case), sent(("a.pdf", files.pdf())))
    assert cast.case.records.get().uploaded_by == cast.coordinator


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


def test_no_room_in_the_vault(case, monkeypatch, django_capture_on_commit_callbacks):
    full = files.picture("PNG")

    def no_room(path, *args):
        raise services.vault.StorageFull("No room is left in the vault.")

    monkeypatch.setattr("secondop.vault.parts.write", no_room)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser(case.patient).post(url("upload", case), sent(("a.png", full)), HTTP_ACCEPT="application/json")
    assert answer.status_code == 507
    assert not case.records.exists()
    assert in_vault(case) == []


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
