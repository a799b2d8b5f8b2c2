"""Invariant 5: what a specialist or the care team notes for themselves reaches no page, letter, mail or log of others."""

import io
import json

import pypdf
import pytest
from django.core import serializers
from django.urls import reverse

from delivery import services
from opinions.letter import letter_of
from opinions.models import Opinion, PrivateNote
from opinions.services import checking, signing
from opinions.services.canonical import canonical
from opinions.services.writing import Stamp, WrittenText, save
from routing.services.notes import add_note
from secondop.audit.models import Entry
from secondop.cases.models import JournalEntry
from secondop.documents import services as documents
from secondop.notices.models import Notice
from tests.factories import PASSWORD
from tests.opinions.written import confirmed, full_text, in_review, write
from tests.routing.people import make_specialist

pytestmark = pytest.mark.django_db
MARKER, TEAM_MARKER = "PRIVATE-marker-7f3k", "TEAM-marker-9d2q"


@pytest.fixture
def delivered():
    """A delivered case, with markers in its author's private notes and in the team's from the first word on."""
    case, author, draft = in_review()
    save(case, by=author, stamp=Stamp(draft.edits, "tests"), text=WrittenText(note=MARKER))
    add_note(case, by=case.owner, text=TEAM_MARKER)
    draft = write(case, author, full_text(major=True))
    case = signing.sign(case, by=author, password=PASSWORD, version=draft.edits)
    opinion = Opinion.objects.get(pk=draft.pk)
    assert documents.render(opinion.document.pk, letter_of)
    confirmed(case, opinion)
    return checking.release(case, by=case.owner), opinion


def pages_of(case):
    """Every page of the case that somebody else than its author can open, by whom."""
    patient = [
        reverse("tracking:list"),
        *(reverse(name, args=[case.uid]) for name in ("tracking:case", "delivery:opinion", "records:list")),
    ]
    desk = [reverse(name, args=[case.uid]) for name in ("routing:case", "opinions:check", "delivery:opinion")]
    return {case.patient: patient, case.owner: [reverse("routing:queue"), *desk]}


def test_private_notes_reach_nobody_else(client, delivered):
    case, opinion = delivered
    assert PrivateNote.objects.get().text == MARKER
    services.open_opinion(case, by=case.patient)
    seen = []
    for person, pages in pages_of(case).items():
        client.force_login(person)
        answers = [client.get(page) for page in pages]
        assert {answer.status_code for answer in answers} == {200}
        seen += [answer.content.decode() for answer in answers]
        pdf = b"".join(client.get(reverse("delivery:pdf", args=[case.uid])).streaming_content)
        seen += [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    seen += [serializers.serialize("json", model.objects.all()) for model in (Notice, JournalEntry, Entry, Opinion)]
    seen += [canonical(opinion).decode(), json.dumps(opinion.signature)]
    assert opinion.bottom_line in "".join(seen)
    assert not [text[:80] for text in seen if MARKER in text or TEAM_MARKER in text]


def test_the_author_sees_them_and_a_later_specialist_does_not(client):
    case, author, draft = in_review()
    save(case, by=author, stamp=Stamp(draft.edits, "tests"), text=WrittenText(note=MARKER))
    client.force_login(author)
    assert MARKER.encode() in client.get(reverse("opinions:write", args=[case.uid])).content
    for other in (make_specialist(), case.owner, case.patient):
        client.force_login(other)
        assert MARKER.encode() not in client.get(reverse("opinions:write", args=[case.uid])).content
