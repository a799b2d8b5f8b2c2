"""The opinion in the patient's hands: unseen until released, gently opened, readable ever after."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery import services
from delivery.models import Opening
from delivery.reading import minutes
from opinions.services import checking, signing
from opinions.services.drafts import start
from routing.services import offers, screening
from secondop.audit.models import Entry
from secondop.cases import services as kernel
from secondop.cases.access import Right, grant, revoke
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import shifted
from tests.factories import PASSWORD, make_user
from tests.opinions.written import WORDS, confirmed, in_review, ready_document, released, signed, write
from tests.routing.people import make_specialist, offered
from tracking.services import withdraw

pytestmark = pytest.mark.django_db


def url(name, case, **query):
    """An address of this app."""
    return reverse(f"delivery:{name}", args=[case.uid], query=query or None)


@pytest.fixture
def delivered(client):
    """A delivered case whose patient is signed in."""
    case, opinion = released(difficult_news=True)
    client.force_login(case.patient)
    return case, opinion


def test_the_cover_comes_first_and_the_reader_chooses(client, delivered):
    case, opinion = delivered
    cover = client.get(url("opinion", case)).content.decode()
    assert "Your second opinion is ready" in cover and opinion.signature["name"] in cover and "1 minute to read" in cover
    assert "hard to read" in cover and opinion.bottom_line not in cover and opinion.diagnosis not in cover
    page = client.post(url("open", case), follow=True).content.decode()
    assert page.index(opinion.bottom_line) < page.index("first opinion") < page.index("Your options") < page.index(opinion.diagnosis)
    case.refresh_from_db()
    assert case.opened_at and case.journal.filter(event="opinion_opened", by=case.patient).count() == 1
    client.post(url("open", case))
    assert case.journal.filter(event="opinion_opened").count() == Opening.objects.count() == 1
    assert Entry.objects.filter(action="opinion.open", actor_id=case.patient_id).count() == 1


def test_nothing_of_an_unreleased_opinion_is_there(client):
    for case, opinion in (signed(), signed(pdf=False)):
        ready_document(opinion)
        client.force_login(case.patient)
        assert {client.get(url(name, case)).status_code for name in ("opinion", "pdf")} == {404}
        assert client.post(url("open", case)).status_code == 404
    case, author, _ = in_review()
    write(case, author)
    client.force_login(case.patient)
    assert client.get(url("opinion", case)).status_code == 404


def test_strangers_and_the_author_do_not_read_here(client, delivered):
    case, opinion = delivered
    for stranger in (make_user(), make_specialist(), opinion.author):
        client.force_login(stranger)
        assert {client.get(url(name, case)).status_code for name in ("opinion", "pdf", "close")} == {404}
        assert {client.post(url(name, case), {"reason": "x"}).status_code for name in ("open", "close")} == {404}
    client.force_login(case.patient)
    assert client.get(url("open", case)).status_code == 405
    assert client.get(url("close", case)).status_code == 404
    client.logout()
    assert client.get(url("opinion", case)).status_code == 302


def test_family_reads_for_themselves_until_it_is_taken_back(client, delivered):
    case, opinion = delivered
    family = make_user()
    grant(case, family, Right.READ_OPINION, "family")
    client.force_login(family)
    assert opinion.bottom_line.encode() not in client.get(url("opinion", case)).content
    assert opinion.bottom_line.encode() in client.post(url("open", case), follow=True).content
    client.force_login(case.patient)
    assert opinion.bottom_line.encode() not in client.get(url("opinion", case)).content
    revoke(case, Right.READ_OPINION, user=family)
    client.force_login(family)
    assert {client.get(url(name, case)).status_code for name in ("opinion", "pdf")} == {404}


def test_the_care_team_looks_without_opening(client, delivered):
    case, opinion = delivered
    client.force_login(case.owner)
    assert opinion.bottom_line.encode() in client.get(url("opinion", case)).content
    assert client.post(url("open", case)).status_code == 403
    with pytest.raises(NotAllowed):
        services.open_opinion(case, by=case.owner)
    case.refresh_from_db()
    assert case.opened_at is None and not Opening.objects.exists()


def test_the_letter_is_streamed_and_written_down(client, delivered):
    case, _opinion = delivered
    answer = client.get(url("pdf", case))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="second-opinion-{case.reference}-v1.pdf"'
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Entry.objects.filter(action="opinion.download", actor_id=case.patient_id, case_uid=case.uid).count() == 1
    assert client.get(url("pdf", case, version="7")).status_code == 404
    assert client.get(url("pdf", case, version="x' or 1=1")).status_code == 404


def test_a_letter_that_the_vault_cannot_give_says_so_and_leads_back(client, delivered, settings, tmp_path):
    case, opinion = delivered
    settings.VAULT_DIR = tmp_path
    for person, address, back in (
        (case.patient, url("pdf", case), url("opinion", case)),
        (opinion.author, reverse("opinions:pdf", args=[case.uid, 1]), reverse("opinions:write", args=[case.uid])),
        (case.owner, reverse("opinions:pdf", args=[case.uid, 1]), reverse("opinions:check", args=[case.uid])),
    ):
        client.force_login(person)
        answer = client.get(address)
        assert answer.status_code == 503 and f'href="{back}"' in answer.content.decode()
    assert not Entry.objects.filter(action="opinion.download").exists()


def end(case, how):
    """Move the delivered case on by the verbs of its sides."""
    if how == "closed":
        return services.close(case, by=case.owner, reason="The patient asked for it.")
    case = kernel.reopen(case, by=case.patient, note="A new scan")
    return case if how == "screening" else withdraw(case, by=case.patient)


@pytest.mark.parametrize("how", ["closed", "screening", "withdrawn"])
def test_a_released_opinion_stays_readable(client, delivered, how):
    case, opinion = delivered
    services.open_opinion(case, by=case.patient)
    assert end(case, how).state == how
    assert opinion.bottom_line.encode() in client.get(url("opinion", case)).content
    assert client.get(url("pdf", case)).status_code == 200


def second_version(case, opinion):
    """The case reopened and delivered anew with another short answer; returns the new version."""
    case = kernel.reopen(case, by=case.patient, note="A new scan")
    case = screening.make_ready(case, by=case.owner)
    offered(case, opinion.author)
    case = offers.accept(case, by=opinion.author)
    assert start(case, by=opinion.author).bottom_line == opinion.bottom_line
    draft = write(case, opinion.author)
    draft.bottom_line = "Now it is time."
    draft.save()
    case = signing.sign(case, by=opinion.author, password=PASSWORD, version=draft.edits)
    new = case.opinions.get(version=2)
    ready_document(new)
    checking.release(case, by=case.owner)
    return new


def test_a_new_version_arrives_gently_and_the_old_one_stays(client, delivered):
    case, opinion = delivered
    services.open_opinion(case, by=case.patient)
    second_version(case, opinion)
    cover = client.get(url("opinion", case)).content
    assert b"Now it is time." not in cover and b"new version" in cover
    page = client.post(url("open", case), follow=True).content
    assert b"Now it is time." in page and b"Version 1" in page
    old = client.get(url("opinion", case, version="1")).content
    assert WORDS["bottom_line"].encode() in old and b"earlier version" in old
    assert client.get(url("pdf", case, version="1")).status_code == 200
    opinion.refresh_from_db()
    assert opinion.status == "superseded"
    assert case.journal.filter(event="opinion_opened").count() == 2


@pytest.mark.parametrize(("wish", "said"), [("no", True), ("ask", True), ("yes", False)])
def test_the_wish_about_prognosis_is_kept_in_sight(client, delivered, wish, said):
    case, _opinion = delivered
    case.brief.prognosis = wish
    case.brief.save()
    services.open_opinion(case, by=case.patient)
    assert (b"likely course of your illness" in client.get(url("opinion", case)).content) is said


def test_common_ground_comes_before_differences(client):
    case, opinion = signed(major=True)
    ready_document(opinion)
    confirmed(case, opinion)
    case = checking.release(case, by=case.owner)
    services.open_opinion(case, by=case.patient)
    client.force_login(case.patient)
    page = client.get(url("opinion", case)).content.decode()
    assert page.index("The two agree on:") < page.index("says something else") < page.index("A scan under stress.")


def test_close_is_early_with_a_reason(client, delivered):
    case, _ = delivered
    client.force_login(case.owner)
    assert client.post(url("close", case), {"reason": ""}).status_code == 422
    answer = client.post(url("close", case), {"reason": "The patient asked for it."})
    assert answer.status_code == 302 and Case.objects.get(pk=case.pk).state == State.CLOSED
    assert client.post(url("close", case), {"reason": "again"}).status_code == 302
    assert case.journal.filter(event="close").count() == 1


def test_close_is_due_after_thirty_days_and_not_before(delivered):
    case, _ = delivered
    with pytest.raises(Refused):
        services.close(case, by=None)
    with shifted(kernel.OPEN_AFTER_DELIVERY - timedelta(minutes=1)):
        assert services.close_due() == 0
    with shifted(kernel.OPEN_AFTER_DELIVERY):
        assert services.close_due() == 1
        assert services.close_due() == 0
    assert Case.objects.get(pk=case.pk).state == State.CLOSED
    with pytest.raises(Conflict):
        services.close(case, by=None)


@pytest.mark.parametrize("who", ["patient", "specialist"])
def test_only_the_care_team_closes(delivered, who):
    case, _ = delivered
    with pytest.raises(NotAllowed):
        services.close(case, by=getattr(case, who), reason="mine")


def test_the_reason_of_closing_is_for_staff_only(client, delivered):
    case, _ = delivered
    services.close(case, by=case.owner, reason="STAFF-ONLY")
    line = case.journal.get(event="close")
    assert (line.reason, line.note) == ("STAFF-ONLY", "")


def queries(client, address):
    """How many queries a page costs once its caches are warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_page_costs_the_same_for_one_version_and_two(client, delivered):
    case, opinion = delivered
    services.open_opinion(case, by=case.patient)
    few = queries(client, url("opinion", case))
    second_version(case, opinion)
    services.open_opinion(case, by=case.patient)
    assert queries(client, url("opinion", case)) == few <= 13


@pytest.mark.parametrize(("words", "expected"), [(0, 1), (880, 5)])
def test_the_minutes_count_what_is_read(words, expected):
    _case, opinion = signed(reasoning="Müller " * words)
    assert minutes(opinion) == expected
