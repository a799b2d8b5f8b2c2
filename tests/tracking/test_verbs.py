"""Answering, withdrawing, reopening: once, by the right people, and never by a link."""

from datetime import timedelta

import pytest
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant
from secondop.cases.asks import cancel_ask, open_ask
from secondop.cases.lifecycle import NotAllowed, move
from secondop.cases.models import Ask, Case
from secondop.cases.states import OPEN, State
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.intake.filled import signed_in
from tracking import services

pytestmark = pytest.mark.django_db


def page_of(case, name="case", *more):
    """The address of a page of the case."""
    return reverse(f"tracking:{name}", args=[case.uid, *more])


def asked(case, *items):
    """An open ask with its items, and the address that takes the answers."""
    ask = open_ask(case, by=case.owner, items=items or ["Report", "Scan"])
    return ask, list(ask.items.all()), page_of(case, "answer", ask.pk)


def test_answers_are_kept_one_by_one():
    case = make_case(State.SCREENING)
    ask, (first, second), target = asked(case)
    client = signed_in(case.patient)
    assert client.post(target, {f"item_{first.pk}": "It is uploaded"}).url == page_of(case)
    page = client.get(page_of(case)).content.decode()
    assert "It is uploaded" in page and "We need something from you." in page
    client.post(target, {f"item_{first.pk}": "It is uploaded", f"item_{second.pk}": "I do not have it"})
    page = client.get(page_of(case))
    assert page.context["asks"] == [] and "I do not have it" in page.content.decode()
    assert Ask.objects.get(pk=ask.pk).status == Ask.Status.ANSWERED
    assert (
        list(Entry.objects.filter(actor_id=case.patient_id, action__endswith=".answer").values_list("action", flat=True))
        == ["ask.answer"] * 2
    )


def posted(page):
    """What a browser posts of the first ask on ``page`` without a change."""
    fields = page.context["asks"][0][1]
    return {name: field.value() or "" for field in fields for name in (field.html_name, field.html_initial_name)}


def test_a_page_left_open_does_not_bring_back_an_older_answer():
    case = make_case(State.SCREENING)
    ask, (first, second, _), target = asked(case, "Report", "Scan", "Weight")
    client = signed_in(case.patient)
    client.post(target, {f"item_{first.pk}": "On paper"})
    left_open = posted(client.get(page_of(case)))
    assert f'name="initial-item_{first.pk}"' in client.get(page_of(case)).content.decode()
    client.post(target, left_open | {f"item_{first.pk}": "Uploaded now"})
    assert client.post(target, left_open | {f"item_{second.pk}": "Lost"}).status_code == 302
    assert client.post(target, left_open).status_code == 302
    assert [item.answer for item in ask.items.all()] == ["Uploaded now", "Lost", ""]


def test_an_answer_is_taken_back_by_emptying_it():
    case = make_case(State.SCREENING)
    ask, (first, second), target = asked(case, "Report", "Scan")
    client = signed_in(case.patient)
    client.post(target, {f"item_{first.pk}": "The letter of my neighbor", f"item_{second.pk}": ""})
    shown = posted(client.get(page_of(case)))
    client.post(target, shown | {f"item_{first.pk}": ""})
    assert [item.answer for item in ask.items.all()] == ["", ""]
    assert "my neighbor" not in client.get(page_of(case)).content.decode()


@pytest.mark.parametrize("text", ["", "   ", "x" * 100_000])
def test_no_answer_and_far_too_long_ones_are_shown_again(text):
    case = make_case(State.SCREENING)
    _, (first, _), target = asked(case)
    answer = signed_in(case.patient).post(target, {f"item_{first.pk}": text})
    assert answer.status_code == 422
    assert answer.context["asks"][0][1].errors
    assert text in answer.content.decode()


def test_an_answer_to_a_closed_ask_is_told_kindly_and_one_to_another_case_is_not_found():
    case, other = make_case(State.SCREENING), make_case(State.SCREENING)
    ask, (first, _), target = asked(case)
    cancel_ask(ask, by=case.owner)
    client = signed_in(case.patient)
    answer = client.post(target, {f"item_{first.pk}": "late"}, follow=True)
    assert answer.status_code == 200 and "there is nothing more to do" in answer.content.decode()
    for text in ("", "x" * 5000):
        late = client.post(target, {f"item_{first.pk}": text}, follow=True)
        assert late.status_code == 200 and "there is nothing more to do" in late.content.decode()
    foreign, *_ = asked(other)
    assert client.post(page_of(case, "answer", foreign.pk), {}).status_code == 404
    assert client.get(target).status_code == 405


