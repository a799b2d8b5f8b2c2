"""Writing the audit log: what a row holds, and that it stays."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from secondop.accounts.models import User
from secondop.audit.models import Entry, Seal
from secondop.audit.services import client_address, record, record_once, seal
from secondop.web.clock import now

pytestmark = pytest.mark.django_db


def test_a_row_says_who_what_where(django_assert_num_queries):
    user, case = User.objects.create_user("ana@example.org", full_name="Ana"), uuid.uuid4()
    request = RequestFactory().get("/", headers={"User-Agent": "Browser\x00\n" + "x" * 500}, REMOTE_ADDR="2001:db8::7")
    with django_assert_num_queries(1):
        entry = record("case.read", by=user, case_uid=case, patient_id=user.pk, target="a" * 300, request=request, detail={"n": 1})
    kept = Entry.objects.get(pk=entry.pk)
    assert (kept.actor, kept.case_uid, kept.patient_id, kept.ip, kept.detail) == (user, case, user.pk, "2001:db8::7", {"n": 1})
    assert (kept.outcome, len(kept.agent), len(kept.target)) == ("allowed", 200, 200)
    assert "\n" not in kept.agent


def test_a_row_outlives_its_actor():
    user = User.objects.create_user("gone@example.org", full_name="Gone")
    entry = record("case.read", by=user)
    key = user.pk
    user.delete()
    assert Entry.objects.get(pk=entry.pk).actor_id == key


def test_a_row_goes_with_its_transaction():
    with transaction.atomic():
        record("case.sign")
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("model", [Entry, Seal])
def test_rows_can_neither_be_changed_nor_deleted(model):
    record("case.read")
    seal()
    change = {"action": "x"} if model is Entry else {"count": 0}
    for attempt in (lambda: model.objects.update(**change), lambda: model.objects.all().delete(), lambda: model.objects.get().save()):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            attempt()
    assert model.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "not an address", None),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_our_proxies_reach(proxies, forwarded, address):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="10.0.0.1")
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert client_address(request) == address


def test_one_look_is_one_row_and_costs_no_more_on_a_case_with_many():
    user, case = User.objects.create_user("ana@example.org", full_name="Ana"), uuid.uuid4()
    old = [Entry(at=now() - timedelta(hours=1), actor=user, action="record.page", case_uid=case, target="a") for _ in range(3000)]
    Entry.objects.bulk_create(old)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_entry")
    with CaptureQueriesContext(connection) as asked:
        assert record_once("record.page", by=user, case_uid=case, target="a")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE) {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "audit_of_case" in plan and "Rows Removed by Filter: 3" not in plan, plan
    assert record_once("record.page", by=user, case_uid=case, target="a") is None
    assert record_once("record.page", by=user, case_uid=case, target="b")
