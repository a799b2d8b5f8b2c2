"""Erasing a case: which rows go with it, what refuses to go otherwise, and what is left."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import InternalError, models, transaction

from delivery.services import open_opinion
from opinions.models import Answer, Evidence, GridRow, Opinion, Option, PrivateNote
from secondop.audit.models import Entry
from secondop.cases import messages
from secondop.cases.erasing import erase, let_go
from secondop.cases.models import Case, Consent, JournalEntry, Message
from secondop.cases.models.kept import SETTING
from secondop.catalog.models import ConsentText
from secondop.documents.models import Document
from secondop.notices.models import Notice
from secondop.vault.models import Bond, CaseKey, StoredFile
from secondop.web.clock import now
from tests.opinions.written import released
from tests.vault.conftest import folder
from tracking.models import Helper

pytestmark = pytest.mark.django_db
# What names a case by its uid alone, and what erasing does about it.
BY_UID = {Notice: "deleted", StoredFile: "deleted", CaseKey: "emptied", Bond: "kept", Entry: "kept"}
KEPT = (Message, JournalEntry, Consent, Opinion, Answer, GridRow, Option, Evidence)


def links() -> Iterator[tuple[type[models.Model], Any]]:
    """Every foreign key of the project's models, with the model that has it."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.remote_field:
                yield model, field


def owned() -> dict[type[models.Model], str]:
    """The models whose rows belong to a case, with the way from such a row to the number of its case."""
    found = {Case: "pk"}
    while True:
        more = {
            model: f"{field.name}__{found[field.related_model]}"
            for model, field in links()
            if model not in found and field.related_model in found and field.remote_field.on_delete is models.CASCADE
        }
        if not more:
            return found
        found |= more


def rows_of(pk: int) -> Counter[str]:
    """How many rows of each model belong to the case of the number ``pk``."""
    return Counter({model._meta.label: model._base_manager.filter(**{path: pk}).count() for model, path in owned().items()})


def told(case):
    """A delivered case with something of nearly everything that a case can have."""
    ask = case.asks.create(opened_by=case.owner, due_at=now(), status="answered")
    ask.items.create(text="Which pills?", answer="The blue ones.")
    message = messages.write(case, by=case.patient, text="Thank you.")
    messages.mark_read(case, case.owner, message)
    PrivateNote.objects.create(case=case, author=case.specialist, text="A careful person.")
    Helper.objects.create(case=case, email="a@example.org", full_name="A", rights=[], secret_hash=str(case.uid), invited_by=case.patient)
    open_opinion(case, by=case.patient)
    return case


@pytest.fixture
def case(signed_consent):
    """A delivered case with all its rows."""
    found, _ = released()
    signed_consent(found)
    return told(Case.objects.get(pk=found.pk))


@pytest.fixture
def signed_consent():
    """Writes a signed consent into a case."""
    text = ConsentText.objects.create(kind="follow_up", version=1, title="Follow-up", body="You may ask me.")

    def sign(case):
        body, sha256 = text.filled()
        source = case.sources.create(name="Mercy", how="upload")
        case.consents.create(text=text, source=source, given=True, body=body, body_sha256=sha256, typed_name="P", by=case.patient)

    return sign


def test_all_that_belongs_to_a_case_goes_with_it_and_nothing_of_another(case, signed_consent, django_capture_on_commit_callbacks):
    other = released()[0]
    signed_consent(other)
    told(other)
    before, theirs = rows_of(case.pk), rows_of(other.pk)
    filled = {label for label, count in before.items() if count}
    assert {model._meta.label for model in (*KEPT, Document, PrivateNote, Helper)} <= filled
    with django_capture_on_commit_callbacks(execute=True):
        assert erase(case, by=case.patient)
    assert not any(rows_of(case.pk).values())
    assert rows_of(other.pk) == theirs
    assert CaseKey.objects.get(case_uid=case.uid).destroyed_at
    assert not CaseKey.objects.get(case_uid=other.uid).destroyed_at
    for model in (Notice, StoredFile):
        assert not model.objects.filter(case_uid=case.uid).exists()
        assert model.objects.filter(case_uid=other.uid).exists()


