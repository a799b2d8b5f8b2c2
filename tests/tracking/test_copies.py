"""The signed copy of each consent: made once, sealed, and given to those who may read the consent."""

import re
from datetime import timedelta
from functools import partial

import pytest

from intake import consents, copies, tasks
from intake.models import ConsentCopy
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases import handover
from secondop.cases.access import Right, grant
from secondop.cases.consents import in_force
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Consent
from secondop.catalog.elements import AUTHORIZATION
from secondop.catalog.models import ConsentText
from secondop.catalog.samples import load
from secondop.documents import services as documents
from secondop.vault.models import StoredFile
from secondop.web.clock import shifted
from tests.cases.minors import make_childs_case
from tests.factories import make_case, make_user
from tests.intake.filled import begin, fill, put, signature, signed_in, url
from tests.opinions.written import ready_document, released, signed
from tests.routing.people import make_specialist
from tests.routing.test_race import at_once
from tests.tracking.copied import AGENT, STAND_IN, copy_of, made, send, there
from tests.tracking.family import agreed
from tests.tracking.test_consents import agree, page_of
from tracking import services

pytestmark = pytest.mark.django_db
Kind = ConsentText.Kind


@pytest.fixture
def sent():
    return send(family="yes", follow_up="yes", research="no")


def test_a_draft_has_no_copies_and_sending_it_orders_one_of_each_answer():
    load()
    client = signed_in()
    case = begin(client)
    fill(client, case)
    agreed(case)
    assert Consent.objects.get(case=case).text.kind == Kind.FAMILY and not ConsentCopy.objects.exists()
    put(client, case, "consent", signature(client, case, family="yes"))
    client.post(url("submit", case))
    assert ConsentCopy.objects.count() == case.consents.count() == len(Kind)
    assert set(ConsentCopy.objects.values_list("status", "taken_back")) == {("queued", False)}


@pytest.mark.parametrize(("kind", "answer"), [(Kind.REVIEW, "Agreed"), (Kind.RESEARCH, "Not agreed")])
def test_a_copy_holds_the_words_as_signed_and_the_whole_signature(sent, kind, answer):
    client, case = sent
    client.user.time_zone = "America/New_York"
    client.user.save()
    copy = copy_of(case, kind)
    words, reader = made(copy)
    consent = copy.consent
    assert " ".join(consent.body.split()) in words
    for said in (consent.text.title, case.reference, answer, "Version 1 of 1 January 2026", consent.body_sha256, "Pat Example"):
        assert said in words, said
    for said in (str(client.user), "127.0.0.1", AGENT, "meant the typed name as their signature"):
        assert said in words, said
    assert re.search(r"Signed electronically on \w+ \d+ \w+ 20\d\d, \d\d:\d\d:\d\d E[SD]T \(-0[45]00\)", words)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and case.reference in reader.metadata.title
    assert copy.sha256 == copy.stored.sha256 and copy.stored.case_uid == case.uid and documents.is_intact(copy)


def test_the_copy_of_an_authorization_holds_every_element_of_the_rule_on_one_page(sent):
    _, case = sent
    words, reader = made(copy_of(case, Kind.SOURCE))
    assert len(reader.pages) == 1 and "Signed copy of an authorization" in words
    filled = ("the MRI of May 2026", "Example Hospital, Columbus", "SecondOp", "a second opinion about", "one year after", "Who signs: ")
    assert all(said in words for said in filled)
    by_words = [element for element in AUTHORIZATION if r"\{" not in element.patterns[0]]
    assert len(by_words) == 5
    assert all(re.search(pattern, words, re.IGNORECASE) for element in by_words for pattern in element.patterns)


