"""Files in the vault: what goes in comes out, by any pieces and any range, and no change of a byte goes unseen."""

import hashlib
import os
import shutil
import tracemalloc
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secondop.vault import parts
from secondop.vault.models import CaseKey, Status, StoredFile
from secondop.vault.services import (
    Damaged,
    KeyDestroyed,
    StorageDown,
    StorageFull,
    Writer,
    bind,
    collect_abandoned,
    destroy_key,
    discard,
    ensure_key,
    put,
    read,
    writer,
)
from secondop.web.clock import shifted

from .conftest import folder, part

SMALL = 64  # bytes a part, so that small examples have many
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def store(case_uid, pieces) -> StoredFile:
    """A file of small parts, written in the given pieces."""
    with Writer(case_uid, part_size=SMALL) as file:
        for piece in pieces:
            file.write(piece)
        return file.finish()


def everything(stored: StoredFile) -> bytes:
    """All of a file, as the database and the disk have it now."""
    return b"".join(read(StoredFile.objects.get(pk=stored.pk)))


@quick
@given(pieces=st.lists(st.binary(max_size=200), max_size=8), data=st.data())
def test_any_pieces_come_back_by_any_range(case_uid, pieces, data):
    whole = b"".join(pieces)
    stored = store(case_uid, pieces)
    assert (stored.size, stored.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert stored.parts == max(1, -(-len(whole) // SMALL))
    assert everything(stored) == whole
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.none() | st.integers(start, len(whole) + 10))
    assert b"".join(read(stored, start, end)) == whole[start:end]


@quick
@given(size=st.integers(0, 4 * SMALL), data=st.data())
def test_a_flipped_bit_is_found_wherever_it_is(case_uid, size, data):
    stored = store(case_uid, [os.urandom(size)])
    path = part(stored, data.draw(st.integers(0, stored.parts - 1)))
    sealed = bytearray(path.read_bytes())
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(sealed)
    with pytest.raises(Damaged):
        everything(stored)


def swap(stored, other):
    """Exchange two parts."""
    first, second = part(stored, 0).read_bytes(), part(stored, 1).read_bytes()
    part(stored, 0).write_bytes(second)
    part(stored, 1).write_bytes(first)


def drop_in_the_middle(stored, other):
    """Lose a part and close the gap."""
    part(stored, 2).rename(part(stored, 1))


def cut_the_end(stored, other):
    """Lose the last part, and tell the database that there never was one."""
    part(stored, 3).unlink()
    StoredFile.objects.filter(pk=stored.pk).update(parts=3, size=3 * SMALL)


def cut_a_part(stored, other):
    """Lose the end of the last part, and tell the database."""
    path = part(stored, 3)
    path.write_bytes(path.read_bytes()[:-1])
    StoredFile.objects.filter(pk=stored.pk).update(size=4 * SMALL - 1)


def lengthen(stored, other):
    """Add another file's last part."""
    shutil.copy(part(other, 3), part(stored, 4))
    StoredFile.objects.filter(pk=stored.pk).update(parts=5, size=5 * SMALL)


def from_another_file(stored, other):
    """Take the same part of another file of the case."""
    shutil.copy(part(other, 1), part(stored, 1))


def lose(stored, other):
    """Lose a part."""
    part(stored, 2).unlink()


@pytest.mark.parametrize("harm", [swap, drop_in_the_middle, cut_the_end, cut_a_part, lengthen, from_another_file, lose])
def test_parts_that_are_not_where_they_were_are_found(case_uid, harm):
    stored, other = (store(case_uid, [os.urandom(4 * SMALL)]) for _ in range(2))
    harm(stored, other)
    with pytest.raises(Damaged):
        everything(stored)
    assert len(everything(other)) == 4 * SMALL


def test_a_file_of_another_case_does_not_open(case_uid):
    stored = put(case_uid, b"x")
    another = uuid4()
    ensure_key(another)
    StoredFile.objects.filter(pk=stored.pk).update(case_uid=another)
    shutil.copytree(folder(case_uid), folder(another))
    with pytest.raises(Damaged):
        everything(stored)


def test_damage_in_the_first_part_shows_before_anything_is_sent(case_uid):
    stored = store(case_uid, [bytes(4 * SMALL)])
    part(stored, 1).write_bytes(b"")
    with pytest.raises(Damaged):
        read(stored, SMALL)
    rest = read(stored)
    assert next(rest) == bytes(SMALL)
    with pytest.raises(Damaged):
        next(rest)


def test_a_range_opens_only_the_parts_it_lies_in(case_uid):
    stored = store(case_uid, [bytes(range(256))])
    for index in (0, 1, 3):
        part(stored, index).unlink()
    assert b"".join(read(stored, 2 * SMALL + 5, 3 * SMALL)) == bytes(range(2 * SMALL + 5, 3 * SMALL))
    for wrong in ((-1, 5), (5, 4), (257, None)):
        with pytest.raises(ValueError, match="outside"):
            read(stored, *wrong)


def test_nothing_readable_and_nothing_open_to_others_is_on_the_disk(case_uid, vault):
    stored = put(case_uid, b"MARKER of a patient" * 100)
    files = [path for path in vault.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"MARKER" not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (vault, *vault.rglob("*")) if path.is_dir()} == {0o700}
    assert str(stored.uid) in str(files[0])


def test_memory_does_not_grow_with_the_file(case_uid):
    piece = os.urandom(256 * 1024)
    put(case_uid, piece)
    tracemalloc.start()
    with writer(case_uid) as file:
        for _ in range(192):
            file.write(piece)
        stored = file.finish()
    assert sum(map(len, read(stored))) == stored.size == 48 * 1024 * 1024
    assert tracemalloc.get_traced_memory()[1] < 4 * parts.PART_SIZE
    tracemalloc.stop()


def test_the_same_bytes_never_look_the_same_twice(case_uid):
    one, two = put(case_uid, b"x" * 100), put(case_uid, b"x" * 100)
    assert part(one, 0).read_bytes() != part(two, 0).read_bytes()


def test_what_was_not_finished_leaves_nothing(case_uid, vault):
    with writer(case_uid) as file:
        file.write(bytes(parts.PART_SIZE + 1))
        assert list(vault.rglob("*.part"))
    assert not list(vault.rglob("*.part"))
    assert StoredFile.objects.get().status == Status.DISCARDED
    with pytest.raises(Damaged):
        read(StoredFile.objects.get())


def test_a_full_disk_says_so_and_leaves_nothing(case_uid, vault):
    file = Writer(case_uid, part_size=SMALL)
    part(file.file, 2).with_suffix(".tmp").symlink_to("/dev/full")
    file.write(bytes(3 * SMALL))
    with pytest.raises(StorageFull):
        file.write(b"one more")
    assert not [path for path in vault.rglob("*") if not path.is_dir()]
    assert StoredFile.objects.get().status == Status.DISCARDED
    assert everything(put(case_uid, b"a small file still fits")) == b"a small file still fits"


def test_a_disk_that_cannot_be_written_is_an_error_of_the_system(case_uid, settings):
    settings.VAULT_DIR = "/proc/vault"
    with pytest.raises(StorageDown, match="/proc/vault"):
        put(case_uid, b"x")
    assert StoredFile.objects.get().status == Status.DISCARDED


def test_a_discarded_file_is_gone_when_the_transaction_is(case_uid, vault, django_capture_on_commit_callbacks):
    stored = put(case_uid, b"x")
    with django_capture_on_commit_callbacks(execute=True):
        discard(stored)
        assert part(stored, 0).exists()
    assert not list(vault.rglob("*.part"))
    with pytest.raises(Damaged):
        everything(stored)


def test_a_destroyed_key_ends_every_file_of_the_case_and_of_no_other(case_uid, vault, django_capture_on_commit_callbacks):
    stored, other = put(case_uid, b"x"), put(uuid4(), b"y")
    copy = vault.parent / "backup"
    shutil.copytree(folder(case_uid), copy)
    half_written = writer(case_uid)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_key(case_uid)
    assert not folder(case_uid).exists()
    shutil.copytree(copy, folder(case_uid))
    StoredFile.objects.filter(pk=stored.pk).update(status=Status.STORED)
    key = CaseKey.objects.get(case_uid=case_uid)
    assert (bytes(key.wrapped), key.destroyed_at is not None) == (b"", True)
    for attempt in (lambda: everything(stored), lambda: writer(case_uid), lambda: ensure_key(case_uid), half_written.finish):
        with pytest.raises((KeyDestroyed, StorageDown)):
            attempt()
    assert everything(other) == b"y"


def test_a_copy_of_several_cases_dies_with_any_of_them_and_with_no_other(vault, django_capture_on_commit_callbacks):
    first, second, other, copy = uuid4(), uuid4(), uuid4(), uuid4()
    bind(copy, [first, second])
    stored, kept = put(copy, b"of both"), put(first, b"of the first")
    destroy_key(other)
    assert everything(stored) == b"of both"
    with django_capture_on_commit_callbacks(execute=True):
        destroy_key(second)
    stored.refresh_from_db()
    assert stored.status == Status.DISCARDED and not (vault / str(copy)).exists()
    for attempt in (lambda: read(stored), lambda: put(copy, b"again")):
        with pytest.raises(KeyDestroyed):
            attempt()
    assert everything(kept) == b"of the first"


def test_a_file_that_is_written_while_its_case_is_erased_is_not_stored(case_uid, vault):
    file = writer(case_uid)
    file.write(b"x")
    destroy_key(case_uid)
    with pytest.raises(KeyDestroyed):
        file.finish()
    assert not list(vault.rglob("*.part"))
    assert StoredFile.objects.get().status == Status.DISCARDED


def test_a_case_that_never_had_a_file_can_be_erased_for_good(case_uid):
    destroy_key(case_uid)
    with pytest.raises(KeyDestroyed):
        put(case_uid, b"x")


def test_what_crashes_left_behind_is_collected_after_a_day_and_nothing_else(case_uid, vault):
    kept, crashed, rolled_back = put(case_uid, b"kept"), Writer(case_uid, part_size=SMALL), None
    crashed.write(bytes(3 * SMALL))
    with transaction.atomic():
        rolled_back = put(case_uid, b"rolled back")
        transaction.set_rollback(True)
    (vault / "lost+found").mkdir()
    assert collect_abandoned() == 0
    assert part(rolled_back, 0).exists()
    with shifted(timedelta(days=1, minutes=1)):
        assert collect_abandoned() == 2
        assert collect_abandoned() == 0
    assert everything(kept) == b"kept"
    assert StoredFile.objects.get(pk=crashed.file.pk).status == Status.DISCARDED
    with suppress(StorageDown):
        crashed.write(bytes(3 * SMALL))
        crashed.finish()
    assert StoredFile.objects.get(pk=crashed.file.pk).status == Status.DISCARDED


def test_django_s_own_storage_takes_no_file():
    for attempt in (lambda: default_storage.save("a", None), lambda: default_storage.url("a"), lambda: default_storage.open("a")):
        with pytest.raises(RuntimeError, match="vault"):
            attempt()
