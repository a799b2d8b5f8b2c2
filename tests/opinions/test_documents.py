"""The PDF of a signed version: made once, by one worker, tried again when it fails, and never hostile."""

import io
import sys
from datetime import timedelta

import pypdf
import pytest
from django.test import override_settings
from django.urls import reverse

from opinions import tasks
from opinions.letter import letter, letter_of
from opinions.models import Letter, Opinion
from opinions.services import checking
from opinions.services.drafts import TEXT
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Brief
from secondop.documents import services as documents
from secondop.notices.models import Notice
from secondop.vault import services as vault
from secondop.vault.models import StoredFile
from secondop.web.clock import now, shifted
from tests.documents.test_renderer import listener, payloads  # noqa: F401 (a fixture)
from tests.opinions.written import full_text, ready_document, signed

pytestmark = pytest.mark.django_db


def stored_bytes(document):
    """What the vault holds of a document."""
    return b"".join(vault.read(document.stored))


def text_of(pdf):
    """All text of a PDF, page by page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def job(opinion):
    """The document as the database has it."""
    return Letter.objects.get(opinion=opinion)


def test_the_letter_is_stored_whole_with_its_hash():
    case, opinion = signed(major=True, reasoning="Because of the scan.\n\n" * 60)
    tasks.render(opinion.document.pk)
    document = job(opinion)
    pdf = stored_bytes(document)
    assert document.status == "ready" and document.size == len(pdf) and documents.is_intact(job(opinion))
    pages = text_of(pdf)
    whole = " ".join(" ".join(pages).split())
    for words in (
        case.reference,
        str(case.patient),
        opinion.bottom_line,
        "Is the operation needed?",
        "Differ in a major way",
        opinion.code,
        opinion.sha256,
    ):
        assert words in whole
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)) and len(pages) > 1
    assert all(case.reference in page for page in pages)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert case.reference in reader.metadata.title and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert case.journal.filter(event="pdf_ready").count() == 1


@pytest.mark.parametrize(("for_whom", "is_named"), [("other", True), ("self", False)])
def test_a_name_counts_only_while_somebody_is_asked_for(client, for_whom, is_named):
    case, opinion = signed()
    Brief.objects.filter(case=case).update(for_whom=for_whom, subject_name="Tim Example", relationship="parent")
    case.refresh_from_db()
    client.force_login(case.owner)
    letter_of_it, desk = letter(Opinion.objects.get(pk=opinion.pk)), client.get(reverse("routing:case", args=[case.uid]))
    assert ("Tim Example" in letter_of_it, "Tim Example" in desk.content.decode()) == (is_named, is_named)
    assert (str(case.patient) in letter_of_it) is not is_named


def test_twice_is_one_file():
    _, opinion = signed(pdf=True)
    first = job(opinion).stored_id
    assert documents.render(opinion.document.pk, letter_of)
    documents.keep(opinion.document, b"%PDF another worker was slower")
    assert job(opinion).stored_id == first and StoredFile.objects.filter(status="stored").count() == 1


def test_one_worker_at_a_time_until_its_lease_ends():
    _, opinion = signed()
    first, lease = documents.take(opinion.document.pk)
    assert first and documents.take(opinion.document.pk)[0] is None
    assert documents.sweep() == 0
    with shifted(documents.LEASE + timedelta(seconds=1)):
        assert documents.sweep() == 1
        second, later = documents.take(opinion.document.pk)
        assert second and later > lease
        documents.fail(opinion.document.pk, lease, "the first worker comes back too late")
        assert job(opinion).error == "" and job(opinion).attempts == 2


def fail_until_it_gives_up(opinion):
    """Let every try fail, each at its time; returns how long the tries took."""
    spent = timedelta()
    while job(opinion).status == "queued":
        with shifted(spent):
            assert not documents.render(opinion.document.pk, letter_of)
        spent = job(opinion).next_try_at - now() + timedelta(seconds=1)
    return spent


def test_a_failing_renderer_is_tried_five_times_then_told_and_can_be_retried(monkeypatch):
    case, opinion = signed()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        documents.render(opinion.document.pk, letter_of)
        waiting = job(opinion)
        assert (waiting.status, waiting.attempts) == ("queued", 1) and "failed" in waiting.error
        assert waiting.next_try_at > now() and not documents.render(waiting.pk, letter_of) and job(opinion).attempts == 1
        fail_until_it_gives_up(opinion)
    assert not documents.is_intact(job(opinion))
    assert (job(opinion).status, job(opinion).attempts) == ("failed", documents.TRIES)
    assert case.journal.filter(event="pdf_failed").count() == 1
    assert Notice.objects.filter(kind="pdf_failed", recipient=case.owner).count() == 1
    with pytest.raises(NotAllowed):
        checking.remake(case, by=opinion.author, version=1)
    checking.remake(case, by=case.owner, version=1)
    assert documents.render(opinion.document.pk, letter_of) and documents.is_intact(job(opinion))
    with pytest.raises(Refused):
        checking.remake(case, by=case.owner, version=1)


def test_a_full_or_missing_disk_is_a_failure_with_a_reason(tmp_path):
    _, opinion = signed()
    (tmp_path / "file").write_text("not a folder")
    with override_settings(VAULT_DIR=tmp_path / "file"):
        assert not documents.render(opinion.document.pk, letter_of)
    assert job(opinion).status == "queued" and job(opinion).error
    with shifted(documents.PAUSES[0] + timedelta(seconds=1)):
        assert documents.render(opinion.document.pk, letter_of)


def test_a_worker_that_is_always_killed_is_given_up_too():
    case, opinion = signed()
    for n in range(documents.TRIES + 1):
        with shifted(n * (documents.LEASE + timedelta(seconds=1))):
            documents.take(opinion.document.pk)
    assert job(opinion).status == "failed" and job(opinion).error == documents.LOST
    assert case.journal.filter(event="pdf_failed").exists()


def test_stored_bytes_that_changed_are_not_intact():
    _, opinion = signed()
    ready_document(opinion)
    assert documents.is_intact(job(opinion))
    Letter.objects.update(sha256="0" * 64)
    assert not documents.is_intact(job(opinion))


def hostile(address, draft):
    """A write-up with a payload in every field that takes text."""
    bad = iter(payloads(address) * 9)
    whole = full_text(major=True)
    limits = {field.name: field.max_length or 200 for field in Opinion._meta.concrete_fields}
    whole.fields |= {name: next(bad)[: limits[name]] for name in TEXT if isinstance(getattr(draft, name), str) and name not in KEPT}
    whole.answers[0] |= {"text": next(bad), "why": next(bad)[:1000]}
    whole.grid[4]["note"] = next(bad)
    whole.options = [dict.fromkeys(("name", "benefit", "harm", "burden", "certainty", "fit"), next(bad)[:200])]
    whole.evidence = [{"text": next(bad)[:500], "url": address if address.startswith("http") else ""}]
    return whole


KEPT = {"strength", "urgency", "icd10", "first_read"}


def test_hostile_text_in_every_field_reaches_nothing(listener, tmp_path):  # noqa: F811
    address, asked = listener
    secret = tmp_path / "secret"
    secret.write_text("a-secret-file")
    for place in (f"{address}/hit", secret.as_uri()):
        case, opinion = signed(text=lambda draft, place=place: hostile(place, draft))
        case.patient.full_name = payloads(place)[0][:120]
        case.patient.save()
        assert documents.render(opinion.document.pk, letter_of), job(opinion).error
        pdf = stored_bytes(job(opinion))
        assert b"a-secret-file" not in pdf and not pypdf.PdfReader(io.BytesIO(pdf)).attachments
        assert "<img src=" in " ".join(text_of(pdf))
    assert asked == []
