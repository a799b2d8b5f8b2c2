"""Looking at records: who sees the pictures, how they go out, what is written down, and what is found in the text."""

import pytest
from django.urls import reverse

from records.models import Preview, Record, Rendition
from records.previews import words
from records.previews.models import PageText
from routing.problems import problems
from secondop.audit.models import Entry
from secondop.cases.access import Right, revoke
from secondop.vault import services as vault
from secondop.web.clock import now
from tests.factories import make_case
from tests.records import files
from tests.records.conftest import add, browser, url

pytestmark = pytest.mark.django_db
PAGES = 12


def drawn(case, name: str = "letter.pdf", text: str = "The meniscus is torn.", pages: int = PAGES) -> Record:
    """A record with pictures of its first page, made here: the children have tests of their own."""
    record = add(case, (name, files.pdf(1, name)))[0]
    Record.objects.filter(pk=record.pk).update(status="ready", facts={"pages": pages, "active": ["javascript"]})
    Preview.objects.create(record=record, status="ready", pages=pages)
    for kind, index in (("thumbnail", 0), ("page", 1), ("safe", 0)):
        Rendition.objects.create(record=record, kind=kind, index=index, stored=vault.put(case.uid, kind.encode()), width=60, height=80)
    PageText.objects.create(record=record, number=1, text=text, search=words.vector(text))
    return record


@pytest.fixture
def record(cast) -> Record:
    return drawn(cast.case)


def search(client, case, text: str, **headers: str):
    return client.post(url("search", case), {"words": text}, **headers)


