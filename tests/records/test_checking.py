"""The check of a record, however often it is asked for and whoever dies over it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from records import checking, removing, services, tasks
from records.arrivals import Arrivals
from records.formats.problems import Problem
from records.models import Record
from records.reasons import FOUND
from records.sandbox import Verdict
from secondop.vault.models import StoredFile
from secondop.vault.services import Damaged
from secondop.web.clock import now
from tests.factories import make_case

from . import files
from .conftest import check_all, in_vault

READY = Verdict({"pages": 1, "active": [], "restricted": False})


def received(case, name="a.pdf", data=None) -> Record:
    return services.add_files(case, [(name, data or files.pdf(1, name))], by=case.patient).records[0]


def test_a_readable_file_becomes_ready_with_its_facts(case):
    record = received(case, "knee.dcm", files.dicom())
    assert checking.check(record.pk)
    record.refresh_from_db()
    assert (record.status, record.facts["modality"], record.taken_until) == ("ready", "CT", None)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (files.locked_pdf("secret"), Problem.PASSWORD),
        (files.printed_pdf()[:-2000], Problem.INCOMPLETE),
        (files.png_bomb(), Problem.TOO_MANY_PIXELS),
        (files.picture("JPEG")[:-900], Problem.DAMAGED),
    ],
)
def test_an_unreadable_file_leaves_the_vault_and_says_why(case, data, problem, django_capture_on_commit_callbacks):
    record = received(case, "x", data)
    with django_capture_on_commit_callbacks(execute=True):
        checking.check(record.pk)
    record.refresh_from_db()
    assert (record.status, record.reason, record.stored) == ("refused", FOUND[problem], None)
    assert in_vault(case) == []
    assert StoredFile.objects.get().status == "discarded"


def test_checked_twice_is_checked_once(case):
    record = received(case)
    tasks.check(record.pk)
    first = Record.objects.values().get()
    tasks.check(record.pk)
    assert Record.objects.values().get() == first
    assert first["attempts"] == 1


def test_a_lease_keeps_others_away_until_it_ends(case, time_machine):
    record = received(case)
    assert checking.claim(record.pk)
    assert checking.claim(record.pk) == []
    assert not Record.objects.due().exists()
    time_machine.move_to(now() + checking.LEASE + timedelta(seconds=1))
    assert Record.objects.due().get() == record
    assert checking.claim(record.pk)[0].attempts == 2


def test_the_result_of_a_lost_lease_is_not_written(case, time_machine):
    record = received(case)
    (slow,) = checking.claim(record.pk)
    time_machine.move_to(now() + checking.LEASE + timedelta(seconds=1))
    (quick,) = checking.claim(record.pk)
    assert checking.settle([(quick, READY)])
    assert not checking.settle([(slow, Verdict({}, Problem.LIMITS))])
    record.refresh_from_db()
    assert (record.status, record.stored is not None) == ("ready", True)


def test_a_record_taken_out_during_its_check_stays_out(case):
    record = received(case)
    (claimed,) = checking.claim(record.pk)
    removing.remove(case, by=case.patient, record=record)
    assert not checking.settle([(claimed, READY)])
    assert not Record.objects.exists()


def test_trouble_in_the_vault_is_not_the_files_fault(case, time_machine, settings):
    """It comes back later and later, and is never refused."""
    record = received(case)
    place = settings.VAULT_DIR
    settings.VAULT_DIR = place / "gone"
    waits = []
    time_machine.move_to(now(), tick=False)
    for _ in range(8):
        with pytest.raises(Damaged):
            checking.check(record.pk)
        record.refresh_from_db()
        waits.append((record.next_try_at - now()).total_seconds())
        assert record.status == "checking"
        time_machine.move_to(record.next_try_at + timedelta(seconds=1), tick=False)
    assert waits == sorted(waits)
    assert waits[0] == 120 and waits[-1] == 1800
    settings.VAULT_DIR = place
    assert checking.check(record.pk)


def test_the_sweep_sends_what_waits_and_not_every_time(case, time_machine, django_capture_on_commit_callbacks):
    done, waiting = received(case, "1"), received(case, "2")
    checking.check(done.pk)
    with django_capture_on_commit_callbacks() as sent:
        assert checking.sweep() == 1
        assert checking.sweep() == 0
    assert len(sent) == 1
    time_machine.move_to(now() + checking.SENT_AGAIN_AFTER)
    assert checking.sweep() == 1
    waiting.refresh_from_db()
    assert waiting.status == "received"


def test_the_sweep_needs_the_same_queries_for_any_number(case, django_assert_num_queries):
    received(case, "first")
    with django_assert_num_queries(4):
        checking.sweep()
    for number in range(10):
        received(case, f"{number}.pdf")
    with django_assert_num_queries(4):
        assert checking.sweep() == 10


def slices(count: int) -> list[tuple[str, bytes]]:
    return [(f"{n}.dcm", files.dicom_of(InstanceNumber=str(n), SOPInstanceUID=f"1.2.3.{n}", PatientName="")) for n in range(1, count + 1)]


def test_images_of_a_case_are_checked_together(case, django_assert_max_num_queries):
    """One task, one child, and the same few statements for any number; the file that is no good is refused alone."""
    sent = [*slices(8), ("bad.dcm", files.dicom("MR_truncated.dcm"))]
    first, *_ = services.add_files(case, sent, by=case.patient).records
    assert checking.sweep() == 1
    with django_assert_max_num_queries(40):
        assert checking.check(first.pk) == 9
    assert dict(case.records.values_list("name", "status")) == {name: "ready" for name, _ in sent[:8]} | {"bad.dcm": "refused"}
    (series,) = case.series.all()
    assert list(series.records.order_by("position").values_list("position", "sop_uid")) == [(n, f"1.2.3.{n}") for n in range(1, 9)]
    assert checking.check(first.pk) == 0


def alone(case, file: tuple[str, bytes]) -> Record:
    """The record of a file that came by itself, as each of a folder does."""
    with Arrivals(case.uid, 10**8) as arrivals:
        arrivals.begin(file[0])
        arrivals.write(file[1])
        arrivals.end()
        return services.add(case, arrivals, by=case.patient, one_by_one=True).records[0]


def test_of_images_that_come_one_by_one_only_the_first_needs_a_message(case, time_machine, django_capture_on_commit_callbacks):
    """What comes while it is checked is checked together: once no more comes, or by the clock's sweep."""
    pictures = slices(4)
    time_machine.move_to(now(), tick=False)
    with django_capture_on_commit_callbacks() as sent:
        first = alone(case, pictures[0])
    assert len(sent) == 1
    with django_capture_on_commit_callbacks() as sent:
        assert checking.claim(first.pk)
        alone(case, pictures[1])
        others = alone(case, pictures[2])
    assert len(sent) == 0
    with django_capture_on_commit_callbacks() as sent:
        received(case, "letter.pdf")
    assert len(sent) == 1, "a file that shares no child is not held up"
    first.refresh_from_db()
    with django_capture_on_commit_callbacks() as sent:
        checking.settle([(first, Verdict({}, Problem.DAMAGED))])
    assert len(sent) == 1, "the refused file goes, and more seem to come"
    time_machine.move_to(now() + 2 * checking.QUIET, tick=False)
    with django_capture_on_commit_callbacks() as sent:
        last = alone(case, pictures[3])
    assert len(sent) == 0
    time_machine.move_to(now() + 2 * checking.QUIET, tick=False)
    Record.objects.filter(pk=last.pk).update(taken_until=now() + checking.LEASE)
    with django_capture_on_commit_callbacks() as sent:
        assert checking.check(others.pk) == 1
    assert len(sent) == 1, "no more came: the one that is left is sent at once"
    assert checking.check(case.records.due().exclude(kind="pdf").get().pk) == 1


