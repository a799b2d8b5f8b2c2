"""The patient's list and case page: a sentence for every state, for the right people, in few queries."""

from datetime import timedelta

import pytest
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, revoke
from secondop.cases.asks import answer_ask, open_ask
from secondop.cases.messages import write
from secondop.cases.models import Brief, Case
from secondop.cases.states import OPEN, State
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_draft, make_user
from tests.intake.filled import signed_in
from tests.routing.people import make_specialist
from tracking.pages import two_clocks
from tracking.services import withdraw
from tracking.status import status_of, with_facts

pytestmark = pytest.mark.django_db
LIST = reverse("tracking:list")


def page_of(case, name="case"):
    """The address of a page of the case."""
    return reverse(f"tracking:{name}", args=[case.uid])


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_every_state_is_a_sentence_and_never_a_state_name(state):
    case = make_case(state)
    client = signed_in(case.patient)
    page = client.get(page_of(case))
    assert page.status_code == 200
    sentence = page.context["status"].sentence
    assert sentence.endswith(".") and sentence in page.content.decode()
    for word in ("screening", "in_review", "checking", "in review"):
        assert word not in page.content.decode()
    assert sentence in client.get(LIST).content.decode()
    assert ("Waiting for" in page.context["waiting"]) == (state in OPEN)


def test_sentences_name_the_person_and_say_whose_turn_it_is():
    case = make_case(State.SCREENING)
    client = signed_in(case.patient)
    assert client.get(page_of(case)).context["status"].sentence == f"We have your request. {case.owner} checks that we can help."
    open_ask(case, by=case.owner, items=["The pathology report"])
    page = client.get(page_of(case))
    assert page.context["status"].sentence == "We need something from you."
    assert page.context["waiting"].startswith("Waiting for you since ") and "The pathology report" in page.content.decode()
    assert "Waiting for you" in client.get(LIST).content.decode()


def test_offers_and_specialists_questions_change_the_sentence():
    ready = make_case(State.READY)
    facts = lambda case: status_of(with_facts(Case.objects.all()).get(pk=case.pk)).sentence  # noqa: E731
    assert "We are choosing a specialist." in facts(ready)
    grant(ready, make_user(Role.SPECIALIST), Right.SUMMARY, "offer", until=now() + timedelta(hours=12))
    assert "A specialist is being asked." in facts(ready)
    with shifted(timedelta(hours=13)):
        assert "We are choosing a specialist." in facts(ready)
    review = make_case(State.IN_REVIEW)
    assert facts(review) == f"{review.specialist} is reviewing your case."
    open_ask(review, by=review.specialist, items=["x"])
    assert facts(review) == f"{review.specialist} has a question for you."


def test_a_draft_leads_to_the_intake_and_shows_only_to_those_who_work_on_it():
    case = make_draft()
    viewer, helper = make_user(), make_user()
    grant(case, viewer, Right.STATUS, "family")
    grant(case, helper, Right.DECIDE, "family")
    client = signed_in(case.patient)
    assert client.get(page_of(case)).url == reverse("intake:hub", args=[case.uid])
    assert case.reference in client.get(LIST).content.decode()
    assert case.reference in signed_in(helper).get(LIST).content.decode()
    assert case.reference not in signed_in(viewer).get(LIST).content.decode()
    assert signed_in(viewer).get(page_of(case)).status_code == 404
    assert {entry.outcome for entry in Entry.objects.filter(actor_id=viewer.pk, case_uid=case.uid)} == {"refused"}


def test_family_that_helps_with_the_records_of_a_draft_is_led_to_them():
    case, helper = make_draft(), make_user()
    for right in (Right.STATUS, Right.UPLOAD):
        grant(case, helper, right, "family")
    client = signed_in(helper)
    [item] = client.get(LIST).context["items"]
    assert item["url"] == reverse("records:list", args=[case.uid])
    assert client.get(item["url"]).status_code == 200