def test_no_file_of_it_stays_on_the_disk(case, django_capture_on_commit_callbacks):
    assert list(folder(case.uid).rglob("*.part"))
    with django_capture_on_commit_callbacks(execute=True):
        erase(case, by=None)
    assert not folder(case.uid).exists()


def test_the_audit_log_says_that_it_happened(case):
    entries = Entry.objects.filter(case_uid=case.uid)
    before = entries.count()
    assert before
    erase(case, by=case.patient, reason="asked")
    row = entries.get(action="case.erase")
    assert (row.actor_id, row.patient_id, row.target, row.at.date()) == (case.patient_id, case.patient_id, "asked", now().date())
    assert entries.count() == before + 1


def test_a_case_is_erased_once(case):
    assert erase(case, by=None)
    assert not erase(case, by=None)
    assert Entry.objects.filter(action="case.erase").count() == 1


def refused(change) -> bool:
    """Whether a trigger of the database refuses ``change``."""
    try:
        with transaction.atomic():
            change()
    except InternalError:
        return True
    return False


def kept_rows(case) -> list[models.QuerySet]:
    """The rows of the case that the triggers keep, by model."""
    found = [model._base_manager.filter(**{owned()[model]: case.pk}) for model in KEPT]
    assert all(rows.exists() for rows in found)
    return found


def test_while_a_case_is_erased_its_rows_alone_may_be_deleted(case, signed_consent):
    other = released()[0]
    signed_consent(other)
    told(other)
    for rows in kept_rows(case):
        assert refused(lambda rows=rows: rows._raw_delete(rows.db)), rows.model
    with let_go(case.uid):
        for rows in kept_rows(other):
            assert refused(lambda rows=rows: rows._raw_delete(rows.db)), rows.model
        for rows in reversed(kept_rows(case)):
            if rows.model is not Opinion:  # documents and parts still lead to it
                assert rows._raw_delete(rows.db), rows.model
    for rows in kept_rows(other):
        assert refused(lambda rows=rows: rows._raw_delete(rows.db)), rows.model


def test_while_a_case_is_erased_its_rows_are_not_changed(case):
    changes = {Consent: "typed_name", JournalEntry: "note", Message: "text", Opinion: "bottom_line"}
    with let_go(case.uid):
        for rows in kept_rows(case):
            column = changes.get(rows.model, "note" if rows.model is GridRow else "name" if rows.model is Option else "text")
            assert refused(lambda rows=rows, column=column: rows.update(**{column: "x"})), rows.model
        opinion = Opinion.objects.get(case=case)
        assert refused(lambda: opinion.options.create(position=9, name="x"))


def test_the_name_of_a_case_opens_nothing_in_the_next_transaction(case):
    with transaction.atomic():
        with let_go(case.uid):
            pass
        assert refused(lambda: case.messages.all()._raw_delete("default"))
    assert refused(lambda: case.messages.all()._raw_delete("default"))


def test_no_model_is_forgotten():
    """A new model of a case either goes by a cascade, or is one that the table above names."""
    known = owned()
    assert len(known) > 20
    for model, field in links():
        if field.related_model in known and model not in known:
            raise AssertionError(f"{model._meta.label}.{field.name} would outlive its case or keep it from being erased")
    by_uid = {model for model in apps.get_models() for field in model._meta.local_fields if field.name.endswith("case_uid")}
    assert by_uid == set(BY_UID)


def test_what_refuses_to_be_deleted_lets_the_erasing_through():
    keeping = [
        (model, trigger)
        for model in owned()
        for trigger in getattr(model._meta, "triggers", [])
        if "DELETE" in str(trigger.operation).upper()
    ]
    assert {model for model, _ in keeping} >= set(KEPT)
    for model, trigger in keeping:
        assert SETTING in str(trigger.get_func(model)), trigger.name
