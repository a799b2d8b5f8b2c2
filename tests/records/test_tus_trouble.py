"""Uploads that go on where they broke off, when something goes wrong: damage, erasing, no more room."""

from pathlib import Path

import pytest
from django.conf import settings as configured

from records import reasons, services
from records.models import Upload
from records.tus import services as uploads
from records.tus.receiving import fill
from secondop.cases.erasing import erase
from secondop.vault.models import StoredFile
from secondop.vault.services import Filling
from secondop.web.clock import now

from . import files
from .archives.made import zipped
from .conftest import refusals
from .tus import Tus

pytestmark = pytest.mark.django_db


@pytest.fixture
def tus(case) -> Tus:
    """The patient's client."""
    return Tus(case.patient)


def lying(upload: Upload, index: int) -> Path:
    """Where a part of an upload is."""
    return Path(configured.VAULT_DIR) / str(upload.case.uid) / str(upload.stored_id) / f"{index}.part"


def test_a_client_sends_a_damaged_end_again(case, tus):
    data = files.pdf()
    there = tus.begun(case, len(data))
    tus.add(there, data[:50], 0)
    lying(Upload.objects.get(), 0).unlink()
    assert tus.add(there, data[50:], 50).status_code == 409
    assert tus.offset(there) == 0
    assert tus.add(there, data, 0).status_code == 204
    assert case.records.get().size == len(data)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_file_damaged_on_its_way_is_refused_in_words(case, tus, is_late):
    data = files.pdf() + bytes(300)
    there = tus.begun(case, len(data))
    upload = Upload.objects.get()
    StoredFile.objects.update(part_size=64)
    tus.add(there, data[:150], 0)
    lying(upload, 0).write_bytes(b"x" * 92)
    if is_late:
        with Filling(upload.stored_id) as filling:
            fill(upload, filling, iter([data[150:]]))
        uploads.finish(upload.pk)
    else:
        assert tus.add(there, data[150:], 150).content.decode() == reasons.SPOILED
    assert list(refusals(case).values()) == [reasons.SPOILED]
    assert tus.ask("HEAD", there).status_code == 410


def test_a_case_erased_while_a_file_comes_is_not_there(case, tus, monkeypatch):
    def late(*given):
        erase(case, by=None)
        return iter([data])

    data = files.pdf()
    monkeypatch.setattr("records.tus.receiving.pieces", late)
    assert tus.begin(case, len(data), body=data).status_code == 404


def test_the_room_of_a_case_is_what_its_files_leave(case, tus, settings, django_assert_num_queries):
    assert services.room_of(case) == (settings.UPLOAD_CASE_BYTES, settings.UPLOAD_CASE_FILES)
    whole, archive = files.pdf(), zipped(("a.pdf", files.pdf(2)))
    tus.begin(case, len(whole), body=whole)
    tus.begin(case, len(archive), "a.zip", body=archive)
    tus.begin(case, len(files.HTML_PAGE), body=files.HTML_PAGE)  # refused
    tus.begun(case, 7000)
    Upload.objects.filter(length=7000).update(expires_at=now())
    tus.begun(case, 5000)
    taken = len(whole) + 5000
    with django_assert_num_queries(2):
        assert services.room_of(case) == (settings.UPLOAD_CASE_BYTES - taken - len(archive), settings.UPLOAD_CASE_FILES - 3)
        assert services.room_of(case, unpacking=True) == (settings.UPLOAD_CASE_BYTES - taken, settings.UPLOAD_CASE_FILES - 2)
    settings.UPLOAD_CASE_FILES = 2
    assert services.room_of(case).files == 0
