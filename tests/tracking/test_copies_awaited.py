"""What the page and the desk say of a signed copy that is being made or could not be made, and what one can do."""

import re
import sys
from datetime import timedelta

import pytest
from django.test import override_settings

from intake import tasks
from intake.models import ConsentCopy
from routing.problems import problems
from secondop.cases.lifecycle import Refused
from secondop.catalog.models import ConsentText
from secondop.documents import services as documents
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.intake.filled import signed_in
from tests.markup import faults
from tests.tracking.copied import copy_of, send, there
from tests.tracking.test_consents import page_of
from tests.words import grade, sentences
from tracking import services

pytestmark = pytest.mark.django_db
Kind = ConsentText.Kind


@pytest.fixture
def sent():
    return send(family="yes", follow_up="yes", research="no")


def read(client, case):
    """The page of the consents, which is sound HTML."""
    answer = client.get(page_of(case, "consents"))
    page = answer.content.decode()
    assert not faults(page)
    return page


def test_a_page_that_waits_looks_again_at_the_copies_alone(sent):
    client, case = sent
    page = read(client, case)
    assert page.count("The signed copy is being made.") == len(Kind)
    [waits] = re.findall(r'<div id="copies-awaited" ([^>]*)>', page)
    assert f'data-hx-get="{page_of(case, "consents")}"' in waits
    assert re.search(r'data-hx-select-oob="([^"]*)"', waits).group(1).count("#copies-") == len(Kind)
    for copy in ConsentCopy.objects.all():
        there(copy)
    page = read(client, case)
    assert "copies-awaited" not in page and page.count("Download the signed copy") == len(Kind)


def test_a_failing_renderer_is_said_and_tried_again_then_told_to_the_desk(sent, monkeypatch, settings):
    settings.REQUIRE_STAFF_MFA = False
    client, case = sent
    for other in ConsentCopy.objects.exclude(consent__text__kind=Kind.SHARE):
        there(other)
    copy = copy_of(case, Kind.SHARE)
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        tasks.render(copy.pk)
        page = read(client, case)
        assert "could not be made yet. We try again at" in page and "copies-awaited" not in page
        spent = timedelta()
        while (copy := copy_of(case, Kind.SHARE)).status == "queued":
            spent += documents.PAUSES[min(copy.attempts, documents.TRIES - 1) - 1] + timedelta(seconds=1)
            with shifted(spent):
                tasks.render(copy.pk)
    assert (copy.status, copy.attempts) == ("failed", documents.TRIES)
    page = read(client, case)
    assert "The signed copy could not be made" in page and "signal" not in page and "renderer" not in page
    assert grade(" ".join(sentences(page))) <= 8
    assert not case.journal.filter(event="pdf_failed").exists(), "the patient's timeline is about the opinion"
    told = Notice.objects.get(kind="pdf_failed", recipient=case.owner)
    assert told.link == page_of(case, "consents")
    [problem] = problems(case.owner)
    assert problem.text == "A signed copy of a consent could not be made." and problem.url == page_of(case, "consents")
    assert signed_in(case.owner).get(problem.url).status_code == 200


def test_whoever_reads_it_may_try_again(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    client, case = sent
    desk = signed_in(case.owner)
    for browser in (client, desk):
        ConsentCopy.objects.all().update(status="failed", attempts=5, error="It failed.")
        copy = copy_of(case, Kind.SHARE)
        assert browser.post(page_of(case, "consent_copy_again", copy.pk)).url == page_of(case, "consents")
        copy.refresh_from_db()
        assert (copy.status, copy.attempts) == ("queued", 0)
    with pytest.raises(Refused):
        services.remake_copy(case, by=client.user, copy=there(copy))


def test_the_desk_reads_and_changes_nothing(sent, settings):
    settings.REQUIRE_STAFF_MFA = False
    _, case = sent
    desk = signed_in(case.owner)
    page = read(desk, case)
    assert case.consents.first().body.splitlines()[0] in page
    assert "Take back" not in page and "/agree/" not in page and page_of(case) not in re.findall('href="([^"]+)"', page)
    for address in (page_of(case, "revoke", case.consents.first().pk), page_of(case, "consent_give", "research")):
        assert desk.get(address).status_code == desk.post(address).status_code == 404
    assert page_of(case, "consents") in desk.get(f"/desk/cases/{case.uid}/").content.decode()


def test_bytes_that_cannot_be_read_are_an_apology(sent, tmp_path):
    client, case = sent
    copy = there(copy_of(case, Kind.SHARE))
    with override_settings(VAULT_DIR=tmp_path):
        answer = client.get(page_of(case, "consent_copy", copy.pk))
    assert answer.status_code == 503 and page_of(case, "consents") in answer.content.decode()
