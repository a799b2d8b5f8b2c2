"""What was signed, granted or begun stays as it was, whoever asks the database otherwise."""

from uuid import uuid4

import pytest
from django.db import InternalError, transaction

from secondop.cases.access import Access, Right, grant
from secondop.cases.models import Case, Consent
from secondop.catalog.models import ConsentText
from secondop.web.clock import now
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent():
    """A signed consent, as rows that one may try to change."""
    case = make_case()
    text = ConsentText.objects.create(kind="follow_up", version=1, title="Follow-up", body="You may ask me.")
    body, sha256 = text.filled()
    made = case.consents.create(text=text, given=True, body=body, body_sha256=sha256, typed_name="Pat", by=case.patient)
    return Consent.objects.filter(pk=made.pk)


def refused(change):
    """Whether the database refuses ``change``."""
    try:
        with transaction.atomic():
            change()
    except InternalError:
        return True
    return False


def test_a_consent_is_taken_back_once_and_stays_so(consent):
    assert not refused(lambda: consent.update(revoked_at=now()))
    assert refused(lambda: consent.update(revoked_at=None))
    assert refused(lambda: consent.update(revoked_at=now()))
    assert refused(lambda: consent.update(revoked_by=make_user()))
    assert consent.get().revoked_at is not None


def test_no_consent_is_deleted(consent):
    assert refused(consent.delete)
    assert refused(lambda: consent.get().case.delete())
    assert consent.exists()


def rest_of(rows, **columns):
    """The names of the other columns, after the database has refused to change each of ``columns`` in the single row of ``rows``."""
    for name, value in columns.items():
        assert refused(lambda name=name, value=value: rows.update(**{name: value})), name
    return rows.values().get().keys() - columns.keys() - {"id"}


def test_nothing_else_of_a_consent_changes(consent):
    other = make_case()
    text = ConsentText.objects.create(kind="follow_up", version=2, title="Follow-up", body="You may call me.")
    signed = {"given": False, "body": "x", "body_sha256": "0" * 64, "typed_name": "x", "at": now(), "ip": "192.0.2.9", "agent": "x"}
    whose = {"case_id": other.pk, "text_id": text.pk, "by_id": other.patient_id}
    assert rest_of(consent, **signed, **whose) == {"source_id", "revoked_at", "revoked_by_id"}


def test_the_words_of_a_consent_do_not_change(consent):
    text = ConsentText.objects.filter(pk=consent.get().text_id)
    words = {"title": "x", "body": "x", "kind": "research", "version": 9, "required": True, "since": now().date().replace(year=2020)}
    assert rest_of(text, **words) == set()


def test_a_right_ends_and_never_becomes_another():
    case, other = make_case(), make_case()
    rows = Access.objects.filter(pk=grant(case, make_user(), Right.STATUS, "family").pk)
    changes = {"case_id": other.pk, "user_id": other.patient_id, "right": "own", "since": case.created_at, "reason": "x"}
    assert rest_of(rows, **changes) == {"role", "until", "given_by_id"}
    by_role = case.access.filter(role="coordinator")
    assert refused(lambda: by_role.update(role="lead"))
    assert not refused(lambda: rows.update(until=now()))


def test_a_case_stays_the_same_persons_under_the_same_reference():
    case, other = make_case(), make_case()
    rows = Case.objects.filter(pk=case.pk)
    rest_of(rows, uid=uuid4(), reference="SO-AAAA-AAAA", patient_id=other.patient_id, created_at=now())
