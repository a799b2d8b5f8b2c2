"""What was signed stays as it was signed, whoever asks the database otherwise."""

import pytest
from django.db import InternalError, transaction

from secondop.cases.models import Consent
from secondop.catalog.models import ConsentText
from secondop.web.clock import now
from tests.factories import make_case

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
    assert consent.get().revoked_at is not None


def test_no_consent_is_deleted(consent):
    assert refused(consent.delete)
    assert refused(lambda: consent.get().case.delete())
    assert consent.exists()