def test_pictures_go_out_closed_in_and_only_whole(cast, record):
    address = url("page_image", cast.case, record.uid, 1)
    reader = browser(cast.specialist)
    answer = reader.get(address, headers={"Range": "bytes=0-1"})
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"page", "image/webp")
    assert "attachment" not in answer.get("Content-Disposition", "")
    assert answer["Content-Security-Policy"].startswith("sandbox") and answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert reader.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert reader.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_safe_copy_comes_as_a_file(cast, record):
    answer = browser(cast.specialist).get(url("safe_copy", cast.case, record.uid), headers={"Range": "bytes=1-2"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"af")
    assert answer["Content-Disposition"] == 'attachment; filename="safe-letter.pdf"'


def addresses(case, record) -> list[str]:
    return [url(name, case, record.uid) for name in ("view", "thumbnail", "safe_copy")] + [url("page_image", case, record.uid, 1)]


def test_a_right_that_ends_closes_every_road_at_once(cast, record):
    reader = browser(cast.specialist)
    assert {reader.get(address).status_code for address in addresses(cast.case, record)} == {200}
    revoke(cast.case, Right.RECORDS, cast.specialist)
    revoke(cast.case, Right.WRITE, cast.specialist)
    answers = [reader.get(address, headers={"If-None-Match": "*"}) for address in addresses(cast.case, record)]
    assert {answer.status_code for answer in answers} == {404}
    assert search(reader, cast.case, "meniscus").status_code == 404


def test_nobody_sees_pictures_of_what_is_not_ready_or_of_another_case(cast, record):
    other = drawn(make_case(patient=cast.patient), "other.pdf")
    Record.objects.filter(pk=record.pk).update(status="checking")
    mixed = [url("page_image", cast.case, other.uid, 1), url("view", cast.case, other.uid), url("thumbnail", other.case, record.uid)]
    patient = browser(cast.patient)
    assert {patient.get(address).status_code for address in [*addresses(cast.case, record), *mixed]} == {404}
    assert Entry.objects.filter(action="record.refused").count() == 7
    assert not Entry.objects.filter(action="record.view").exists()


def test_papers_about_who_may_ask_are_pictures_for_their_readers_only(cast, record):
    Record.objects.filter(pk=record.pk).update(purpose="authority")
    assert {browser(cast.specialist).get(address).status_code for address in addresses(cast.case, record)} == {404}
    assert {browser(cast.patient).get(address).status_code for address in addresses(cast.case, record)} == {200}
    assert "No page or entry has" in search(browser(cast.patient), cast.case, "meniscus").content.decode()


@pytest.mark.parametrize(("asked", "shown"), [("3", 3), ("0", 1), ("-4", 1), ("99", PAGES), ("1e3", 1), ("²", 1), ("9" * 400, 1), ("", 1)])
def test_a_page_number_that_makes_no_sense_shows_a_page_there_is(cast, record, asked, shown):
    answer = browser(cast.patient).get(url("view", cast.case, record.uid), {"page": asked, "zoom": "<b>"})
    assert (answer.status_code, answer.context["number"], answer.context["zoom"]) == (200, shown, "fit")


def test_a_picture_beyond_the_pages_is_not_there(cast, record):
    reader = browser(cast.patient)
    for page in (0, 2, PAGES + 1, 10**12):
        assert reader.get(url("page_image", cast.case, record.uid, page)).status_code == 404


def test_a_page_that_is_not_drawn_is_ordered_once(cast, record):
    reader = browser(cast.patient)
    page = reader.get(url("view", cast.case, record.uid), {"page": 9}).content.decode()
    assert "We are drawing this page." in page and "data-hx-get" in page
    reader.get(url("view", cast.case, record.uid), {"page": 4})
    assert Preview.objects.get().wanted == 9
    Preview.objects.update(broken=[9], wanted=None)
    page = reader.get(url("view", cast.case, record.uid), {"page": 9}).content.decode()
    assert "We could not draw this page." in page and "data-hx-get" not in page


def test_the_page_says_what_is_in_the_file_and_what_to_take(cast, record):
    page = browser(cast.specialist).get(url("view", cast.case, record.uid), {"zoom": "200"}).content.decode()
    for said in ("It contains a script.", "The meniscus is torn.", "Download the safe copy", "Download the original", 'width="120"'):
        assert said in page
    Rendition.objects.filter(kind="safe").delete()
    page = browser(cast.specialist).get(url("view", cast.case, record.uid)).content.decode()
    assert "We could not make a safe copy" in page and "Download the safe copy" not in page


def test_one_look_is_one_row_however_many_pictures_it_takes(cast, record, time_machine):
    reader = browser(cast.specialist)
    for _ in range(2):
        for address in addresses(cast.case, record):
            reader.get(address)
    looks = Entry.objects.filter(case_uid=cast.case.uid, actor=cast.specialist, action__startswith="record.")
    assert sorted(looks.values_list("action", "target")) == [("record.thumbnail", ""), ("record.view", str(record.uid))]
    browser(cast.coordinator).get(addresses(cast.case, record)[3])
    assert Entry.objects.filter(action="record.view").count() == 2
    time_machine.move_to(now().replace(year=now().year + 1))
    browser(cast.specialist).get(addresses(cast.case, record)[3])
    assert looks.filter(action="record.view").count() == 2


def test_rows_lead_to_the_page_where_there_is_one(cast, record):
    page = browser(cast.specialist).get(reverse("records:panel", args=[cast.case.uid])).content.decode()
    assert url("view", cast.case, record.uid) in page and url("thumbnail", cast.case, record.uid) in page
    Preview.objects.update(status="failed")
    page = browser(cast.specialist).get(url("list", cast.case)).content.decode()
    assert url("thumbnail", cast.case, record.uid) not in page and url("open", cast.case, record.uid) in page
    assert "We could not make a picture of this file." in page and url("preview_again", cast.case, record.uid) in page


def test_pictures_that_could_not_be_made_are_tried_again_by_whoever_may_open_the_file(cast, record, django_capture_on_commit_callbacks):
    again, back = url("preview_again", cast.case, record.uid), url("list", cast.case)
    page = browser(cast.specialist).post(again, follow=True).content.decode()
    assert "are being made, or are there already" in page, "it has not failed"
    Preview.objects.update(status="failed")
    assert [problem.url for problem in problems(cast.coordinator)] == [back]
    assert browser(cast.stranger).post(again).status_code == 404
    with django_capture_on_commit_callbacks() as sent:
        assert browser(cast.coordinator).post(again).url == back
    preview = Preview.objects.get()
    assert (preview.status, len(sent), list(Preview.objects.due())) == ("queued", 1, [preview])
    assert Entry.objects.filter(action="record.preview_again", actor=cast.coordinator, target=str(record.uid)).count() == 1
    Preview.objects.update(status="failed")
    assert problems(cast.coordinator) == [], "what failed twice is no fault of ours, and no work for the desk"
    assert again in browser(cast.patient).get(back).content.decode()


def test_the_lists_need_the_same_queries_for_any_number(cast, django_assert_num_queries, django_assert_max_num_queries):
    reader = browser(cast.specialist)
    drawn(cast.case, "1.pdf")
    reader.get(url("list", cast.case))
    with django_assert_max_num_queries(30) as few:
        reader.get(url("list", cast.case))
    with django_assert_max_num_queries(30) as found_few:
        search(reader, cast.case, "meniscus")
    for number in range(2, 8):
        drawn(cast.case, f"{number}.pdf")
    with django_assert_num_queries(len(few)):
        reader.get(url("list", cast.case))
    with django_assert_num_queries(len(found_few)):
        assert len(search(reader, cast.case, "meniscus").context["hits"]) == 7


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ("meniscus", ["MENISCUS"]),
        ("TEAR", ["tears"]),
        ("œdème", ["Oedème"]),
        ("oedeme", ["Oedème"]),
        ('"horn tears"', ["horn", "tears"]),
        ("meniscus -oedeme", None),
        ("hernia", None),
        ("' & | ! :* \\", None),
        ("the", None),
        ("膝", ["膝"]),
    ],
)
def test_words_are_found_without_case_and_accents(cast, asked, marked):
    drawn(cast.case, text="Posterior horn tears of the MENISCUS, Oedème. 膝 <script>alert(1)</script>")
    answer = search(browser(cast.patient), cast.case, asked)
    page = answer.content.decode()
    assert [hit.number for hit in answer.context["hits"]] == ([1] if marked else [])
    for word in marked or []:
        assert f"<mark>{word}</mark>" in page
    assert "<script>alert" not in page


def test_what_is_found_leads_to_its_page_and_its_words_stand_in_no_address_and_no_log(cast, caplog):
    record = drawn(cast.case, text="x " * 400 + "meniscus " + "y " * 400)
    answer = search(browser(cast.patient), cast.case, "meniscus")
    page = answer.content.decode()
    assert f"{url('view', cast.case, record.uid)}?page=1" in page and "… " in page
    assert "meniscus" not in caplog.text
    assert not any("meniscus" in str(entry.__dict__) for entry in Entry.objects.all())
    assert browser(cast.patient).get(url("search", cast.case), {"words": "meniscus"}).status_code == 405


def test_no_words_and_too_many_are_said(cast, record):
    reader = browser(cast.patient)
    for text in ("", "x" * 201, "a\x00b"):
        answer = search(reader, cast.case, text)
        assert answer.status_code == 422 and 'role="status"' in answer.content.decode()
    assert b"<html" not in search(reader, cast.case, "meniscus", headers={"HX-Request": "true"}).content
