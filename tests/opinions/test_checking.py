"""The check before release: returning, the document, and what release waits for."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from opinions.models import Letter, Opinion
from opinions.services import checking, signing
from opinions.services.drafts import start
from opinions.services.versions import current
from routing.problems import problems
from routing.services import offers
from secondop.accounts.models import User
from secondop.cases.access import Right, grant
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.factories import PASSWORD, make_user
from tests.opinions.written import OPTION, full_text, ready_document, released, signed
from tests.routing.people import make_specialist, offered

pytestmark = pytest.mark.django_db


def url(name, case, *more):
    """An address of this app."""
    return reverse(f"opinions:{name}", args=[case.uid, *more])


def test_release_waits_for_a_whole_document():
    case, opinion = signed()
    for status in ("queued", "failed"):
        Letter.objects.update(status=status)
        with pytest.raises(Refused, match="document"):
            checking.release(case, by=case.owner)
    ready_document(opinion)
    Letter.objects.update(sha256="0" * 64)
    with pytest.raises(Refused, match="document"):
        checking.release(case, by=case.owner)
    assert Case.objects.get(pk=case.pk).state == State.CHECKING


def test_release_gives_it_to_the_patient_and_consented_family_once():
    case, opinion = signed()
    ready_document(opinion)
    family, decider = make_user(), make_user()
    grant(case, family, Right.READ_OPINION, "family")
    grant(case, decider, Right.DECIDE, "family")
    grant(case, decider, Right.READ_OPINION, "family")
    case = checking.release(case, by=case.owner)
    told = list(Notice.objects.filter(kind="released").values_list("recipient_id", flat=True))
    assert sorted(told) == sorted([case.patient_id, family.pk, decider.pk])
    opinion.refresh_from_db()
    assert (case.state, opinion.status, case.opened_at) == (State.DELIVERED, "released", None)
    with pytest.raises(Conflict):
        checking.release(case, by=case.owner)


def test_only_the_care_team_releases_and_returns():
    case, opinion = signed()
    ready_document(opinion)
    for person in (case.patient, opinion.author, make_specialist(), make_user()):
        with pytest.raises(NotAllowed):
            checking.release(case, by=person)
        with pytest.raises(NotAllowed):
            checking.return_to_specialist(case, by=person, code="other", text="x")


def test_a_returned_opinion_goes_on_as_a_copy_and_the_signed_one_stays():
    case, opinion = signed()
    with pytest.raises(Refused):
        checking.return_to_specialist(case, by=case.owner, code="language", text=" ")
    case = checking.return_to_specialist(case, by=case.owner, code="language", text="Explain stenosis.")
    line = case.journal.get(event="return")
    assert (line.code, line.reason, line.note) == ("language", "Explain stenosis.", "")
    assert case.state == State.IN_REVIEW and 23 < (case.due_at - now()).total_seconds() / 3600 <= 24
    draft = start(case, by=opinion.author)
    assert draft.pk != opinion.pk and draft.diagnosis == opinion.diagnosis and draft.version is None
    assert [str(a) for a in draft.answers.all()] == [str(a) for a in opinion.answers.all()]
    assert draft.first_read == opinion.first_read and draft.first_read_locked_at
    assert Opinion.objects.get(pk=opinion.pk).status == "signed"


def sign_again(case, opinion):
    """The author signs the copy of what was returned as it is; returns the case and the new version."""
    draft = start(case, by=opinion.author)
    case = signing.sign(case, by=draft.author, password=PASSWORD, version=draft.edits)
    return case, Opinion.objects.get(pk=draft.pk)


def test_the_second_version_replaces_the_first():
    case, first = signed()
    Letter.objects.filter(opinion=first).update(status="failed")
    assert [problem.case for problem in problems(case.owner)] == [case]
    case = checking.return_to_specialist(case, by=case.owner, code="other", text="x")
    case, second = sign_again(case, first)
    assert problems(case.owner) == []
    first.refresh_from_db()
    assert (first.status, second.version, second.status) == ("superseded", 2, "signed")
    assert first.released_at is None and current(case).pk == second.pk
    ready_document(second)
    checking.release(case, by=case.owner)
    assert list(Opinion.objects.released().values_list("version", flat=True)) == [2]
    Letter.objects.filter(opinion=second).update(status="failed")
    assert [problem.case for problem in problems(case.owner)] == [case]


def test_an_opinion_of_a_former_specialist_cannot_be_released():
    case, opinion = signed()
    ready_document(opinion)
    case = offers.reassign(case, by=case.owner, reason="conflict")
    second = make_specialist()
    offered(case, second)
    case = offers.accept(case, by=second)
    with pytest.raises(Conflict):
        checking.release(case, by=case.owner)
    assert current(case) is None


def test_the_state_of_the_document_is_visible_and_it_can_be_tried_again(client):
    case, opinion = signed()
    client.force_login(case.owner)
    assert b"Being made" in client.get(url("check", case)).content
    Letter.objects.update(status="failed", error="The renderer was stopped by signal 9.", attempts=5)
    page = client.get(url("check", case))
    assert b"stopped by signal 9" in page.content and b"Try again" in page.content
    client.post(url("rerender", case, 1))
    assert Letter.objects.get().status == "queued"
    assert client.get(url("pdf", case, 1)).status_code == 404
    ready_document(opinion, b"%PDF the bytes")
    answer = client.get(url("pdf", case, 1))
    assert b"".join(answer.streaming_content) == b"%PDF the bytes"
    assert answer.headers["Content-Security-Policy"] == "sandbox" and "attachment" in answer.headers["Content-Disposition"]
    assert client.get(url("pdf", case, 2)).status_code == 404


def test_a_page_that_waits_for_the_document_asks_the_checks_own_address_and_keeps_its_forms(client):
    case, _opinion = signed()
    client.force_login(case.owner)
    refused = client.post(url("return", case), {"code": "other", "text": ""})
    assert refused.status_code == 422
    page = refused.content.decode()
    [waiting] = re.findall(r'<div id="document"\s*([^>]*)>', page)
    assert f'data-hx-get="{url("check", case)}"' in waiting and "hx-target" not in waiting and 'hx-select="#document"' in waiting
    assert f'<a href="{url("check", case)}">Look again</a>' in page


def test_the_author_reads_their_own_versions_only(client):
    case, opinion = released()
    client.force_login(opinion.author)
    assert opinion.bottom_line.encode() in client.get(url("write", case)).content
    assert client.get(url("pdf", case, 1)).status_code == 200
    assert client.get(url("check", case)).status_code == 404
    other, _ = released()
    assert client.get(url("pdf", other, 1)).status_code == 404
    User.objects.filter(pk=opinion.author_id).update(roles=["specialist", "coordinator"])
    assert client.get(url("pdf", case, 1)).status_code == 200
    assert client.get(url("pdf", other, 1)).status_code == 200


def queries(client, address):
    """How many queries a page costs once its caches are warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_check_costs_the_same_for_a_short_and_a_long_opinion(client):
    long = full_text(major=True)
    long.options = [dict(OPTION, name=f"Option {n}") for n in range(8)]
    long.evidence = [{"text": f"Source {n}", "url": ""} for n in range(20)]
    short_case, _ = signed(major=True)
    long_case, _ = signed(text=lambda _: long)
    client.force_login(short_case.owner)
    make_specialist()
    few = queries(client, url("check", short_case))
    for _ in range(5):
        make_specialist()
    assert queries(client, url("check", long_case)) == few
