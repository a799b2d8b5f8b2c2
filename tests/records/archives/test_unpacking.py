"""Unpacking archives: every file in one arrives by itself, whatever happens on the way."""

import pytest

from records import services
from records.archives import unpacking
from records.kinds import Kind
from records.models import Archive, Record
from tests.records import files
from tests.records.archives.made import zipped
from tests.records.conftest import in_vault, refusals

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
        send(case, ("scans.zip", data))
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
