"""A series becomes a stack: in order, made anew when its files change, gone with them."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from records import removing
from records.models import Record, Status
from records.viewer import stacks
from records.viewer.marking import mark
from records.viewer.models import Stack
from records.viewer.sealed import FORMAT, Opened
from routing.problems import problems
from secondop.audit.models import Entry
from secondop.cases.erasing import erase
from secondop.vault.services import StoredFile
from secondop.web.clock import now, shifted
from tests.records.conftest import browser, in_vault
from tests.records.files import dicom
from tests.records.viewer.series import prepared, sent, slice_of

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=20)


def numbers(stack: Stack) -> list[int]:
    """The instance numbers in the order of the stack."""
    return [image[2] for image in json.loads(Opened(stack.stored, stack.layout).index())["images"]]


def again(stack: Stack) -> Stack:
    stack.refresh_from_db()
    return stack


def test_slices_come_in_the_order_of_their_places(case):
    places = {1: -10.0, 2: -30.0, 3: -20.0, 4: -40.0}
    stack = prepared(case, *(slice_of(number, ImagePositionPatient=[0, 0, z]) for number, z in places.items()))
    assert (stack.status, stack.images, stack.left_out) == ("ready", 4, [])
    assert numbers(stack) == [1, 3, 2, 4]


def test_slices_at_one_place_come_in_the_order_of_their_numbers(case):
    stack = prepared(case, *(slice_of(number, ImagePositionPatient=[0, 0, 0]) for number in (5, 1, 2, 7)))
    assert numbers(stack) == [1, 2, 5, 7]


def test_a_file_that_cannot_be_shown_is_named_and_its_neighbors_are_there(case):
    broken = slice_of(2)[:-2000]
    stack = prepared(case, slice_of(1), slice_of(2, Rows=2000), slice_of(3))
    assert stack.images == 2
    assert [why for _, why in stack.left_out] == ["damaged"]
    assert broken


def test_a_removed_slice_leaves_the_stack_and_the_last_one_takes_it_along(case, django_capture_on_commit_callbacks):
    stack = prepared(case, slice_of(1), slice_of(2))
    first = stack.stored_id
    for left in (1, 0):
        record = case.records.first()
        with django_capture_on_commit_callbacks(execute=True):
            removing.remove(case, by=case.patient, record=record)
        assert again(stack).status == Stack.Status.QUEUED
        with django_capture_on_commit_callbacks(execute=True):
            assert stacks.prepare(stack.pk)
        assert Stack.objects.filter(pk=stack.pk).exists() == bool(left)
    assert StoredFile.objects.get(pk=first).status == "discarded"
    assert in_vault(case) == []


def test_the_sweep_waits_for_files_that_are_being_checked_and_sends_each_stack_once(case):
    record, _ = sent(case, [slice_of(1), slice_of(2)])
    assert stacks.sweep() == 0, "more may come in a moment"
    Record.objects.filter(pk=record.pk).update(status=Status.CHECKING)
    with shifted(now() + SOON):
        assert stacks.sweep() == 0
        Record.objects.filter(pk=record.pk).update(status=Status.READY)
        assert stacks.sweep() == 1
        assert stacks.sweep() == 0


@pytest.mark.parametrize(("files", "seconds"), [(0, 5), (100, 10), (5000, 60)])
def test_a_larger_stack_waits_longer_for_more_of_its_files(case, files, seconds):
    records = sent(case, [slice_of(1)])
    case.stacks.update(files_total=files)
    begun = now()
    mark(records, more_may_come=True)
    waits_from = case.stacks.get().next_try_at - timedelta(seconds=seconds)
    assert begun <= waits_from <= now()


def test_what_changes_while_a_stack_is_made_is_made_once_more(case):
    records = sent(case, [slice_of(1), slice_of(2)])
    stack = stacks.claim(case.stacks.get().pk)
    mark(records)
    assert stacks.claim(stack.pk) is None, "one worker at a time"
    assert stacks.Preparing(stack).run()
    assert again(stack).status == Stack.Status.QUEUED
    assert stacks.prepare(stack.pk)
    assert again(stack).status == Stack.Status.READY
    assert len(in_vault(case)) == 2 + 2, "the old file is dropped at the end of the transaction"


def test_a_stack_of_another_release_is_not_shown_and_is_made_anew(cast, django_capture_on_commit_callbacks):
    sent(cast.case, [slice_of(1), slice_of(2), slice_of(1, series="1.2.3.5")])
    old, other = cast.case.stacks.order_by("pk")
    assert stacks.prepare(old.pk) and stacks.prepare(other.pk)
    kept, layout = again(other).stored_id, again(old).layout
    page = reverse("records:viewer", args=[cast.case.uid, old.series.uid])
    for before in ({name: layout[name] for name in layout.keys() - {"format"}}, layout | {"format": FORMAT - 1}):
        before_id = again(old).stored_id
        Stack.objects.filter(pk=old.pk).update(layout=before)
        with django_capture_on_commit_callbacks() as messages:
            assert stacks.sweep() == 1
        assert len(messages) == 2, "one task, and the old file is removed"
        assert (again(old).status, old.images, old.stored) == ("queued", 0, None)
        assert StoredFile.objects.get(pk=before_id).status == "discarded"
        assert "wait to be prepared" in browser(cast.patient).get(page).content.decode()
        assert browser(cast.patient).get(f"{page}index/").status_code == 409
        assert stacks.prepare(old.pk) and again(old).layout == layout
    assert again(other).stored_id == kept
    assert stacks.sweep() == 0


def test_a_worker_that_lost_its_lease_writes_nothing(case):
    sent(case, [slice_of(1)])
    slow = stacks.claim(case.stacks.get().pk)
    with shifted(now() + 2 * stacks.LEASE):
        assert stacks.prepare(slow.pk)
    kept = again(Stack.objects.get(pk=slow.pk)).stored_id
    assert not stacks.Preparing(slow).run()
    assert again(Stack.objects.get(pk=slow.pk)).stored_id == kept


def test_after_five_tries_it_says_that_it_failed(case, settings, tmp_path):
    sent(case, [slice_of(1)])
    stack = case.stacks.get()
    settings.VAULT_DIR = tmp_path / "gone"
    (tmp_path / "gone").write_text("a file where a folder should be")
    for _ in range(6):
        assert not stacks.prepare(stack.pk)
    assert again(stack).status == Stack.Status.FAILED


def test_a_series_that_failed_is_on_the_desk_until_somebody_has_it_tried_again(cast, django_capture_on_commit_callbacks):
    sent(cast.case, [slice_of(1)])
    stack = cast.case.stacks.get()
    page, retry = (reverse(f"records:{name}", args=[cast.case.uid, stack.series.uid]) for name in ("viewer", "viewer_again"))
    Stack.objects.update(status="failed", attempts=6)
    assert [problem.url for problem in problems(cast.coordinator)] == [page]
    assert retry in browser(cast.patient).get(page).content.decode()
    assert browser(cast.stranger).post(retry).status_code == 404
    with django_capture_on_commit_callbacks() as messages:
        assert browser(cast.patient).post(retry).url == page
    assert (again(stack).status, stack.tried_again, len(messages)) == ("queued", True, 1)
    assert Entry.objects.filter(action="series.again", actor=cast.patient, target=str(stack.uid)).count() == 1
    assert "being prepared, or are there already" in browser(cast.patient).post(retry, follow=True).content.decode()
    Stack.objects.update(status="failed")
    assert problems(cast.coordinator) == []
    mark(cast.case.records.all())
    Stack.objects.update(status="failed")
    assert [problem.url for problem in problems(cast.coordinator)] == [page], "other files, another chance"
    assert stacks.prepare(stack.pk) is False
    Stack.objects.update(status="queued", next_try_at=now())
    assert stacks.prepare(stack.pk) and problems(cast.coordinator) == []
    Stack.objects.update(status="failed", series=None)
    assert problems(cast.coordinator) == [], "one that a worker has yet to forget has no page"


def test_reports_and_plans_are_no_stacks_of_images_and_no_errors(case):
    stack = prepared(case, dicom("rtplan.dcm"))
    assert (stack.status, stack.images, stack.stored, [why for _, why in stack.left_out]) == ("ready", 0, None, ["no_pixels"])


def test_a_stack_goes_with_its_case(case):
    stack = prepared(case, slice_of(1))
    erase(case, by=case.patient)
    assert not Stack.objects.filter(pk=stack.pk).exists()
    assert not StoredFile.objects.filter(pk=stack.stored_id).exists()
