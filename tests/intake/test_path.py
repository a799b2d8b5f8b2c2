"""A request from the first click to the receipt, and everything that may stand in its way."""

import threading
from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant
from secondop.cases.answers import answers
from secondop.cases.models import Brief, Case, Consent
from secondop.cases.states import State
from secondop.catalog.models import JurisdictionRule, Specialty
from secondop.notices.models import Notice
from tests.factories import make_case, make_draft, make_user

from .filled import QUESTION, WHO, begin, fill, put, signed_in, stamp, url

pytestmark = pytest.mark.django_db


def test_a_request_goes_from_the_first_click_to_the_receipt(django_assert_max_num_queries):
    coordinator = make_user(Role.COORDINATOR)
    client = signed_in()
    case = begin(client)
    assert [step["state"] for step in client.get(url("hub", case)).context["steps"]] == ["todo"] * 4
    specialty = Specialty.objects.get(name="Orthopedic surgery")
    fill(client, case)
    put(client, case, "question", {**QUESTION, "specialty": specialty.pk})
    assert [step["state"] for step in client.get(url("hub", case)).context["steps"]] == ["done"] * 4
    check = client.get(url("check", case))
    assert check.context["gaps"] == []
    for text in (
        "Ohio, United States",
        "A slipped disc at L4/L5",
        "What if I wait?",
        "Ibuprofen 400 mg",
        "Clinic Nord",
        "may be contacted",
    ):
        assert text in check.content.decode()
    with django_assert_max_num_queries(52):  # with the transaction's own two, and one copy to order of each consent
        sent = client.post(url("submit", case))
    assert sent.url == url("receipt", case)
    receipt = client.get(sent.url).content.decode()
    case.refresh_from_db()
    assert case.state == State.SCREENING and case.owner == coordinator and case.specialty == specialty
    assert case.reference in receipt and coordinator.full_name in receipt
    assert Case.objects.visible_to(coordinator, Right.COORDINATE).get() == case
    assert set(Notice.objects.values_list("recipient", "kind")) >= {(coordinator.pk, "case_assigned"), (client.user.pk, "submitted")}
    wanted = {"The letter or report of the first opinion", "The original X-ray or MRI images, not only their reports"}
    assert wanted <= {item.text for item in case.checklist.all()}
    assert Entry.objects.filter(action="case.submit", case_uid=case.uid, actor_id=client.user.pk).count() == 1


@pytest.mark.parametrize(
    ("screen", "data", "wanted"),
    [
        ("who", {**WHO, "country": "KP"}, {"country"}),
        ("who", {**WHO, "region": "GU"}, {"region"}),
        ("who", {**WHO, "region": ""}, {"region"}),
        ("who", {**WHO, "for_whom": "other"}, {"subject_name", "relationship", "authority"}),
        ("who", {**WHO, "age_band": "12-17"}, {"for_whom"}),
        ("who", {**WHO, "decision_date": "0203-05-05"}, {"decision_date"}),
        ("who", {**WHO, "decision_date": "2020-05-05"}, {"decision_date"}),
        ("who", {**WHO, "phone": "", "quiet_to": ""}, {"phone", "quiet_to"}),
        ("question", {**QUESTION, "values": ["quality", "work", "family", "cost"]}, {"values"}),
        ("question", {**QUESTION, "diagnosis": "", "questions-0-text": "", "questions-2-text": ""}, {"diagnosis", "questions"}),
        ("question", {**QUESTION, "diagnosis": "x" * 100_000}, {"diagnosis"}),
        ("question", {**QUESTION, **{f"questions-{n}-text": "Why?" for n in range(6)}}, {"questions"}),
        ("question", {**QUESTION, "questions-0-text": "x" * 100_000}, {"questions"}),
    ],
)
def test_a_screen_says_what_to_do_and_loses_nothing(screen, data, wanted):
    client = signed_in()
    case = begin(client)
    answer = put(client, case, screen, data)
    if answer.status_code == 302:
        assert answer.url == url("stop", case)
        answer = client.get(answer.url)
        assert "We cannot take requests" in answer.content.decode()
        return
    assert answer.status_code == 422
    assert wanted <= set(answer.context["form"].errors)
    for name, value in data.items():
        if name in answer.context["form"].fields and isinstance(value, str) and len(value) < 200 and value != "lines":
            assert (answer.context["form"][name].value() or "") == value
    assert screen not in Case.objects.get(pk=case.pk).brief.done


def test_an_emergency_and_a_place_not_served_stop_everything_else():
    client = signed_in()
    case = begin(client)
    assert put(client, case, "who", {**WHO, "emergency": "yes"}).url == url("stop", case)
    page = client.get(url("stop", case)).content.decode()
    assert "Call your emergency number now" in page and "tel:911" in page
    for target in (url("hub", case), url("check", case), url("screen", case, "question")):
        assert client.get(target).url == url("stop", case)
    assert client.post(url("screen", case, "question"), QUESTION).url == url("stop", case)
    assert put(client, case, "who", WHO).status_code == 302
    assert client.get(url("stop", case)).url == url("hub", case)


def test_a_patient_never_reads_the_source_of_a_sample_rule():
    client = signed_in()
    case = begin(client)
    rule = JurisdictionRule.objects.create(
        country="US", region="Maine", verdict="direct", source="Maine law", reviewed_on=date(2026, 11, 1)
    )
    put(client, case, "who", {**WHO, "country": "US", "region": "Maine"})
    for sample in (True, False):
        JurisdictionRule.objects.filter(pk=rule.pk).update(verdict="prohibited", sample=sample)
        assert ("Maine law" in client.get(url("stop", case)).content.decode()) is not sample


