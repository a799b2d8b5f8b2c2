"""The care team's own notes on a case."""

import pytest
from django.db import InternalError, transaction
from django.urls import reverse

from routing.models import DeskNote
from routing.services import notes
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.lifecycle import NotAllowed
from secondop.cases.states import State
from tests.factories import make_case, make_draft, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def page_of(case):
    return reverse("routing:notes", args=[case.uid])


def test_a_note_is_written_once_and_read_by_colleagues(client):
    case, colleague = make_case(State.SCREENING), make_user(Role.COORDINATOR)
    client.force_login(case.owner)
    for _ in range(2):
        assert client.post(page_of(case), {"text": "Called <b>twice</b>\nnobody there"}).url == page_of(case)
    assert DeskNote.objects.count() == 1 and Entry.objects.filter(action="case.note", case_uid=case.uid).count() == 1
    assert "nobody" not in str(Entry.objects.get(action="case.note").detail)
    client.force_login(colleague)
    whole = client.get(page_of(case)).content.decode()
    part = client.get(page_of(case), headers={"HX-Request": "true"}).content.decode()
    for text in (whole, part):
        assert "Called &lt;b&gt;twice&lt;/b&gt;<br>nobody there" in text and str(case.owner) in text
    assert "<html" not in part and "<textarea" in whole
    answer = client.post(page_of(case), {"text": "x" * 4001})
    assert answer.status_code == 422 and "x" * 4001 in answer.content.decode()


def test_only_coordinators_of_the_case_write_and_a_note_is_never_changed():
    case = make_case(State.IN_REVIEW)
    for person in (case.patient, case.specialist, make_user()):
        with pytest.raises(NotAllowed):
            notes.add_note(case, by=person, text="Mine")
    note = notes.add_note(case, by=case.owner, text="Ours")
    for change in (lambda: DeskNote.objects.update(text="x"), note.delete):
        with pytest.raises(InternalError), transaction.atomic():
            change()
    assert notes.notes_of(case).get().text == "Ours"


def test_notes_go_on_after_the_end_and_do_not_begin_in_a_draft(client):
    case, draft = make_case(State.WITHDRAWN), make_draft()
    client.force_login(case.owner)
    assert client.post(page_of(case), {"text": "They may come back in spring."}).status_code == 302
    assert client.get(page_of(draft)).status_code == client.post(page_of(draft), {"text": "x"}).status_code == 404


def test_the_queries_do_not_grow_with_the_notes(client, django_assert_num_queries, django_assert_max_num_queries):
    case = make_case(State.SCREENING)
    client.force_login(case.owner)
    notes.add_note(case, by=case.owner, text="First")
    with django_assert_max_num_queries(10) as few:
        client.get(page_of(case))
    for number in range(60):
        notes.add_note(case, by=case.owner, text=f"Note {number}")
    with django_assert_num_queries(len(few)):
        assert client.get(page_of(case)).content.decode().count('class="thread-message"') == 50
