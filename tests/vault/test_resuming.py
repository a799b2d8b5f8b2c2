"""Files written in several goes: nothing that was sealed is lost or doubled, whatever breaks off in between."""

import hashlib
import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secondop.vault.models import Status, StoredFile, Unfinished
from secondop.vault.resuming import LEASE
from secondop.vault.services import Busy, Filling, Gone, KeyDestroyed, StorageFull, begin, collect_abandoned, destroy_key, read
from secondop.web.clock import now, shifted

from .conftest import folder, part

SMALL = 64  # bytes a part, so that small examples have many
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
WEEK = timedelta(days=7)
ENDS = st.sampled_from(["pause", "crash", "crash before the database knows"])


def begun(case_uid, length) -> StoredFile:
    """A file of small parts, of which nothing has come yet."""
    file = begin(case_uid, length, now() + WEEK)
    StoredFile.objects.filter(pk=file.pk).update(part_size=SMALL)
    return file


def crash(filling: Filling) -> None:
    """Let go of a file as a killed server does: not at all; its lease runs out."""
    Unfinished.objects.filter(file=filling.file).update(taken_until=now() - LEASE)


def go(file: StoredFile, whole: bytes, count: int, ending: str) -> None:
    """Write the next ``count`` bytes, and end in this way."""
    filling = Filling(file.uid)
    known = filling.offset
    filling.write(whole[known : known + count])
    if ending == "pause":
        filling.pause()
    if ending == "crash before the database knows":
        kept = StoredFile.objects.filter(pk=file.pk).values("size", "parts").get()
        filling.pause()
        StoredFile.objects.filter(pk=file.pk).update(**kept)
    crash(filling)


@quick
@given(whole=st.binary(min_size=1, max_size=5 * SMALL), goes=st.lists(st.tuples(st.integers(0, 3 * SMALL), ENDS), max_size=8))
def test_a_file_that_came_in_any_goes_is_like_any_other(case_uid, whole, goes):
    file = begun(case_uid, len(whole))
    for count, ending in goes:
        go(file, whole, count, ending)
    with Filling(file.uid) as filling:
        filling.write(whole[filling.offset :])
        stored = filling.finish()
    stored = StoredFile.objects.get(pk=stored.pk)
    assert (stored.size, stored.sha256, stored.parts) == (len(whole), hashlib.sha256(whole).hexdigest(), -(-len(whole) // SMALL))
    assert b"".join(read(stored)) == whole
    assert not Unfinished.objects.filter(file=stored).exists()
    with pytest.raises(Gone):
        Filling(file.uid)


def test_all_but_the_part_on_its_way_outlives_a_crash(case_uid):
    file = begun(case_uid, 10 * SMALL)
    filling = Filling(file.uid)
    filling.write(os.urandom(3 * SMALL + 5))
    crash(filling)
    assert Filling(file.uid).offset == 3 * SMALL


def test_one_writes_at_a_time_and_who_wakes_up_later_writes_nothing(case_uid):
    file, whole = begun(case_uid, 3 * SMALL), os.urandom(3 * SMALL)
    first = Filling(file.uid)
    first.write(whole[:10])
    with pytest.raises(Busy):
        Filling(file.uid)
    with shifted(LEASE + timedelta(seconds=1)):
        second = Filling(file.uid)
        second.write(whole[:SMALL])
        for late in (lambda: first.write(b"x" * SMALL), first.pause):
            with pytest.raises(Gone):
                late()
        second.write(whole[SMALL:])
        assert b"".join(read(second.finish())) == whole


def test_more_than_was_announced_is_not_written(case_uid):
    with Filling(begun(case_uid, 5).uid) as filling, pytest.raises(ValueError, match="announced"):
        filling.write(b"123456")


def test_a_full_disk_loses_only_what_was_on_its_way(case_uid):
    file, whole = begun(case_uid, 3 * SMALL), os.urandom(3 * SMALL)
    blocked = part(file, 1).with_suffix(".tmp")
    blocked.symlink_to("/dev/full")
    with pytest.raises(StorageFull), Filling(file.uid) as filling:
        filling.write(whole)
    blocked.unlink()
    with Filling(file.uid) as filling:
        assert filling.offset == SMALL
        filling.write(whole[SMALL:])
        assert b"".join(read(filling.finish())) == whole


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[::-1])])
@pytest.mark.parametrize("full", [0, 2])
def test_a_damaged_end_comes_again_and_nothing_else(case_uid, harm, full):
    file, whole = begun(case_uid, 4 * SMALL), os.urandom(4 * SMALL)
    go(file, whole, full * SMALL + 5, "pause")
    harm(part(file, full))
    with Filling(file.uid) as filling:
        assert filling.offset == full * SMALL
    assert StoredFile.objects.get(pk=file.pk).size == full * SMALL, "as whoever asks is told"
    go(file, whole, len(whole), "pause")
    with Filling(file.uid) as filling:
        assert b"".join(read(filling.finish())) == whole


def test_erasing_the_case_ends_the_writing(case_uid, django_capture_on_commit_callbacks):
    file = begun(case_uid, SMALL)
    filling = Filling(file.uid)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_key(case_uid)
    for attempt in (lambda: filling.write(bytes(SMALL)), filling.finish, lambda: Filling(file.uid), lambda: begin(case_uid, 1, now())):
        with pytest.raises((Gone, KeyDestroyed)):
            attempt()
    assert not folder(case_uid).exists()


def test_it_is_kept_as_long_as_it_may_be_resumed_and_no_longer(case_uid):
    file = begun(case_uid, 5)
    with shifted(WEEK - timedelta(hours=1)):
        assert collect_abandoned() == 0
    with shifted(WEEK + timedelta(hours=1)):
        assert collect_abandoned() == 1
    assert StoredFile.objects.get(pk=file.pk).status == Status.DISCARDED