def test_withdrawing_says_what_is_lost_and_then_ends_everything():
    case = make_case(State.IN_REVIEW)
    ask, *_ = asked(case)
    offered = make_user(Role.SPECIALIST)
    grant(case, offered, Right.SUMMARY, "offer", until=now() + timedelta(hours=12))
    client = signed_in(case.patient)
    assert "can no longer see it" in client.get(page_of(case, "withdraw")).content.decode()
    assert client.post(page_of(case, "withdraw"), {"note": "I feel better."}).url == page_of(case)
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN and case.ended_at
    assert Ask.objects.get(pk=ask.pk).status == Ask.Status.CANCELLED
    for person, right in ((case.specialist, Right.RECORDS), (offered, Right.SUMMARY)):
        assert not Case.objects.visible_to(person, right).exists()
    assert set(Notice.objects.filter(kind="withdrawn_desk").values_list("recipient", flat=True)) == {case.owner.pk, case.specialist.pk}
    page = client.get(page_of(case)).content.decode()
    assert "This request was withdrawn." in page and "I feel better." in page and "Ask for a new second opinion" in page
    assert client.post(page_of(case, "withdraw")).url == page_of(case)
    assert client.get(page_of(case, "withdraw")).url == page_of(case)
    assert case.journal.filter(event="withdraw").count() == 1


def test_only_the_patient_and_deciding_family_withdraw(settings):
    settings.REQUIRE_STAFF_MFA = False
    for state in OPEN:
        case = make_case(state)
        decider = make_user()
        grant(case, decider, Right.DECIDE, "family")
        for person in (make_user(), case.owner, case.specialist or make_user(Role.SPECIALIST)):
            assert signed_in(person).post(page_of(case, "withdraw")).status_code == 404
            with pytest.raises(NotAllowed):
                services.withdraw(case, by=person)
        assert signed_in(decider).post(page_of(case, "withdraw")).status_code == 302
        assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN


def test_reopening_needs_to_say_what_is_new():
    case = make_case(State.DELIVERED)
    client = signed_in(case.patient)
    answer = client.post(page_of(case, "reopen"), {"note": "  "})
    assert answer.status_code == 422 and "Please say what is new" in answer.content.decode()
    assert client.post(page_of(case, "reopen"), {"note": "A new scan"}).url == page_of(case)
    case.refresh_from_db()
    assert case.state == State.SCREENING and case.delivered_at
    page = client.get(page_of(case)).content.decode()
    assert "A new scan" in page and reverse("delivery:opinion", args=[case.uid]) in page
    assert client.post(page_of(case, "reopen"), {"note": "again"}, follow=True).redirect_chain[-1][0] == page_of(case)
    assert case.journal.filter(event="reopen").count() == 1


def test_an_expired_request_goes_on_with_one_click_for_ninety_days():
    case = make_case(State.EXPIRED)
    client = signed_in(case.patient)
    assert "Go on with this request" in client.get(page_of(case)).content.decode()
    with shifted(timedelta(days=91)):
        assert page_of(case, "reopen") not in client.get(page_of(case)).content.decode()
        assert client.get(page_of(case, "reopen")).url == page_of(case)
        page, late = client.get(page_of(case)), client.post(page_of(case, "reopen"))
    assert page.context["next"]["url"] == reverse("intake:start")
    assert page.context["status"].sentence.endswith("You can start a new one at any time.")
    assert late.status_code == 422 and "start a new request" in late.content.decode()
    assert client.post(page_of(case, "reopen")).url == page_of(case)
    assert Case.objects.get(pk=case.pk).state == State.SCREENING


@pytest.mark.parametrize("state", [State.SCREENING, State.IN_REVIEW, State.WITHDRAWN])
def test_what_cannot_be_reopened_is_not_offered(state):
    case = make_case(state)
    client = signed_in(case.patient)
    assert page_of(case, "reopen") not in client.get(page_of(case)).content.decode()
    assert client.get(page_of(case, "reopen")).url == page_of(case)


def test_a_declined_patient_reads_why_and_what_else():
    case = make_case(State.SCREENING)
    move(case, "decline", by=case.owner, note="We have no specialist for this. Ask at Example University.", reason="for staff only")
    page = signed_in(case.patient).get(page_of(case)).content.decode()
    assert "Ask at Example University." in page and "for staff only" not in page and page_of(case, "reopen") in page
