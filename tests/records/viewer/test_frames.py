"""What the viewer's script fetches: to whom it is given, and that it is the file's own pixels."""

import json
from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from records.models import Purpose, Record
from records.viewer import stacks
from records.viewer.models import Stack
from secondop.audit.models import Entry
from secondop.cases.access import Right, revoke
from secondop.web.clock import now, shifted
from tests.records.conftest import browser
from tests.records.viewer.series import of_nobody, prepared, sent, shown, slice_of

pytestmark = pytest.mark.django_db
FETCHED = ("viewer", "viewer_index", "viewer_frames", "viewer_picture")


def at(name: str, stack: Stack) -> str:
    return reverse(f"records:{name}", args=[stack.case.uid, stack.series.uid])


@pytest.fixture
def stack(cast) -> Stack:
    """Three slices of the case in review."""
    return prepared(cast.case, *(slice_of(number) for number in (1, 2, 3)))


def test_the_pixels_are_those_of_the_file(cast, stack):
    client = browser(cast.specialist)
    index = client.get(at("viewer_index", stack))
    answer = client.get(at("viewer_frames", stack), {"from": 1, "count": 8})
    frames = shown(answer.content, index.content, 1)
    assert len(frames) == 2
    assert all(np.array_equal(frame, pixel_array(get_testdata_file("CT_small.dcm"))) for frame in frames)
    assert answer.headers["Cache-Control"] == "no-store"
    known = json.loads(index.content)
    assert known["looks"][0][:2] == [1, -1024]
    assert known["groups"][0]["spacing"] == [0.661468, 0.661468]
    assert ["Modality", "CT"] in known["tags"]
    assert "CompressedSamples" not in index.content.decode(), "nobody's name"


def test_others_get_404_and_a_right_that_ends_ends_at_once(cast, stack):
    for person in (cast.stranger, cast.other_specialist, cast.administrator):
        assert {browser(person).get(at(name, stack)).status_code for name in FETCHED} == {404}
    client = browser(cast.specialist)
    assert {client.get(at(name, stack)).status_code for name in FETCHED} == {200}
    revoke(cast.case, Right.RECORDS, Right.WRITE)
    assert {client.get(at(name, stack)).status_code for name in FETCHED} == {404}
    assert client.get(at("viewer_frames", stack), {"count": 0}).status_code == 404


def test_one_line_a_quarter_of_an_hour_says_who_looked(cast, stack):
    client, looks = (
        browser(cast.specialist),
        Entry.objects.filter(action="series.view", actor=cast.specialist, target=str(stack.series.uid)),
    )
    for name in FETCHED:
        client.get(at(name, stack))
    assert looks.get().target == str(stack.series.uid)
    with shifted(now() + timedelta(minutes=16)):
        client.force_login(cast.specialist)
        client.get(at("viewer_frames", stack))
    assert looks.count() == 2


def test_a_record_that_is_none_for_the_reader_is_not_shown_although_it_is_in_the_stack(cast, stack):
    client = browser(cast.specialist)
    last = Record.objects.filter(case=cast.case, name="slice 2.dcm")
    last.update(purpose=Purpose.AUTHORITY)
    first, second = (client.get(at("viewer_frames", stack), {"from": image}).status_code for image in (0, 2))
    assert sorted((first, second)) == [200, 409]
    assert client.get(at("viewer_index", stack)).status_code == 409


def test_what_names_somebody_else_is_not_shown_to_a_specialist(cast, stack):
    client, family = browser(cast.specialist), browser(cast.patient)
    cast.case.identities.update(set_aside=True)
    assert {client.get(at(name, stack)).status_code for name in FETCHED} == {404}
    assert {family.get(at(name, stack)).status_code for name in FETCHED} == {200}


def test_papers_never_become_a_stack(cast):
    stack = prepared(cast.case, slice_of(1))
    Record.objects.filter(case=cast.case).update(purpose=Purpose.AUTHORITY)
    assert stacks.files_of(stack) == []


@pytest.mark.parametrize("count", ["", "-1", "x", "1e3", "99999999", "1\u0661"])
def test_nonsense_is_answered_in_words_of_http(cast, stack, count):
    assert browser(cast.patient).get(at("viewer_frames", stack), {"count": count}).status_code == 400


def test_beyond_the_end_is_nothing(cast, stack):
    client = browser(cast.patient)
    assert client.get(at("viewer_frames", stack), {"from": 3}).status_code == 204
    assert client.get(at("viewer_frames", stack), {"from": 0, "count": 0}).status_code == 204


def test_the_page_asks_the_database_as_often_for_many_series_as_for_few(cast, django_assert_max_num_queries):
    client = browser(cast.specialist)
    few = prepared(cast.case, slice_of(1))
    with django_assert_max_num_queries(40) as counted:
        client.get(at("viewer", few))
    sent(cast.case, [slice_of(number, series=f"1.2.{number % 2}") for number in range(2, 6)])
    Stack.objects.update(images=2, taken_until=None, status=Stack.Status.READY)
    with django_assert_max_num_queries(len(counted)):
        assert b"Series of this case" in client.get(at("viewer", few)).content


def test_a_file_that_is_no_image_says_so_and_can_be_downloaded(cast):
    stack = prepared(cast.case, of_nobody(dcmread(get_testdata_file("rtplan.dcm"))))
    page = browser(cast.specialist).get(at("viewer", stack))
    assert "holds no image" in page.content.decode()
    assert reverse("records:open", args=[cast.case.uid, cast.case.records.get().uid]) in page.content.decode()
    assert browser(cast.specialist).get(at("viewer_picture", stack)).status_code == 409


def test_the_page_says_what_is_missing_as_the_lists_do(cast):
    """A file that came and cannot be shown is not missing; of every second number none is."""
    stack = prepared(cast.case, *(slice_of(number, **({"Rows": 2000} if number == 5 else {})) for number in (1, 3, 5, 7, 13)))
    page = browser(cast.specialist).get(at("viewer", stack)).content.decode()
    assert "Images 9–11 of 13 are missing." in page and "We could not read the image in this file." in page


def test_a_12_bit_jpeg_says_so_and_is_there_to_download(cast):
    data = of_nobody(dcmread(get_testdata_file("JPEG-lossy.dcm")))
    stack = prepared(cast.case, data)
    page = browser(cast.specialist).get(at("viewer", stack)).content.decode()
    assert "We cannot show these images" in page and "12-bit JPEG with loss" in page and "something else than pictures" not in page
    assert page.count(reverse("records:open", args=[cast.case.uid, cast.case.records.get().uid])) == 2
