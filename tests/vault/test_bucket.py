"""The vault in a bucket, on a running server of S3: all that it promises on a disk, and no address of any file."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from secondop.vault.checks import storage
from secondop.vault.models import Status, StoredFile
from secondop.vault.services import (
    Damaged,
    StorageDown,
    StorageFull,
    Writer,
    collect_abandoned,
    destroy_key,
    discard,
    put,
    read,
)
from secondop.vault.stores import s3, store
from secondop.web.clock import shifted
from tests.servers import S3Server

SMALL = 64
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running server."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(vault, settings, server) -> Path:
    """The vault is in the server's bucket; gives the folder in which the server keeps it."""
    prefix = str(uuid4())
    settings.VAULT_S3_URL = f"{server.url}/{prefix}"
    return server.folder / "vault" / "site" / prefix


def store_in_parts(case_uid, whole: bytes) -> StoredFile:
    """A file of small parts."""
    with Writer(case_uid, part_size=SMALL) as file:
        file.write(whole)
        return file.finish()


def objects(bucket, case_uid) -> list[Path]:
    """What the server keeps of a case."""
    return sorted(path for path in (bucket / str(case_uid)).rglob("*") if path.is_file())


def test_what_goes_in_comes_out_sealed_in_the_bucket_and_nowhere_else(bucket, case_uid, vault):
    whole = os.urandom(5 * SMALL) + b"MARKER"
    stored = store_in_parts(case_uid, whole)
    assert b"".join(read(stored)) == whole
    assert b"".join(read(stored, 70, 200)) == whole[70:200]
    kept = objects(bucket, case_uid)
    assert [path.name for path in kept] == [f"{index}.part" for index in range(6)]
    assert not any(b"MARKER" in path.read_bytes() for path in kept)
    assert not vault.exists()
    assert store().sizes(case_uid, stored.uid) == {index: path.stat().st_size for index, path in enumerate(kept)}


@pytest.mark.parametrize("harm", ["lost", "cut", "swapped"])
def test_damage_is_found(bucket, case_uid, harm):
    stored = store_in_parts(case_uid, os.urandom(4 * SMALL))
    first, second = objects(bucket, case_uid)[:2]
    if harm == "lost":
        second.unlink()
    elif harm == "cut":
        second.write_bytes(second.read_bytes()[:-1])
    else:
        second.write_bytes(first.read_bytes())
    with pytest.raises(Damaged):
        b"".join(read(stored))


def test_what_is_discarded_erased_or_abandoned_leaves_the_bucket(bucket, case_uid, django_capture_on_commit_callbacks):
    one, two, other = put(case_uid, b"one"), put(case_uid, b"two"), put(uuid4(), b"other")
    with django_capture_on_commit_callbacks(execute=True):
        discard(one)
    assert len(objects(bucket, case_uid)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        destroy_key(case_uid)
    assert objects(bucket, case_uid) == []
    crashed = Writer(other.case_uid, part_size=SMALL)
    crashed.write(bytes(3 * SMALL))
    assert collect_abandoned() == 0
    with shifted(timedelta(days=1, minutes=1)):
        assert collect_abandoned() == 1
    assert StoredFile.objects.get(pk=crashed.file.pk).status == Status.DISCARDED
    assert b"".join(read(other)) == b"other" and two.uid not in {lying.file_uid for lying in store().lying()}


def test_a_server_that_is_away_is_the_systems_trouble_and_keeps_nothing(bucket, case_uid, client, server, settings):
    stored = put(case_uid, b"kept")
    assert client.get("/readyz").json()["storage"] == "ok"
    server.stop()
    try:
        for attempt in (lambda: put(case_uid, b"x"), lambda: read(stored)):
            with pytest.raises(StorageDown, match="does not answer") as caught:
                attempt()
            assert "secret" not in str(caught.value)
        assert client.get("/readyz").json()["storage"] == "not writable"
        discard(stored)
        store().remove(case_uid)
    finally:
        server.start()
    assert StoredFile.objects.filter(status=Status.WRITING).count() == 0
    settings.VAULT_S3_URL = server.url.replace("/vault/", "/unknown/")
    with pytest.raises(StorageDown, match="NoSuchBucket"):
        put(case_uid, b"x")


def test_a_full_bucket_is_told_from_one_that_refuses():
    for code, kind in (("QuotaExceeded", StorageFull), ("AccessDenied", StorageDown)):
        with pytest.raises(StorageDown) as caught, s3._trouble():
            raise ClientError({"Error": {"Code": code}}, "PutObject")
        assert type(caught.value) is kind


def test_no_address_can_be_had(bucket, case_uid):
    with pytest.raises(RuntimeError, match="checks who asks"):
        store().storage.url("a")


def test_an_address_is_taken_apart():
    at = s3.address("https://AK:a%2Fb%2B@s3.example:9000/bucket/some/prefix?region=eu-1&style=virtual")
    assert at == ("https://s3.example:9000", "bucket", "some/prefix", "AK", "a/b+", "eu-1", "virtual")
    assert s3.address("http://[::1]:9/b") == ("http://[::1]:9", "b", "", None, None, None, "path")


WRONG = [
    "s3://bucket",
    "https://key:hidden@host",
    "https:///bucket",
    "https://key@host/bucket",
    "https://h:x/b",
    "https://h/b?size=1",
    "https://h/b?style=x",
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_said_at_the_start_without_its_secret(settings, url):
    settings.VAULT_S3_URL = url
    (found,) = storage()
    assert found.id == "vault.E003" and "hidden" not in f"{found}"


def test_two_places_at_once_are_refused(settings, tmp_path):
    settings.VAULT_S3_URL, settings.VAULT_DIR = "https://host/bucket", tmp_path
    assert [found.id for found in storage()] == ["vault.E004"]
    settings.VAULT_DIR = settings.VAR / "vault"
    assert storage() == []
    settings.VAULT_S3_URL = ""
    assert storage() == []