def test_a_place_not_served_is_told_on_the_start_page_and_stores_nothing():
    client = signed_in()
    answer = client.post(reverse("intake:start"), {"country": "CA", "region": "quebec"})
    assert answer.status_code == 422
    assert JurisdictionRule.objects.get(country="CA", region="Quebec").note in answer.content.decode()
    assert not Case.objects.exists()


def test_starting_twice_makes_one_draft_and_a_written_one_is_offered_again():
    client = signed_in()
    first, second = begin(client), begin(client)
    assert first == second
    put(client, first, "who", {"age_band": "80+"}, act="later")
    assert begin(client) != first
    assert first.reference in client.get(reverse("intake:start")).content.decode()


def test_whoever_has_ten_requests_unsent_sends_or_deletes_one_before_the_next():
    client = signed_in()
    first = begin(client)
    for _ in range(9):
        make_draft(client.user)
    assert begin(client) in Case.objects.filter(patient=client.user), "an empty one is given again"
    Brief.objects.update(saved_by_page={"who": "page"})
    refused = client.post(reverse("intake:start"), {"country": "US", "region": "Ohio"})
    assert refused.status_code == 422 and "10 requests that are not sent" in refused.content.decode()
    assert Case.objects.count() == 10
    assert client.post(reverse("intake:delete", args=[first.uid])).status_code == 302
    assert begin(client) and Case.objects.count() == 10


def test_nothing_is_sent_before_all_is_there_and_each_gap_has_a_link():
    client = signed_in()
    case = begin(client)
    gaps = client.get(url("check", case)).context["gaps"]
    assert {gap["title"] for gap in gaps} == {"Who and how fast", "My question", "My health and records", "Consent and send"}
    assert client.post(url("submit", case), follow=True).redirect_chain[-1][0] == url("check", case)
    assert Case.objects.get(pk=case.pk).state == State.DRAFT and not Consent.objects.exists()
    fill(client, case)
    put(client, case, "question", {**QUESTION, "diagnosis": ""}, act="later")
    [gap] = client.get(url("check", case)).context["gaps"]
    assert [item["url"] for item in gap["items"]] == [url("screen", case, "question") + "#id_diagnosis"]


def test_a_second_click_lands_on_the_receipt():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    assert [client.post(url("submit", case)).url for _ in range(2)] == [url("receipt", case)] * 2
    assert case.journal.filter(event="submit").count() == 1
    assert client.get(url("screen", case, "who")).url == reverse("tracking:case", args=[case.uid])
    assert client.post(url("autosave", case, "who"), WHO).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_send_one_request():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    browsers = [signed_in(client.user) for _ in range(2)]
    ready, answers_ = threading.Barrier(2), []

    def send(browser):
        ready.wait()
        answers_.append(browser.post(url("submit", case)).url)
        connection.close()

    threads = [threading.Thread(target=send, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers_ == [url("receipt", case)] * 2
    assert case.journal.filter(event="submit").count() == 1
    assert Consent.objects.filter(case=case).count() == 6


def test_only_the_patient_and_deciding_family_reach_a_draft(settings):
    settings.REQUIRE_STAFF_MFA = False
    client = signed_in()
    case = begin(client)
    put(client, case, "who", WHO)
    stranger, viewer, decider = signed_in(), make_user(), make_user()
    grant(case, viewer, Right.STATUS, "family")
    grant(case, decider, Right.DECIDE, "family")
    pages = [url("hub", case), url("check", case), url("stop", case), *(url("screen", case, name) for name in ("who", "consent"))]
    for browser in (stranger, signed_in(viewer), signed_in(make_user(Role.LEAD))):
        assert {browser.get(page).status_code for page in [*pages, url("receipt", case)]} == {404}
        for name in ("autosave", "screen"):
            assert browser.post(url(name, case, "who"), WHO).status_code == 404
        assert browser.post(url("submit", case)).status_code == 404
        assert begin(browser) != case
    family = signed_in(decider)
    assert put(family, case, "question", QUESTION).status_code == 302
    assert Entry.objects.filter(action="case.refused", case_uid=case.uid).count() == 27
    assert case.questions.count() == 2


def test_verbs_are_post_only_and_unknown_screens_are_not_found():
    client = signed_in()
    case = begin(client)
    assert client.get(url("submit", case)).status_code == 405
    assert client.get(url("autosave", case, "who")).status_code == 405
    assert client.post(url("hub", case)).status_code == 405
    assert client.put(url("screen", case, "who")).status_code == 405
    assert client.get(url("screen", case, "nothing")).status_code == 404
    assert client.get(url("receipt", case)).url == url("check", case)


def test_required_answers_are_at_most_twenty_five():
    client = signed_in()
    case = begin(client)
    asked = 0
    for name in ("who", "question", "health"):
        answer = client.post(url("screen", case, name), {"stamp": stamp(client, case, name), "act": "continue"})
        asked += len(answer.context["form"].errors)
    answer = client.post(url("screen", case, "consent"), {"stamp": stamp(client, case, "consent"), "act": "continue"})
    assert 0 < asked + len(answer.context["form"].errors) <= 25


def test_sections_can_be_left_out_of_the_answers():
    case = make_case(State.IN_REVIEW)
    case.brief.diagnosis, case.brief.first_opinion = "A slipped disc", "Fuse the vertebrae"
    everything = {section.name for section in answers(case)}
    assert {"first_opinion", "contact"} <= everything
    without = answers(case, without=["first_opinion", "contact"])
    assert {section.name for section in without} == everything - {"first_opinion", "contact"}
    assert "slipped" in str(without) and "Fuse" not in str(without)