def test_what_a_batch_did_not_come_to_is_given_back(case, monkeypatch, django_capture_on_commit_callbacks):
    first, *_ = services.add_files(case, slices(3), by=case.patient).records
    monkeypatch.setattr(checking, "BEGUN_WITHIN", 0)
    with django_capture_on_commit_callbacks() as sent:
        assert checking.check(first.pk) == 1
    assert len(sent) == 1
    assert sorted(case.records.values_list("status", "attempts")) == [("ready", 1), ("received", 0), ("received", 0)]


def test_a_file_the_vault_cannot_give_holds_up_no_other(case, django_capture_on_commit_callbacks):
    first, second, third = services.add_files(case, slices(3), by=case.patient).records
    StoredFile.objects.filter(pk=second.stored_id).update(status="discarded")
    with pytest.raises(Damaged):
        checking.check(first.pk)
    assert [case.records.get(pk=one.pk).status for one in (first, second, third)] == ["ready", "checking", "received"]
    assert checking.check(third.pk) == 1
    assert [case.records.get(pk=one.pk).status for one in (second, third)] == ["checking", "ready"]


def test_no_row_says_ready_without_bytes(case):
    with pytest.raises(IntegrityError):
        Record.objects.create(case=case, name="x", kind="pdf", status="ready", sha256="x", uploaded_by=case.patient)


def test_facts_of_a_broken_text_encoding_can_be_stored(case):
    """PostgreSQL takes neither NUL nor a lone surrogate; a check that failed on them would come back for ever."""
    record = received(case, "x.dcm", files.dicom_of(StudyDescription="knee\x00\x07", PatientName="Do\x00e^J"))
    checking.check(record.pk)
    record.refresh_from_db()
    assert record.facts["study_description"] == "knee"
    assert record.facts["patient"]["name"] == "Doe^J"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_record():
    case = make_case()
    record = received(case)

    def work(_: int) -> bool:
        try:
            return checking.check(record.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]
    record.refresh_from_db()
    assert (record.status, record.attempts) == ("ready", 1)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_file_at_once_store_it_once():
    case = make_case()

    def send(_: int) -> int:
        try:
            return len(received_now(case))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(send, range(3))) == [0, 0, 1]
    assert case.records.kept().count() == 1
    assert len(in_vault(case)) == 1
    check_all()


def received_now(case) -> list[Record]:
    return services.add_files(case, [("same.pdf", files.pdf(1, "same"))], by=case.patient).records
