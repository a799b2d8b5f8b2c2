"""The hash chain: it finds every kind of tampering, and loses no row of a slow or a concurrent writer."""

import random
import time
import uuid
from threading import Event, Semaphore, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from secondop.audit import chain
from secondop.audit.models import Entry, Seal
from secondop.audit.services import record, seal, unsealed_since, verify
from tests.servers import LONG


def tamper(sql: str, *values: object) -> None:
    """Run a statement as somebody who may switch the triggers off."""
    with connection.cursor() as cursor:
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        for table in ("audit_entry", "audit_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def log(db):
    """Nine entries in three seals, with a number left out in the middle of each; the numbers in order."""
    for _ in range(3):
        for number in range(3):
            if number == 1:
                with transaction.atomic():
                    record("never.happened")
                    transaction.set_rollback(True)
            record("case.read", case_uid=uuid.uuid4(), target=f"record:{number}", detail={"pages": [number, 1.5, "ä"]})
        assert seal() == 3
    assert verify() == []
    return list(Entry.objects.order_by("seq").values_list("seq", flat=True))


ALTERATIONS = {
    "at": "at + interval '1 microsecond'",
    "actor_id": "12345",
    "action": "'case.nothing'",
    "case_uid": "gen_random_uuid()",
    "patient_id": "7",
    "target": "'record:9'",
    "outcome": "'refused'",
    "ip": "'203.0.113.1'",
    "agent": "'another'",
    "detail": """'{"pages": [0]}'""",
}


@pytest.mark.parametrize("column", ALTERATIONS)
def test_an_altered_column_is_found(log, column):
    assert set(ALTERATIONS) == {field.column for field in Entry._meta.fields} - {"seq"}
    tamper(f"UPDATE audit_entry SET {column} = {ALTERATIONS[column]} WHERE seq = %s", log[4])
    assert verify() == [f"entry {log[4]} is altered"]


def test_removed_and_inserted_rows_are_found(log):
    tamper("DELETE FROM audit_entry WHERE seq = %s", log[0])
    gap = log[4] - 1
    assert gap not in log
    Entry.objects.create(seq=gap, at=Entry.objects.get(seq=log[1]).at, action="case.read")
    assert verify() == [f"entry {log[0]} is missing", f"entry {gap} was inserted afterwards"]


def test_a_row_before_the_first_and_between_two_seals_is_found(log):
    between = log[3] - 1 if log[3] - 1 not in log else log[3] + 1
    Entry.objects.create(seq=between, at=Entry.objects.first().at, action="case.read")
    Entry.objects.create(seq=log[0] - 1000, at=Entry.objects.first().at, action="case.read")
    assert f"entry {between} was inserted afterwards" in verify()


def test_swapped_numbers_are_found(log):
    tamper("UPDATE audit_entry SET seq = -seq WHERE seq IN (%s, %s)", log[1], log[2])
    tamper("UPDATE audit_entry SET seq = CASE seq WHEN %s THEN %s ELSE %s END WHERE seq < 0", -log[1], log[2], log[1])
    assert verify() == [f"entry {log[1]} is altered", f"entry {log[2]} is altered"]


@pytest.mark.parametrize(
    "change", ["hash = repeat('a', 64)", "count = 2", "first_seq = 0", "previous = repeat('b', 64)", "index = '\\x00'"]
)
def test_an_altered_seal_is_found(log, change):
    middle = Seal.objects.order_by("pk")[1]
    tamper(f"UPDATE audit_seal SET {change} WHERE id = %s", middle.pk)
    assert any(f"seal {middle.pk} " in problem for problem in verify())


def test_a_removed_seal_is_found_and_so_is_a_seal_made_anew_over_altered_rows(log):
    first, middle, last = Seal.objects.order_by("pk")
    tamper("UPDATE audit_entry SET action = 'case.nothing' WHERE seq = %s", log[4])
    index = b"".join(chain.ROW.pack(one.seq, chain.digest(one)) for one in Entry.objects.filter(seq__in=log[3:6]).order_by("seq"))
    tamper("UPDATE audit_seal SET index = %s, hash = %s WHERE id = %s", index, chain.chain(first.hash, index), middle.pk)
    assert verify() == [f"the seal before seal {last.pk} ({last.first_seq} to {last.last_seq}) is missing or altered"]
    tamper("DELETE FROM audit_seal WHERE id = %s", middle.pk)
    assert f"the seal before seal {last.pk} ({last.first_seq} to {last.last_seq}) is missing or altered" in verify()


def test_the_command_tells_and_fails(log, capsys):
    call_command("verify_audit")
    assert f"9 sealed entries hold; newest seal: {Seal.objects.order_by('pk').last().hash}" in capsys.readouterr().out
    tamper("DELETE FROM audit_entry WHERE seq = %s", log[8])
    with pytest.raises(CommandError, match=f"entry {log[8]} is missing"):
        call_command("verify_audit")


def test_batches_are_limited_and_the_lag_is_known(log):
    assert unsealed_since() is None
    entries = [record("case.read") for _ in range(5)]
    assert unsealed_since() == entries[0].at
    assert [seal(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert verify() == []


def in_thread(work, *args) -> Thread:
    """Run ``work`` on a thread with a database connection of its own."""

    def run():
        try:
            work(*args)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_a_lower_number_that_commits_late_is_waited_for():
    written, go_on = Event(), Event()

    def slow_writer():
        with transaction.atomic():
            record("slow")
            written.set()
            assert go_on.wait(LONG)

    thread = in_thread(slow_writer)
    assert written.wait(LONG)
    fast = record("fast")
    assert seal(patience=0.2) == 0, "sealed although a lower number may still commit"
    in_thread(lambda: (time.sleep(0.3), go_on.set()))
    assert seal(patience=LONG) == 2
    thread.join()
    assert Seal.objects.get().last_seq == fast.seq
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_writers_that_begin_later_are_not_waited_for():
    """They write hand over hand, one beginning before the one before ends, until the seal is there: there is no moment without one."""
    record("early")
    begun, sealed, turns = Event(), Event(), (Semaphore(0), Semaphore(0))

    def write(mine: int):
        while not sealed.is_set():
            with transaction.atomic():
                record("later")
                begun.set()
                turns[mine].release()
                assert turns[not mine].acquire(timeout=LONG)
        turns[mine].release()

    def write_second():
        assert turns[0].acquire(timeout=LONG)
        write(1)

    threads = [in_thread(write, 0), in_thread(write_second)]
    assert begun.wait(LONG)
    try:
        assert seal(patience=LONG) >= 1
    finally:
        sealed.set()
    [thread.join() for thread in threads]


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sealers_lose_and_double_nothing():
    done, sealed = Event(), []

    def write(seed: int):
        dice = random.Random(seed)
        for _ in range(40):
            with transaction.atomic():
                record("case.read", target=str(seed))
                time.sleep(dice.random() / 200)
                transaction.set_rollback(dice.random() < 0.2)

    def keep_sealing():
        while not done.is_set():
            sealed.append(seal(limit=7))

    sealers, writers = [in_thread(keep_sealing) for _ in range(2)], [in_thread(write, seed) for seed in range(4)]
    [thread.join() for thread in writers]
    done.set()
    [thread.join() for thread in sealers]
    while count := seal():
        sealed.append(count)
    assert sum(sealed) == Entry.objects.count() == sum(Seal.objects.values_list("count", flat=True)) > 80
    assert verify() == []