def test_records_are_asked_for_only_while_the_case_takes_them():
    for state, label in ((State.SCREENING, "Add records"), (State.CHECKING, "See the records")):
        case = make_case(state)
        open_ask(case, by=case.owner, items=["Your weight, please"])
        page = signed_in(case.patient).get(page_of(case))
        assert label in [action["label"] for action in page.context["actions"]]
        assert ("Add it to your records" in page.content.decode()) == (state == State.SCREENING)


def test_a_stranger_finds_nothing_and_the_refusal_is_written_down(settings):
    settings.REQUIRE_STAFF_MFA = False
    case = make_case(State.DELIVERED)
    ask = reverse("tracking:answer", args=[case.uid, 1])
    for person in (make_user(), make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)):
        client = signed_in(person)
        for name in ("case", "request", "withdraw", "reopen"):
            assert client.get(page_of(case, name)).status_code == 404
            assert client.post(page_of(case, name)).status_code in (404, 405)
        assert client.post(ask).status_code == 404
        assert case.reference not in client.get(LIST).content.decode()
    refused = Entry.objects.filter(action="case.refused", case_uid=case.uid, outcome="refused")
    assert refused.count() == 3 * 7


def test_family_with_status_sees_how_it_stands_and_no_more():
    case = make_case(State.IN_REVIEW)
    open_ask(case, by=case.owner, items=["Your weight, please"])
    viewer = make_user()
    grant(case, viewer, Right.STATUS, "family")
    client = signed_in(viewer)
    page = client.get(page_of(case))
    text = page.content.decode()
    assert page.status_code == 200 and "Your weight" not in text
    assert page.context["actions"] == [] and not page.context["may_withdraw"] and page.context["next"]["url"] == ""
    about = "A cyst in the left knee"
    Brief.objects.filter(case=case).update(diagnosis=f"{about}.")
    assert about in signed_in(case.patient).get(LIST).content.decode()
    listed = client.get(LIST).content.decode()
    assert f"shared by {case.patient}" in listed and about not in listed + text
    for name in ("request", "withdraw", "reopen"):
        assert client.get(page_of(case, name)).status_code == 404
    assert client.post(page_of(case, "withdraw")).status_code == 404
    assert "May see how it stands" in signed_in(case.patient).get(page_of(case)).content.decode()
    assert "Waiting for you" not in listed and "Waiting for you" in signed_in(case.patient).get(LIST).content.decode()
    revoke(case, Right.STATUS, user=viewer)
    assert client.get(page_of(case)).status_code == 404


def test_only_those_who_may_reopen_are_told_that_they_can():
    case, viewer = make_case(State.DECLINED), make_user()
    grant(case, viewer, Right.STATUS, "family")
    told = [("you can reopen the case" in signed_in(who).get(page_of(case)).content.decode()) for who in (case.patient, viewer)]
    assert told == [True, False]


def test_reading_the_opinion_is_offered_to_those_who_may():
    case = make_case(State.DELIVERED)
    viewer, reader = make_user(), make_user()
    grant(case, viewer, Right.STATUS, "family")
    for right in (Right.STATUS, Right.READ_OPINION):
        grant(case, reader, right, "family")
    opinion = reverse("delivery:opinion", args=[case.uid])
    viewers = signed_in(viewer)
    assert opinion not in viewers.get(page_of(case)).content.decode()
    assert "Ready to read" not in viewers.get(LIST).content.decode()
    assert "Ready to read" in signed_in(reader).get(LIST).content.decode()
    Case.objects.filter(pk=case.pk).update(opened_at=now())  # by one of them, which is no reason to hide it from the other
    for person in (reader, case.patient):
        assert signed_in(person).get(page_of(case)).context["next"]["url"] == opinion


