"""Unpacking archives: every file in one arrives by itself, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records import checking, reasons, removing, services
from records.archives import unpacking
from records.archives.frames import Broken, Frame, packed
from records.formats.problems import Problem
from records.kinds import Kind
from records.models import Archive, Record
from records.reasons import FOUND
from secondop.cases.access import Right, grant
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.vault.services import VaultError
from secondop.web.clock import now
from tests.factories import make_case, make_user
from tests.records import files
from tests.records.archives.made import zipped
from tests.records.conftest import browser, in_vault, refusals, sent, url

pytestmark = pytest.mark.django_db


def send(case, *archives: tuple[str, bytes]):
    return services.add_files(case, archives, by=case.patient).records


def unpack_all() -> None:
    """What the workers do until no archive is left."""
    while waiting := list(Record.objects.filter(kind=Kind.ZIP, status__in=("received", "checking")).values_list("pk", flat=True)):
        assert max(unpacking.unpack(pk) for pk in waiting)


def test_the_files_of_an_archive_arrive_and_the_archive_goes(case, django_capture_on_commit_callbacks):
    data = zipped(
        ("CD/letter.pdf", files.pdf()),
        ("CD/CT/IM0001", files.dicom()),
        ("CD/autorun.exe", b"MZ\x90\x00"),
        ("CD/notes.txt", b"Dear doctor"),
        ("CD/empty/", b""),
        ("__MACOSX/CD/._letter.pdf", b"\x00\x05\x16\x07"),
    )
    with django_capture_on_commit_callbacks(execute=True):
        browser(case.patient).post(url("upload", case), sent(("scans.zip", data)))
        unpack_all()
    kept = case.records.kept()
    assert {(one.name, one.kind, one.folder, one.status) for one in kept} == {
        ("letter.pdf", "pdf", "scans.zip/CD", "received"),
        ("IM0001", "dicom", "scans.zip/CD/CT", "received"),
        ("notes.txt", "text", "scans.zip/CD", "received"),
    }
    assert refusals(case) == {"autorun.exe": "This is a program. Please send only your medical records."}
    archive = Archive.objects.get()
    assert (archive.record, archive.total, archive.done, archive.taken, archive.refused) == (None, 4, 4, 3, 1)
    assert len(in_vault(case)) == 3
    assert [line.note for line in case.journal.filter(event="records_added")] == ["1 file", "3 files"]


def rows(case) -> set[tuple[str, ...]]:
    """What is there of the case, without the numbers that differ from time to time."""
    return set(case.records.values_list("name", "folder", "kind", "status", "reason", "sha256", "size"))


MIXED = zipped(
    *((f"CT/{number}.txt", f"text {number % 7}".encode()) for number in range(9)),
    ("a.exe", b"MZ\x90\x00"),
    ("inner.zip", zipped(("deep/b.txt", b"below"), ("c.exe", b"MZ\x90\x00"))),
    ("d.txt", b"last"),
)


def test_unpacked_bit_by_bit_and_by_workers_that_die_the_rows_are_the_same(case, monkeypatch, time_machine):
    """Property 8: whoever goes on begins after the last file that became a row."""
    other = make_case(State.SCREENING)
    send(case, ("scans.zip", MIXED))
    unpack_all()
    (record,) = send(other, ("scans.zip", MIXED))
    monkeypatch.setattr(unpacking, "SLICE", 0.0)
    goes = 0
    while unpacking.unpack(record.pk):
        goes += 1
        dead = checking.claim(record.pk)  # by a worker that is killed before it does anything
        assert not unpacking.unpack(record.pk)
        assert dead or not Record.objects.filter(pk=record.pk).exists()
        time_machine.move_to(now() + checking.LEASE + timedelta(seconds=1))
    assert goes >= 10
    unpack_all()
    assert rows(other) == rows(case)
    totals = ("name", "depth", "total", "done", "taken", "refused", "known", "inflated")
    assert list(Archive.objects.filter(case=other).order_by("pk").values_list(*totals)) == list(
        Archive.objects.filter(case=case).order_by("pk").values_list(*totals)
    )
    assert [line.note for line in other.journal.filter(event="records_added")] == ["1 file", "8 files", "1 file"]


def test_trouble_in_the_vault_loses_nothing_and_leaves_nothing(case, settings, time_machine, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        (record,) = send(case, ("scans.zip", MIXED))
        place, settings.VAULT_DIR = settings.VAULT_DIR, settings.VAULT_DIR / "gone"
        with pytest.raises(VaultError):
            unpacking.unpack(record.pk)
        settings.VAULT_DIR = place
        assert [one.kind for one in case.records.all()] == ["zip"]
        time_machine.move_to(now() + checking.LEASE + timedelta(seconds=1))
        unpack_all()
    assert len(in_vault(case)) == case.records.kept().count() == 9


def test_no_worry_about_the_time_that_an_archive_takes(case, monkeypatch, time_machine):
    (record,) = send(case, ("scans.zip", MIXED))
    monkeypatch.setattr(unpacking, "SLICE", 0.0)
    unpacking.unpack(record.pk)
    time_machine.move_to(now() + timedelta(minutes=5))
    page = browser(case.patient).get(url("list", case)).content.decode()
    assert page.count("longer than usual") == 1  # of the file that came out of it


def test_an_archive_taken_out_meanwhile_stops_and_keeps_what_came(case, monkeypatch, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        (record,) = send(case, ("scans.zip", MIXED))
        monkeypatch.setattr(unpacking, "SLICE", 0.0)
        assert unpacking.unpack(record.pk)
        removing.remove(case, by=case.patient, record=record)
        assert not unpacking.unpack(record.pk)
    assert [one.name for one in case.records.all()] == ["0.txt"]
    assert len(in_vault(case)) == 1


def archives_of(case, user) -> str:
    """What the list says to ``user`` of archives."""
    return browser(user).get(url("list", case)).content.decode().partition('id="archives-title"')[2]


def test_all_that_came_in_an_archive_goes_at_once(case, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(case, ("scans.zip", MIXED), ("beside.txt", b"a neighbour"))
        unpack_all()
        archive, there = Archive.objects.get(root=None), "Remove all these files"
        assert there in archives_of(case, case.patient)
        browser(case.patient).post(url("archive_remove", case, archive.pk))
    assert [one.name for one in case.records.all()] == ["beside.txt"]
    assert len(in_vault(case)) == 1 and not Archive.objects.exists()
    assert case.journal.get(event="record_removed").note == "9 files"
    assert browser(case.patient).post(url("archive_remove", case, archive.pk)).status_code == 404


def test_an_archive_that_is_being_unpacked_is_removed_with_what_came(case, monkeypatch, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        (record,) = send(case, ("scans.zip", MIXED))
        monkeypatch.setattr(unpacking, "SLICE", 0.0)
        assert unpacking.unpack(record.pk)
        browser(case.patient).post(url("archive_remove", case, Archive.objects.get().pk))
        assert not unpacking.unpack(record.pk)
    assert not case.records.exists() and in_vault(case) == [] and not Archive.objects.exists()


def test_what_a_specialist_had_stays_and_what_others_sent(cast):
    case, helper = cast.case, make_user()
    grant(case, helper, Right.UPLOAD, "family")
    send(case, ("scans.zip", zipped(("a.txt", b"1"))))
    services.add_files(case, [("own.zip", zipped(("b.txt", b"2")))], by=helper)
    unpack_all()
    theirs, own = (Archive.objects.get(name=name) for name in ("scans.zip", "own.zip"))
    assert "Remove all these files" not in archives_of(case, cast.patient)
    page = browser(cast.patient).post(url("archive_remove", case, theirs.pk), follow=True)
    assert removing.ALL_STAYS["medical"] in page.content.decode()
    Case.objects.filter(pk=case.pk).update(state=State.READY)
    for person in (helper, cast.stranger, cast.specialist, None):
        assert browser(person).post(url("archive_remove", case, theirs.pk)).status_code == (404 if person else 302)
    assert archives_of(case, helper).count("Remove all these files") == 1
    browser(helper).post(url("archive_remove", case, own.pk))
    assert [one.name for one in case.records.all()] == ["a.txt"]


def test_a_case_takes_no_more_than_it_has_room_for(case, settings):
    settings.UPLOAD_CASE_BYTES = len(MIXED) + 30  # the archive itself takes no room, because it goes
    send(case, ("scans.zip", MIXED))
    settings.UPLOAD_CASE_BYTES = 30
    unpack_all()
    assert {one.reason for one in case.records.filter(name="d.txt")} == {reasons.over_case()}
    assert sum(case.records.kept().values_list("size", flat=True)) <= 30


def test_the_same_archive_again_says_that_all_is_here(case):
    data = zipped(("a.txt", b"1"), ("b.txt", b"2"))
    send(case, ("scans.zip", data))
    unpack_all()
    send(case, ("again.zip", data))
    unpack_all()
    assert refusals(case) == {"again.zip": FOUND[Problem.ALL_HERE]}
    assert case.records.kept().count() == 2


def test_the_list_tells_how_far_it_is_and_what_came(case, monkeypatch, django_assert_num_queries):
    (record,) = send(case, ("scans.zip", MIXED))
    monkeypatch.setattr(unpacking, "SLICE", 0.0)
    for _ in range(3):
        unpacking.unpack(record.pk)
    patient = browser(case.patient)
    with CaptureQueriesContext(connection) as first:
        page = patient.get(url("list", case)).content.decode()
    assert "3 of 12 files unpacked" in page and "From scans.zip/CT" in page
    monkeypatch.undo()
    unpack_all()
    send(case, ("more.zip", zipped(*((f"{number}.txt", f"more {number}".encode()) for number in range(60)))))
    unpack_all()
    with django_assert_num_queries(len(first)):
        page = patient.get(url("list", case)).content.decode()
    assert "9 files came, 2 were not taken and 2 were here already." in page and "60 files came." in page
    assert "scans.zip/inner.zip/c.exe" in page


def test_a_child_that_was_turned_is_not_believed(case):
    """What it writes is read as numbers, names and bytes within bounds, or not at all."""
    (record,) = send(case, ("scans.zip", MIXED))
    claimed = checking.claim(record.pk)[0]
    for frames in (
        [(Frame.DATA, b"x")],
        [(Frame.END, b"")],
        [(Frame.BEGIN, b"a.txt")],
        [(Frame.COUNT, b"-1")],
        [(Frame.COUNT, b"1"), (Frame.COUNT, b"1")],
        [(Frame.COUNT, b"1"), (Frame.BEGIN, b"a"), (Frame.BEGIN, b"b")],
        [(Frame.COUNT, b"0" * 40)],
        [(Frame.PROBLEM, b"nothing known")],
    ):
        with unpacking.Unpacking(claimed, unpacking.archive_of(claimed)) as turned, pytest.raises(Broken):
            turned.take(b"".join(packed(*frame) for frame in frames))
    for garbage in (b"?\x00\x00\x00\x01x", b"d\xff\xff\xff\xff"):
        with unpacking.Unpacking(claimed, unpacking.archive_of(claimed)) as turned, pytest.raises(Broken):
            turned.take(garbage)
