"""Reading records: who sees which, how a file goes out, and what is written down about it."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import services
from records.models import Preview, Record
from records.previews import jobs
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke, rights_of
from secondop.cases.states import State
from secondop.vault import serving
from secondop.vault.services import Writer
from secondop.vault.serving import NoSuchRange, span_of
from tests.factories import make_case, make_user

from . import files
from .conftest import add, browser, check_all, url

pytestmark = pytest.mark.django_db


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_comes_back_as_it_was_sent_and_cannot_run(cast, letter):
    answer = browser(cast.specialist).get(url("open", cast.case, letter.uid))
    assert answer.status_code == 200
    assert body(answer).startswith(b"%PDF-") and letter.size == int(answer["Content-Length"])
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Cache-Control"] == "no-store"


def test_a_name_in_any_script_goes_out_as_it_was_shown(cast):
    record = add(cast.case, ("Röntgen 膝 🦴.pdf", files.pdf()))[0]
    answer = browser(cast.patient).get(url("open", cast.case, record.uid))
    assert unquote(answer["Content-Disposition"].partition("utf-8''")[2]) == "Röntgen 膝 🦴.pdf"


def test_a_picture_named_like_a_page_goes_out_as_a_picture(cast):
    record = add(cast.case, ("page.html", files.picture("JPEG")))[0]
    assert 'filename="page.html.jpg"' in browser(cast.patient).get(url("open", cast.case, record.uid))["Content-Disposition"]


def test_who_may_open_a_record(cast, letter):
    address = url("open", cast.case, letter.uid)
    allowed = (cast.patient, cast.specialist, cast.coordinator)
    assert [browser(user).get(address).status_code for user in allowed] == [200] * 3
    others = (cast.stranger, cast.other_specialist, cast.administrator)
    assert [browser(user).get(address).status_code for user in others] == [404] * 3
    assert browser(None).get(address).status_code == 302
    other_case = make_case(State.SCREENING, patient=cast.patient)
    assert browser(cast.patient).get(url("open", other_case, letter.uid)).status_code == 404


def test_rights_that_were_just_asked_for_open_the_same_records(cast):
    add(cast.case, by=cast.patient)
    check_all()
    add(cast.case, ("new.pdf", files.pdf()))
    services.add_files(cast.case, [("proof.pdf", files.pdf(mark="p"))], by=cast.patient, purpose="authority")
    for right in (Right.STATUS, Right.UPLOAD, Right.READ_OPINION, Right.DECIDE):
        grant(cast.case, make_user(), right, "family")
    family = [row.user for row in cast.case.access.filter(reason="family")]
    seen = []
    for user in (*cast[1:], *family):
        records, held = cast.case.records, rights_of(user, cast.case)
        for reading in (records.readable_by, records.openable_by):
            assert set(reading(user, held)) == set(reading(user))
        seen.append(len(records.readable_by(user, held)))
    assert {0, 1, 3} <= set(seen)


def test_nobody_but_the_sender_opens_a_file_before_it_is_checked(cast):
    record = add(cast.case)[0]
    address = url("open", cast.case, record.uid)
    assert browser(cast.patient).get(address).status_code == 200
    assert [browser(user).get(address).status_code for user in (cast.specialist, cast.coordinator)] == [404, 404]
    for fragment in ("list", "panel"):
        assert "letter.pdf" not in browser(cast.specialist).get(url(fragment, cast.case)).content.decode()


def test_a_specialist_with_an_offer_sees_nothing_of_the_records(cast):
    case = make_case(State.READY)
    record = add(case)[0]
    check_all()
    grant(case, cast.specialist, Right.SUMMARY, "offer")
    answers = [
        browser(cast.specialist).get(url(*what)).status_code for what in (("list", case), ("panel", case), ("open", case, record.uid))
    ]
    assert answers == [404, 404, 404]
    assert not Record.objects.readable_by(cast.specialist).filter(case=case).exists()


def test_a_right_that_ended_is_worth_nothing_on_the_next_request(cast, letter):
    reader = browser(cast.specialist)
    assert reader.get(url("open", cast.case, letter.uid)).status_code == 200
    revoke(cast.case, Right.RECORDS, Right.WRITE, user=cast.specialist)
    assert reader.get(url("open", cast.case, letter.uid)).status_code == 404
    assert reader.get(url("list", cast.case)).status_code == 404


@pytest.mark.parametrize("end", ["right", "account", "session"])
def test_a_running_download_breaks_off_when_the_right_to_it_ends(cast, letter, monkeypatch, end):
    monkeypatch.setattr(serving, "LOOK_AGAIN_AFTER", 1000)
    with Writer(cast.case.uid, part_size=600) as parts:  # an upload's are of 4 MiB: this is a large file in small
        parts.write(bytes(6000))
        Record.objects.filter(pk=letter.pk).update(stored=parts.finish(), size=6000)
    reader = browser(cast.specialist)
    answer = reader.get(url("open", cast.case, letter.uid))
    pieces = iter(answer.streaming_content)
    assert next(pieces) == bytes(600)
    if end == "right":
        revoke(cast.case, Right.RECORDS, Right.WRITE, user=cast.specialist)
    elif end == "account":
        type(cast.specialist).objects.filter(pk=cast.specialist.pk).update(is_active=False)
    else:
        reader.session.flush()
    with pytest.raises(ConnectionResetError):
        list(pieces)


def test_every_reading_and_refusal_is_written_down_before_a_byte_goes_out(cast, letter):
    address = url("open", cast.case, letter.uid)
    browser(cast.specialist).get(address)  # not one byte of the answer is read
    browser(cast.stranger).get(address)
    allowed = Entry.objects.get(action="record.open")
    assert (allowed.actor_id, allowed.case_uid, allowed.patient_id, allowed.target) == (
        cast.specialist.pk,
        cast.case.uid,
        cast.patient.pk,
        str(letter.uid),
    )
    refused = Entry.objects.get(action="record.refused")
    assert (refused.actor_id, refused.case_uid, refused.outcome) == (cast.stranger.pk, cast.case.uid, "refused")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=500-", 500, None), ("bytes=-7", -7, None), ("bytes=10-10", 10, 11), ("bytes=5-999999999", 5, None)],
)
def test_a_range_is_exactly_that_part(cast, letter, asked, start, end):
    reader = browser(cast.specialist)
    whole = body(reader.get(url("open", cast.case, letter.uid)))
    answer = reader.get(url("open", cast.case, letter.uid), HTTP_RANGE=asked)
    assert answer.status_code == 206
    assert body(answer) == whole[start:end]
    assert int(answer["Content-Length"]) == len(whole[start:end])
    assert re.fullmatch(rf"bytes \d+-\d+/{len(whole)}", answer["Content-Range"])


def test_ranges_that_are_not_there_or_make_no_sense(cast, letter):
    reader, address = browser(cast.specialist), url("open", cast.case, letter.uid)
    beyond = reader.get(address, HTTP_RANGE=f"bytes={letter.size}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{letter.size}")
    for ignored in ("bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=-", f"bytes={'9' * 5000}-"):
        assert reader.get(address, HTTP_RANGE=ignored).status_code == 200
    tag = reader.get(address)["ETag"]
    assert reader.get(address, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE=tag).status_code == 206
    assert reader.get(address, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"other"').status_code == 200


@given(st.integers(1, 10**12), st.integers(0, 10**13), st.integers(0, 10**13), st.sampled_from(["{}-{}", "{}-", "-{}"]))
def test_a_range_never_leaves_the_file(size, first, last, shape):
    try:
        span = span_of("bytes=" + shape.format(first, last), size)
    except NoSuchRange:
        return
    assert span is None or 0 <= span.start < span.end <= size


def test_head_tells_the_size_and_sends_nothing(cast, letter):
    answer = browser(cast.specialist).head(url("open", cast.case, letter.uid))
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, str(letter.size), b"")


def test_a_file_the_vault_cannot_give_is_said_to_be_our_fault(cast, letter, settings):
    settings.VAULT_DIR = settings.VAULT_DIR / "gone"
    answer = browser(cast.specialist).get(url("open", cast.case, letter.uid))
    assert answer.status_code == 503
    assert "The fault is ours" in answer.content.decode()


def test_the_page_of_the_sender_and_of_a_reader(cast, letter):
    add(cast.case, ("page.pdf", files.HTML_PAGE))
    mine = browser(cast.patient).get(url("list", cast.case)).content.decode()
    assert "letter.pdf" in mine and "PDF · 3 pages" in mine and "This is a web page, not a PDF." in mine and "Send files" in mine
    theirs = browser(cast.specialist).get(url("list", cast.case)).content.decode()
    assert "letter.pdf" in theirs and "page.pdf" not in theirs and "Send files" not in theirs and "Remove" not in theirs


def test_who_the_file_is_about_is_shown_to_coordinators_only(cast):
    add(cast.case, ("x.dcm", files.dicom_of(PatientName="Marker^Patient", PatientBirthDate="19700131")))
    check_all()
    for name in ("list", "panel"):
        pages = {
            user: browser(user).get(url(name, cast.case)).content.decode() for user in (cast.coordinator, cast.specialist, cast.patient)
        }
        assert "The files name as patient: Patient Marker, born 31 January 1970" in pages[cast.coordinator]
        assert "Marker" not in pages[cast.specialist] + pages[cast.patient]


def test_family_that_may_upload_but_not_read_sees_its_own_files_only(cast, letter):
    family = make_user()
    grant(cast.case, family, Right.UPLOAD, "helps")
    own = add(cast.case, ("from family.pdf", files.pdf()), by=family)[0]
    page = browser(family).get(url("list", cast.case)).content.decode()
    assert "from family.pdf" in page and "letter.pdf" not in page
    assert [browser(family).get(url("open", cast.case, record.uid)).status_code for record in (letter, own)] == [404, 404]


def test_the_page_asks_for_itself_again_only_while_something_is_checked(cast):
    add(cast.case)
    patient = browser(cast.patient)
    assert 'hx-trigger="every 3s"' in patient.get(url("list", cast.case)).content.decode()
    check_all()
    for pk in Preview.objects.values_list("pk", flat=True):
        assert jobs.make(pk)
    fragment = patient.get(url("list", cast.case), HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in fragment and "<html" not in fragment and 'id="record-lists"' in fragment


@pytest.mark.parametrize("name", ["list", "panel"])
def test_lists_take_the_same_queries_for_any_number_of_files(cast, name, django_assert_num_queries, django_assert_max_num_queries):
    reader = browser(cast.coordinator)
    add(cast.case, *((f"{n}.pdf", files.pdf(1, str(n))) for n in range(2)))
    with django_assert_max_num_queries(20) as first:
        reader.get(url(name, cast.case))
    add(cast.case, *((f"{n}.pdf", files.pdf(1, str(n))) for n in range(2, 20)), *((f"{n}.html", files.HTML_PAGE) for n in range(15)))
    with django_assert_num_queries(len(first)):
        reader.get(url(name, cast.case))


def test_a_long_list_comes_in_pages(cast):
    add(cast.case, *((f"number {n}.pdf", files.pdf(1, str(n))) for n in range(103)))
    patient = browser(cast.patient)
    first, second = (patient.get(url("list", cast.case), {"page": page}).content.decode() for page in (1, 2))
    assert first.count('class="file-row"') == 100 and second.count('class="file-row"') == 3
    assert "103 files" in first


def test_verbs_do_not_answer_to_get(cast, letter):
    patient = browser(cast.patient)
    for name, more in (("remove", [letter.uid]), ("clear", [])):
        assert patient.get(url(name, cast.case, *more)).status_code == 405
    for name, more in (("open", [letter.uid]), ("list", []), ("panel", [])):
        assert patient.post(url(name, cast.case, *more)).status_code == 405
