"""The pages of a thread, for the patient, the desk and the specialist: reading marks it, writing keeps what was typed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from secondop.audit.models import Entry
from secondop.cases.access import SPECIALIST_RIGHTS, Right, grant, revoke
from secondop.cases.asks import open_ask
from secondop.cases.messages import write
from secondop.cases.models import Message
from secondop.cases.states import State
from secondop.web.clock import shifted, today
from tests.factories import make_case, make_user
from tests.intake.filled import signed_in
from tests.markup import faults
from tests.records.conftest import check_all, sent
from tests.records.files import pdf

pytestmark = pytest.mark.django_db
APPS = {"tracking": "patient", "routing": "owner", "opinions": "specialist"}


@pytest.fixture(autouse=True)
def without_second_factor(settings):
    """Staff sign in with their password alone."""
    settings.REQUIRE_STAFF_MFA = False


def page_of(case, app="tracking", name="messages"):
    """The address of the thread of ``case`` in ``app``."""
    return reverse(f"{app}:{name}", args=[case.uid])


@pytest.mark.parametrize(("app", "whose"), APPS.items())
def test_each_side_reads_and_writes_on_a_page_of_its_own(app, whose):
    case = make_case(State.IN_REVIEW)
    person = getattr(case, whose)
    client = signed_in(person)
    assert "No messages yet" in client.get(page_of(case, app)).content.decode()
    answer = client.post(page_of(case, app), {"text": "Hello\n<b>there</b> https://evil.example"})
    assert answer.status_code == 302 and answer.url == page_of(case, app)
    client.post(page_of(case, app), {"text": "Hello\n<b>there</b> https://evil.example"})
    assert Message.objects.get().author == person
    text = client.get(page_of(case, app)).content.decode()
    assert "Hello<br>&lt;b&gt;there&lt;/b&gt; https://evil.example" in text and 'href="https://evil' not in text
    assert Entry.objects.filter(action="message.read", actor_id=person.pk, outcome="allowed").exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001, "a\x00b"])
def test_what_cannot_be_sent_is_kept_on_the_page(text):
    case = make_case()
    answer = signed_in(case.patient).post(page_of(case), {"text": text})
    assert answer.status_code == 422 and not Message.objects.exists()
    if len(text) > 4000:
        assert text in answer.content.decode()


def test_the_case_pages_show_the_last_three_and_lead_to_all():
    case = make_case(State.IN_REVIEW)
    for number in range(5):
        write(case, by=case.owner, text=f"Message {number}.")
    for app, whose, name in (("tracking", "patient", "case"), ("routing", "owner", "case"), ("opinions", "specialist", "write")):
        text = signed_in(getattr(case, whose)).get(page_of(case, app, name)).content.decode()
        assert "Message 4." in text and "Message 2." in text and "Message 1." not in text
        assert page_of(case, app) in text


def test_unread_marks_go_when_the_thread_is_opened():
    case = make_case(State.IN_REVIEW)
    lists = {"tracking": reverse("tracking:list"), "routing": reverse("routing:queue"), "opinions": reverse("routing:worklist")}
    write(case, by=case.patient, text="From me")
    write(case, by=case.owner, text="From us")
    for app, whose in APPS.items():
        client = signed_in(getattr(case, whose))
        assert "New message" in client.get(lists[app]).content.decode(), app
        assert ">New<" in client.get(page_of(case, app)).content.decode().replace("\n", "").replace(" ", ""), app
        assert "New message" not in client.get(lists[app]).content.decode(), app


def test_a_new_message_needs_the_owner_now_and_nobody_else():
    case = make_case(State.IN_REVIEW)
    rows = lambda: signed_in(case.owner).get(reverse("routing:queue")).context["queue"].rows  # noqa: E731
    assert not rows()[0].needs_me
    write(case, by=case.patient, text="Hello")
    assert rows()[0].needs_me and rows()[0].action == "Read the message"
    other = make_case(State.IN_REVIEW).owner
    theirs = signed_in(other).get(reverse("routing:queue")).context["queue"].rows
    assert not next(row for row in theirs if row.case.pk == case.pk).needs_me


def test_family_that_only_follows_sees_no_thread_and_no_mark():
    case, viewer = make_case(State.IN_REVIEW), make_user()
    grant(case, viewer, Right.STATUS, "family")
    write(case, by=case.owner, text="For the patient only")
    client = signed_in(viewer)
    assert client.get(page_of(case)).status_code == client.post(page_of(case), {"text": "x"}).status_code == 404
    text = client.get(page_of(case, name="case")).content.decode() + client.get(reverse("tracking:list")).content.decode()
    assert "For the patient only" not in text and "New message" not in text


def test_a_specialist_who_lost_the_case_reads_nothing_on_the_very_next_request():
    case = make_case(State.IN_REVIEW)
    write(case, by=case.patient, text="Hello")
    client = signed_in(case.specialist)
    page = client.get(page_of(case, "opinions")).content.decode()
    assert "Hello" in page and str(case.patient) not in page
    revoke(case, *SPECIALIST_RIGHTS)
    assert client.get(page_of(case, "opinions")).status_code == 404


def test_an_ended_case_says_until_when_one_can_write():
    case = make_case(State.CLOSED)
    client = signed_in(case.patient)
    assert "You can write here until" in client.get(page_of(case)).content.decode()
    with shifted(timedelta(days=31)):
        client = signed_in(case.patient)
        page = client.get(page_of(case)).content.decode()
        assert "but not write new ones" in page and "<textarea" not in page
        late = client.post(page_of(case), {"text": "Too late"})
        assert late.status_code == 422 and "Too late" in late.content.decode()


def test_the_thread_asks_the_same_number_of_queries_at_any_length(django_assert_max_num_queries):
    case = make_case(State.IN_REVIEW)
    write(case, by=case.owner, text="One")
    client = signed_in(case.patient)
    client.get(page_of(case))
    with django_assert_max_num_queries(16) as few:
        client.get(page_of(case))
    first = len(few)
    for number in range(60):
        write(case, by=case.owner if number % 2 else case.specialist, text=f"{number}")
    client.get(page_of(case))
    with django_assert_max_num_queries(first):
        page = client.get(page_of(case))
    assert len(page.context["lines"]) == 50 and len(client.get(page_of(case), {"page": 2}).context["lines"]) == 11


def test_files_of_the_case_are_attached_as_links_that_their_readers_may_open():
    case, foreign = make_case(State.IN_REVIEW), make_case(State.IN_REVIEW)
    client = signed_in(case.patient)
    for whose in (case, foreign):
        signed_in(whose.patient).post(reverse("records:upload", args=[whose.uid]), sent(("Report.pdf", pdf(mark=str(whose.pk)))))
    record, other = case.records.get(), foreign.records.get()
    answer = client.post(page_of(case), {"text": "See this", "records": [str(other.uid)]})
    assert answer.status_code == 422 and "See this" in answer.content.decode() and not Message.objects.exists()
    client.post(page_of(case), {"text": "See this", "records": [str(record.uid)]})
    link = reverse("records:open", args=[case.uid, record.uid])
    assert link in client.get(page_of(case)).content.decode()
    doctor = signed_in(case.specialist)
    assert link not in doctor.get(page_of(case, "opinions")).content.decode(), "not before it is checked"
    check_all()
    assert link in doctor.get(page_of(case, "opinions")).content.decode()
    assert doctor.get(link).status_code == 200


def test_an_answer_may_bring_files_of_the_case_that_staff_then_see():
    case = make_case(State.IN_REVIEW)
    ask = open_ask(case, by=case.specialist, items=["The report", "Your weight"])
    client = signed_in(case.patient)
    client.post(reverse("records:upload", args=[case.uid]), sent(("Report.pdf", pdf())))
    check_all()
    record, (first, second) = case.records.get(), ask.items.all()
    link, answer = reverse("records:open", args=[case.uid, record.uid]), reverse("tracking:answer", args=[case.uid, ask.pk])
    assert "Report.pdf" in client.get(page_of(case, name="case")).content.decode()
    client.post(answer, {f"item_{first.pk}": "It is attached.", "files": [str(record.uid)]})
    assert link in client.get(page_of(case, name="case")).content.decode()
    client.post(answer, {f"item_{second.pk}": "70 kg"})
    assert list(ask.records.all()) == [record]
    for app, whose, name in (("routing", "owner", "case"), ("opinions", "specialist", "write")):
        assert link in signed_in(getattr(case, whose)).get(page_of(case, app, name)).content.decode()


def test_two_asks_offer_the_same_files_and_each_box_belongs_to_its_own():
    case = make_case(State.IN_REVIEW)
    client = signed_in(case.patient)
    client.post(reverse("records:upload", args=[case.uid]), sent(("Report.pdf", pdf())))
    asks = [open_ask(case, by=case.owner, items=[text]) for text in ("The report", "The scan")]
    page = client.get(page_of(case, name="case"))
    assert [len(form["files"]) for _, form in page.context["asks"]] == [1, 1] and len(asks) == 2
    assert faults(page.content.decode()) == [], "an id that stands twice ticks the box of the other ask"


@pytest.mark.parametrize(("whose", "own", "back"), [("owner", "", "routing:case"), ("specialist", "own_", "opinions:write")])
def test_desk_and_specialist_give_more_time_and_close_what_they_asked(whose, own, back):
    case = make_case(State.IN_REVIEW)
    person = getattr(case, whose)
    ask = open_ask(case, by=person, items=["x"])
    extend, cancel = (reverse(f"routing:{own}ask_{verb}", args=[case.uid, ask.pk]) for verb in ("extend", "cancel"))
    with shifted(timedelta(days=3)):
        client = signed_in(person)
        page = client.get(reverse(back, args=[case.uid])).content.decode()
        assert extend in page and cancel in page
        assert client.get(extend).status_code == 200
        early = client.post(extend, {"due_at": f"{today():%Y-%m-%d}", "reason": "Kept words"})
        assert early.status_code == 422 and "Kept words" in early.content.decode()
        day = today() + timedelta(days=6)
        assert client.post(extend, {"due_at": f"{day:%Y-%m-%d}", "reason": "The lab is slow."}).status_code == 302
        told = signed_in(case.patient).get(page_of(case, name="case")).content.decode()
        assert "The lab is slow." in told and f"{day:%A} {day.day} {day:%B}" in told
        client.post(cancel)
    assert case.asks.get().status == "cancelled"