def test_two_clocks_count_from_the_request_and_from_complete_records():
    with shifted(timedelta(days=-9, hours=-1)):
        case = make_case(State.SCREENING)
    assert [clock.days for clock in two_clocks(case)] == [9, None]
    with shifted(timedelta(days=-9, hours=-1)):
        ready = make_case(State.READY)
    assert [clock.days for clock in two_clocks(ready)] == [9, 9]
    with shifted(timedelta(days=-9, hours=-1)):
        delivered = make_case(State.DELIVERED)
    assert [clock.days for clock in two_clocks(delivered)] == [0, 0]


def test_the_timeline_tells_what_was_what_is_and_what_comes():
    case = make_case(State.READY)
    items = signed_in(case.patient).get(page_of(case)).context["timeline"]
    assert [item["state"] for item in items] == ["done", "done", "now", "next", "next", "next"]
    assert items[0]["title"] == "You sent your request" and items[0]["who"] == ""
    assert "our target, not a promise" in items[-1]["text"]


def test_what_family_did_is_told_as_theirs_to_the_patient_and_the_desk(settings):
    settings.REQUIRE_STAFF_MFA = False
    case, son = make_case(State.SCREENING), make_user(full_name="Sam Young")
    grant(case, son, Right.DECIDE, "family")
    ask = open_ask(case, by=case.owner, items=["Your weight, please"])
    answer_ask(ask, by=son, answers={ask.items.get().pk: "70 kg"})
    withdraw(case, by=son)
    pages = (signed_in(case.patient).get(page_of(case)), signed_in(case.owner).get(reverse("routing:case", args=[case.uid])))
    for items in (page.context["timeline"] for page in pages):
        titles = {item["title"] for item in items}
        assert {"Sam Young answered", "Sam Young withdrew the request"} < titles
        assert titles & {"You sent your request", "Request sent"} and not titles & {"You answered", "The patient answered"}


def test_pages_ask_the_same_number_of_queries_at_any_length(django_assert_max_num_queries):
    patient = make_user()
    asked, *_ = [make_case(state, patient=patient) for state in (State.READY, State.IN_REVIEW, State.DELIVERED)]
    open_ask(asked, by=asked.owner, items=["x"])
    client = signed_in(patient)
    client.get(LIST)
    with django_assert_max_num_queries(7) as few:
        client.get(LIST)
    for _ in range(5):
        for state in (State.READY, State.SCREENING):
            more = make_case(state, patient=patient)
            open_ask(more, by=more.owner, items=["x"])
    with django_assert_max_num_queries(len(few)):
        client.get(LIST)
    case = make_case(State.IN_REVIEW, patient=patient)
    for n in range(4):
        open_ask(case, by=case.owner, items=["x", "y", f"z{n}"])
        write(case, by=case.owner, text="We have asked you something.")
    client.get(page_of(case))
    with django_assert_max_num_queries(18):
        assert client.get(page_of(case)).status_code == 200


def test_long_lists_are_paged():
    patient = make_user()
    cases = [make_draft(patient) for _ in range(23)]
    client = signed_in(patient)
    first, second = client.get(LIST).content.decode(), client.get(LIST, {"page": 2}).content.decode()
    assert sum(case.reference in first for case in cases) == 20 and sum(case.reference in second for case in cases) == 3
    assert client.get(LIST, {"page": "x"}).status_code == 200


def test_a_title_reads_as_it_was_typed():
    case = make_draft(make_user())
    Brief.objects.filter(case=case).update(diagnosis="They don't know & can't say")
    page = signed_in(case.patient).get(LIST).content.decode()
    assert "They don&#x27;t know &amp; can&#x27;t say" in page and "&amp;#x27;" not in page


def test_the_patient_sees_who_the_specialist_is():
    specialist = make_specialist(name="Dr. Ada Vos", credentials="MD, PhD", institution="Harbor Cancer Center")
    case = make_case(State.IN_REVIEW, specialist=specialist)
    people = signed_in(case.patient).get(page_of(case)).context["people"]
    assert {"name": "Dr. Ada Vos", "credentials": "MD, PhD", "text": "Specialist, Harbor Cancer Center"} in people