def test_what_is_taken_back_gets_a_copy_that_says_when_and_by_whom_and_the_first_one_stays(sent):
    client, case = sent
    first = there(copy_of(case, Kind.CONTACT))
    proxy = signed_in()
    grant(case, proxy.user, Right.DECIDE, "family")
    proxy.post(page_of(case, "revoke", first.consent_id))
    words, _ = made(copy_of(case, Kind.CONTACT, taken_back=True))
    assert "Agreed, then taken back" in words and f"{proxy.user} took it back on" in words
    page = client.get(page_of(case, "consents")).content.decode()
    assert f"by {proxy.user} on" in page and "Download the copy that says it was taken back" in page
    assert page_of(case, "consent_copy", first.pk) in page
    assert agree(client, case, "follow_up").status_code == 302
    again = ConsentCopy.objects.filter(case=case, consent__text__kind=Kind.CONTACT).latest("pk")
    words, _ = made(again)
    assert not again.taken_back and "taken back" not in words


def test_copies_without_end_are_not_made_and_a_consent_is_taken_back_all_the_same(sent, monkeypatch):
    client, case = sent
    monkeypatch.setattr(documents, "A_CASE_AN_HOUR", ConsentCopy.objects.count() + 1)
    assert agree(client, case, "research").status_code == 302
    contact = case.consents.get(text__kind=Kind.CONTACT)
    assert client.post(page_of(case, "revoke", contact.pk)).status_code == 302
    refused = agree(client, case, "follow_up")
    assert refused.status_code == 422 and documents.TOO_MANY in refused.content.decode()
    contact.refresh_from_db()
    assert contact.revoked_at and contact.copies.filter(taken_back=True).exists()
    with shifted(timedelta(hours=1)):
        agree(client, case, "follow_up")
    assert in_force(case, Kind.CONTACT)


def test_a_yes_to_family_that_a_later_no_took_back_says_so_in_its_only_copy():
    load()
    client = signed_in()
    case = begin(client)
    fill(client, case)
    agreed(case)
    put(client, case, "consent", signature(client, case, family="no"))
    client.post(url("submit", case))
    assert case.consents.filter(text__kind=Kind.FAMILY, revoked_by=client.user).count() == 1
    assert sorted(ConsentCopy.objects.filter(consent__text__kind=Kind.FAMILY).values_list("consent__given", "taken_back")) == [
        (False, False),
        (True, True),
    ]


def test_who_takes_a_case_over_gets_a_copy_that_says_what_ended_with_it():
    load()
    case, adult = make_childs_case(), make_user()
    agreed(case)
    with shifted(timedelta(days=1200)):
        _, link = handover.invite(case, by=case.owner, email=adult.email, full_name=str(adult), identity="Passport")
        assert signed_in(adult).post(link).status_code == 302
    assert copy_of(case, Kind.FAMILY, taken_back=True).consent.revoked_at
    assert ConsentCopy.objects.filter(case=case).count() == 2


def test_who_signs_for_somebody_is_named_with_their_authority(sent):
    _, case = sent
    proxy = make_user(full_name="Ann Proxy")
    grant(case, proxy, Right.DECIDE, "family")
    words = consents.wording_of(case, proxy, Kind.RESEARCH)
    given = services.give_consent(case, by=proxy, key=words.key, typed_name="Ann Proxy", sha256=words.sha256, origin=services.Origin())
    text, _ = made(given.copies.get())
    assert f"Ann Proxy, for {case.patient}" in text and "to decide in this case" in text
    assert "Internet address Not recorded" in text


