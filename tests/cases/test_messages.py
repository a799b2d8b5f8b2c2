"""The thread of a case: who reads what, what is new to whom, and what is refused."""

from datetime import timedelta

import pytest
from django.db import InternalError, transaction

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import SPECIALIST_RIGHTS, Right, grant, revoke
from secondop.cases.lifecycle import NotAllowed, Refused, move
from secondop.cases.messages import mark_read, part_of, thread_of, with_unread, write
from secondop.cases.models import Case, Message
from secondop.cases.states import ENDED, State
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import make_case, make_draft, make_user

pytestmark = pytest.mark.django_db


def texts(case, user):
    """What ``user`` reads, the newest first."""
    return [message.text for message in thread_of(case, user)]


def told(person, kind):
    """How many notices of ``kind`` went to ``person``."""
    return Notice.objects.filter(recipient_id=person.pk, kind=kind).count()


def test_everybody_of_the_case_reads_and_writes_one_thread():
    case = make_case(State.IN_REVIEW)
    proxy = make_user()
    grant(case, proxy, Right.DECIDE, "family")
    for person, part in ((case.patient, "patient"), (proxy, "proxy"), (case.owner, "coordinator"), (case.specialist, "specialist")):
        assert write(case, by=person, text=f"From {part}").party == part
    for person in (case.patient, proxy, case.owner, case.specialist):
        assert texts(case, person) == ["From specialist", "From coordinator", "From proxy", "From patient"]
    assert Entry.objects.filter(action="message.write", case_uid=case.uid).count() == 4


def test_family_that_only_follows_and_strangers_have_no_thread():
    case = make_case(State.IN_REVIEW)
    write(case, by=case.patient, text="Hello")
    people = [make_user(), make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)]
    for right in (Right.STATUS, Right.READ_OPINION, Right.UPLOAD):
        people.append(make_user())
        grant(case, people[-1], right, "family")
    for person in people:
        assert texts(case, person) == []
        with pytest.raises(NotAllowed):
            write(case, by=person, text="Hello")


def test_a_specialist_reads_from_their_acceptance_on_and_nothing_once_it_is_gone():
    with shifted(timedelta(hours=-1)):
        case = make_case(State.READY)
        write(case, by=case.patient, text="Dr. Vos advised an operation")
    specialist = make_user(Role.SPECIALIST)
    grant(case, specialist, Right.SUMMARY, "offer")
    assert texts(case, specialist) == []
    case = move(case, "accept", by=specialist, specialist=specialist)
    grant(case, specialist, Right.WRITE, "accepted")
    write(case, by=case.owner, text="Thank you for taking it")
    assert texts(case, specialist) == ["Thank you for taking it"]
    assert len(texts(case, case.patient)) == 2
    revoke(case, *SPECIALIST_RIGHTS)
    assert texts(case, specialist) == [] and part_of(case, specialist) is None


def test_the_same_words_sent_twice_at_once_are_one_message():
    case = make_case()
    first = write(case, by=case.patient, text="Is it there?")
    assert write(case, by=case.patient, text=" Is it there?\r\n") == first
    assert write(case, by=case.owner, text="Is it there?") != first
    with shifted(timedelta(seconds=11)):
        assert write(case, by=case.patient, text="Is it there?") != first


def test_an_empty_text_a_draft_and_a_case_that_ended_long_ago_are_refused():
    draft, case = make_draft(), make_case()
    with pytest.raises(NotAllowed):
        write(draft, by=draft.patient, text="Hello")
    with pytest.raises(Refused):
        write(case, by=case.patient, text=" \n\u202e ")


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_case_takes_messages_for_thirty_days_and_stays_readable(state):
    case = make_case(state)
    with shifted(timedelta(days=29)):
        write(case, by=case.patient, text="One more thing")
    with shifted(timedelta(days=31)):
        assert texts(case, case.patient) == ["One more thing"]
        with pytest.raises(Refused):
            write(case, by=case.patient, text="And another")


def test_a_message_is_new_to_the_others_until_they_open_the_thread():
    case = make_case(State.IN_REVIEW)
    message = write(case, by=case.patient, text="Hello")
    new = lambda person, **more: with_unread(Case.objects.all(), person, **more).get(pk=case.pk).unread  # noqa: E731
    assert not new(case.patient)
    assert new(case.owner) and new(case.specialist, as_specialist=True)
    mark_read(case, case.owner, message)
    assert not new(case.owner) and new(case.specialist)
    later = write(case, by=case.specialist, text="Thank you")
    assert new(case.owner) and new(case.patient)
    mark_read(case, case.owner, later)
    mark_read(case, case.owner, message)
    assert not new(case.owner), "a mark never goes back"


def test_one_notice_for_all_that_is_unread():
    case = make_case(State.IN_REVIEW)
    for text in ("One", "Two", "Three"):
        last = write(case, by=case.patient, text=text)
    assert told(case.owner, "message_staff") == told(case.specialist, "message_staff") == 1
    assert told(case.patient, "message_patient") == 0
    mark_read(case, case.owner, last)
    write(case, by=case.patient, text="Four")
    assert (told(case.owner, "message_staff"), told(case.specialist, "message_staff")) == (2, 1)
    write(case, by=case.owner, text="Five")
    assert told(case.patient, "message_patient") == 1
    assert not Notice.objects.filter(context__icontains="Five").exists()


def test_messages_are_never_changed_or_deleted():
    message = write(case := make_case(), by=case.patient, text="Hello")
    for change in (lambda: Message.objects.update(text="Bye"), message.delete):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_marks_that_turn_the_writing_are_taken_out():
    case = make_case()
    assert write(case, by=case.patient, text="pay \u202egnp.exe\nשלום").text == "pay gnp.exe\nשלום"