def test_those_who_may_read_a_consent_download_its_copy_and_each_time_is_written_down(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    client, case = sent
    proxy, desk = signed_in(), signed_in(make_user(Role.COORDINATOR))
    grant(case, proxy.user, Right.DECIDE, "family")
    copy = copy_of(case, Kind.SHARE)
    target = page_of(case, "consent_copy", copy.pk)
    assert client.get(target).status_code == 404, "it is not there yet"
    there(copy)
    for browser in (client, proxy, desk):
        answer = browser.get(target)
        assert b"".join(answer.streaming_content) == STAND_IN
        assert answer.headers["Content-Type"] == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{copy.filename}"'
        read = Entry.objects.filter(action="consent.download", case_uid=case.uid, target=f"consent:{copy.consent_id}")
        assert read.filter(actor_id=browser.user.pk).count() == 1
    assert case.reference in copy.filename


def test_nobody_else_finds_it(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    _, case = sent
    copy = there(copy_of(case, Kind.SHARE))
    watcher, doctor, stranger = signed_in(), signed_in(make_specialist()), signed_in()
    grant(case, watcher.user, Right.STATUS, "family")
    grant(case, watcher.user, Right.READ_OPINION, "family")
    grant(case, doctor.user, Right.WRITE, "a specialist")
    own = make_case(patient=stranger.user)
    for browser in (watcher, doctor, stranger):
        assert browser.get(page_of(case, "consents")).status_code == 404
        assert browser.get(page_of(case, "consent_copy", copy.pk)).status_code == 404
        assert browser.post(page_of(case, "consent_copy_again", copy.pk)).status_code == 404
        with pytest.raises(NotAllowed):
            services.remake_copy(case, by=browser.user, copy=copy)
    assert stranger.get(page_of(own, "consent_copy", copy.pk)).status_code == 404, "through a case of their own"
    assert not Entry.objects.filter(action="consent.download").exists()


def test_an_opinion_is_not_given_out_as_a_copy():
    case, opinion = signed()
    client = signed_in(case.patient)
    ready_document(opinion)
    assert client.get(page_of(case, "consent_copy", opinion.document.pk)).status_code == 404
    assert not list(documents.given_to_patient(case))


def test_all_that_is_finished_is_listed_for_the_patient():
    case, opinion = released()
    load()
    text = ConsentText.current()[Kind.RESEARCH]
    body, sha256 = text.filled()
    consent = case.consents.create(text=text, given=True, body=body, body_sha256=sha256, typed_name="Pat", by=case.patient)
    copies.order(consent)
    assert [document.filename for document in documents.given_to_patient(case)] == [opinion.document.filename]
    there(consent.copies.get())
    assert [document.kind for document in documents.given_to_patient(case)] == ["opinion", "consent"]
    assert not documents.given_to_patient(released()[0]).filter(case=case).exists()


def test_a_worker_that_is_always_killed_is_given_up_and_a_slow_one_changes_nothing(sent):
    _, case = sent
    copy = copy_of(case, Kind.SHARE)
    first, lease = documents.take(copy.pk)
    assert first and documents.take(copy.pk)[0] is None
    with shifted(documents.LEASE + timedelta(seconds=1)):
        assert documents.take(copy.pk)[0]
        documents.fail(copy.pk, lease, "the first worker comes back too late")
        assert copy_of(case, Kind.SHARE).error == ""
    for n in range(2, documents.TRIES + 1):
        with shifted(n * (documents.LEASE + timedelta(seconds=1))):
            documents.take(copy.pk)
    assert (copy_of(case, Kind.SHARE).status, copy_of(case, Kind.SHARE).error) == ("failed", documents.LOST)


def test_a_case_erased_while_its_copy_is_made_leaves_no_file(sent):
    _, case = sent
    copy = copy_of(case, Kind.SHARE)

    def html_of(document):
        html = copies.copy_of(document)
        erase(case, by=None)
        return html

    assert not documents.render(copy.pk, html_of)
    assert not ConsentCopy.objects.exists() and not StoredFile.objects.filter(case_uid=case.uid).exists()
    tasks.render(copy.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_makes_the_copy_and_twice_is_one_file():
    _, case = send()
    copy = copy_of(case, Kind.SHARE)
    at_once(*[partial(tasks.render, copy.pk)] * 2)
    copy.refresh_from_db()
    assert (copy.status, copy.attempts) == ("ready", 1)
    tasks.render(copy.pk)
    documents.keep(copy, b"%PDF another worker was slower")
    assert StoredFile.objects.filter(case_uid=case.uid, status="stored").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_takes_a_consent_back_and_one_copy_says_so():
    client, case = send()
    consent = case.consents.get(text__kind=Kind.SHARE)
    act = partial(services.revoke_consent, case, by=client.user, consent=consent)
    results = at_once(*[lambda: _outcome(act)] * 2)
    assert sorted(results) == ["done", "refused"]
    assert consent.copies.filter(taken_back=True).count() == 1


def _outcome(act):
    try:
        act()
    except Refused:
        return "refused"
    return "done"
