"""The desk's pages and the worklist over HTTP: who gets in, what they show, and what a click leads to."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from routing.models import Offer
from routing.services import offers, screening
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases import asks
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.factories import make_case, make_draft, make_user
from tests.routing.people import accepted_case, make_specialist, make_specialty, offered, ready_case, signed_in, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_mfa")]
PAGES = ["facts", "ask", "make_ready", "send_back", "decline", "decline_reject", "reassign", "reopen", "offer"]
BUTTONS = ["claim", "decline_confirm", "answer_due"]
MARKER = "Zebra Quagga"


def case_urls(case):
    """Every address of the coordinator about one case."""
    return [url(name, case) for name in ("case", "brief", *PAGES, *BUTTONS)] + [
        url("check_item", case, 1),
        url("ask_cancel", case, 1),
        url("offer_recall", case, case.uid),
        url("waive", case, case.uid),
    ]


@pytest.mark.parametrize("who", ["patient", "coordinator who is the patient", "specialist", "administrator", "stranger"])
def test_the_desks_addresses_are_not_there_for_anybody_else(who):
    owner = make_user(Role.COORDINATOR) if "coordinator" in who else make_user()
    case = make_case(State.READY, patient=owner)
    person = owner if "patient" in who else make_user(Role(who) if who != "stranger" else None)
    browser = signed_in(person)
    unknown = make_draft()
    for address in case_urls(case):
        answers = {browser.get(address).status_code, browser.post(address).status_code}
        assert answers in ({404}, {404, 405}), address
        assert browser.post(address.replace(str(case.uid), str(unknown.uid))).status_code in (404, 405)
    assert Entry.objects.filter(action="case.refused", actor=person, case_uid=case.uid).exists()
    assert browser.get(reverse("routing:queue")).status_code == (200 if "coordinator" in who else 403)


def test_signed_out_people_are_sent_to_sign_in():
    case = make_case(State.READY)
    for address in [*case_urls(case), reverse("routing:queue"), reverse("routing:worklist")]:
        answer = Client().post(address) if "claim" in address else Client().get(address)
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer.url.startswith("/accounts/login/")


def test_verbs_are_posted_never_fetched():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    desk, theirs = signed_in(case.owner), signed_in(specialist)
    addresses = [url(name, case) for name in BUTTONS] + [url("ask_cancel", case, 1)]
    addresses.append(reverse("routing:notice_retry", args=[Notice.objects.first().pk]))
    assert [desk.get(address).status_code for address in addresses] == [405] * len(addresses)
    for name in ("accept", "decline_offer"):
        assert theirs.get(reverse(f"routing:{name}", args=[offer.uid])).status_code == 405
    before = case.journal.count()
    lead = signed_in(make_user(Role.LEAD))
    for name in PAGES:
        assert lead.get(url(name, case)).status_code in (200, 302)
    assert (case.journal.count(), Case.objects.get(pk=case.pk).state) == (before, State.READY)
    assert desk.delete(url("case", case)).status_code == 405


def test_the_path_of_a_request_over_the_desk():
    case, specialty, specialist = make_case(State.SCREENING), make_specialty(), make_specialist()
    desk = signed_in(case.owner)
    assert b"Claim this case" in desk.get(url("case", case)).content
    desk.post(url("claim", case))
    desk.post(url("facts", case), {"specialty": specialty.pk, "decision_date": "2030-01-07"})
    item = case.checklist.create(text="MRI")
    page = desk.get(url("case", case)).content.decode()
    assert "Get the 1 missing item" in page and "Claim this case" not in page
    desk.post(url("ask", case), {"items": "The MRI disc\r\n\r\nThe report"})
    assert [i.text for i in case.asks.get().items.all()] == ["The MRI disc", "The report"]
    desk.post(url("ask_cancel", case, case.asks.get().pk))
    refused = desk.post(url("make_ready", case))
    assert refused.status_code == 422 and b"Still missing: MRI" in refused.content
    desk.post(url("check_item", case, item.pk), {"status": "arrived"})
    assert desk.post(url("make_ready", case)).url == url("case", case)
    choose = desk.get(url("offer", case)).content.decode()
    assert "Works in Heart surgery." in choose and "Choice 1:" in choose
    desk.post(url("offer", case), {"specialist_id": specialist.pk})
    offer = case.offers.get()
    page = desk.get(url("case", case)).content.decode()
    assert str(specialist) in page and "12 hours left" in page

    theirs = signed_in(specialist)
    assert case.reference in theirs.get(reverse("routing:worklist")).content.decode()
    accept = reverse("routing:accept", args=[offer.uid])
    empty = theirs.post(accept)
    assert empty.status_code == 422 and "None of these" in empty.content.decode()
    day = (now() + timedelta(days=5)).date()
    answer = theirs.post(accept, {"kinds": ["none"], "proposed_due": f"{day}"})
    assert answer.url == reverse("opinions:write", args=[case.uid])
    assert b"A later date is proposed" in desk.get(url("case", case)).content
    desk.post(url("answer_due", case), {"agree": "yes"})
    assert Case.objects.get(pk=case.pk).due_at.date() == day
    back = theirs.post(url("hand_back", case), {"reason": "Ill"})
    assert back.url == reverse("routing:worklist")
    twice = theirs.post(url("hand_back", case), {"reason": "Ill"}, follow=True)
    assert "back at the desk already" in twice.content.decode()
    assert signed_in(make_specialist()).post(url("hand_back", case), {"reason": "Ill"}).status_code == 404
    assert Case.objects.get(pk=case.pk).state == State.READY
    assert b"handed the case back" in desk.get(url("case", case)).content


def test_nothing_typed_is_lost_when_a_form_is_refused():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    long = "x" * 100_000
    desk = signed_in(case.owner)
    for name, data in (
        ("decline", {"code": "scope", "text": long, "alternative": MARKER}),
        ("send_back", {"reason": long, "note": MARKER}),
        ("ask", {"items": f"{MARKER}\n{long}"}),
        ("facts", {"specialty": "999999999999999999999", "decision_date": "0203-01-01"}),
    ):
        answer = desk.post(url(name, case), data)
        page = answer.content.decode()
        assert answer.status_code == 422 and "error-summary" in page
        assert all(value in page for value in data.values() if value != "999999999999999999999")
    declined = signed_in(specialist).post(reverse("routing:decline_offer", args=[offer.uid]), {"code": "other", "text": " "})
    assert declined.status_code == 422 and "Please say why" in declined.content.decode()


def test_a_second_click_and_an_overtaken_page_are_told_so():
    case = ready_case()
    desk, other = signed_in(case.owner), signed_in(make_user(Role.COORDINATOR))
    form = {"reason": "Unreadable"}
    assert desk.post(url("send_back", case), form).url == url("case", case)
    late = other.post(url("send_back", case), form, follow=True)
    assert "moved on" in late.content.decode()
    assert case.journal.filter(event="send_back").count() == 1
    assert desk.get(url("offer", case)).url == url("case", case)


def test_a_clinical_decline_waits_on_the_leads_desk():
    lead, case = make_user(Role.LEAD), make_case(State.SCREENING)
    desk = signed_in(case.owner)
    desk.post(url("decline", case), {"code": "clinical", "text": "Too late for us", "alternative": "The local clinic"})
    assert "proposes to decline" not in desk.get(reverse("routing:queue")).content.decode()
    page = signed_in(lead).get(reverse("routing:queue")).content.decode()
    assert "proposes to decline" in page and "Confirm or reject" in page
    assert "<p>Clinical grounds</p>" in desk.get(url("case", case)).content.decode()
    assert desk.post(url("decline_confirm", case)).status_code == 403
    assert "A lead has to agree" in desk.get(url("case", case)).content.decode()
    signed_in(lead).post(url("decline_reject", case), {"answer": "We can help"})
    assert "We can help" in desk.get(url("case", case)).content.decode()
    desk.post(url("decline", case), {"code": "clinical", "text": "Too late for us", "alternative": "The local clinic"})
    signed_in(lead).post(url("decline_confirm", case))
    assert Case.objects.get(pk=case.pk).state == State.DECLINED
    signed_in(lead).post(url("reopen", case), {"note": "There is a new scan"})
    assert Case.objects.get(pk=case.pk).state == State.SCREENING


def test_the_answers_are_a_page_and_a_part_of_the_case_page():
    case = make_case(State.SCREENING)
    desk = signed_in(case.owner)
    whole, part = desk.get(url("brief", case)), desk.get(url("brief", case), headers={"HX-Request": "true"})
    assert b"Is the operation needed?" in whole.content and b"<h1>" in whole.content
    assert b"Is the operation needed?" in part.content and b"<html" not in part.content
    assert Entry.objects.filter(action="case.brief", actor=case.owner, case_uid=case.uid).count() == 2


def test_buttons_are_those_of_the_moves_that_can_be_made():
    for state, shown, hidden in (
        (State.SCREENING, ["decline/"], ["send-back/", "reassign/", "reopen/"]),
        (State.READY, ["decline/", "send-back/", "offer/"], ["reassign/", "reopen/"]),
        (State.IN_REVIEW, ["reassign/"], ["decline/", "send-back/", "/offer/"]),
        (State.DECLINED, ["reopen/"], ["decline/", "reassign/", "ask/"]),
    ):
        case = make_case(state)
        page = signed_in(case.owner).get(url("case", case)).content.decode()
        links = re.findall(rf'(?:href|action)="(/desk/cases/{case.uid}/[^"]*)"', page)
        assert all(any(link.endswith(word) for link in links) for word in shown), state
        assert not any(link.endswith(word) for link in links for word in hidden), state


def test_the_case_page_says_complete_only_while_the_records_are():
    case = make_case(State.READY)
    desk = signed_in(case.owner)
    assert "records complete" in desk.get(url("case", case)).content.decode()
    screening.send_back(case, by=case.owner, reason="The scan is missing.")
    assert "records complete" not in desk.get(url("case", case)).content.decode()


def test_a_stuck_mail_is_sent_again_by_those_who_may_see_its_case():
    coordinator = make_user(Role.COORDINATOR)
    case, own = make_case(State.SCREENING), make_case(State.SCREENING, patient=coordinator)
    Notice.objects.all().delete()
    stuck = {
        c: Notice.objects.create(kind="submitted", email="x@example.org", case_uid=c.uid, status="failed", attempts=9) for c in (case, own)
    }
    browser = signed_in(coordinator)
    page = browser.get(reverse("routing:queue")).content.decode()
    assert f"<strong>{case.reference}</strong>" in page and own.reference not in page and "x@example.org" not in page
    assert browser.post(reverse("routing:notice_retry", args=[stuck[own].pk])).status_code == 404
    assert signed_in(make_user()).post(reverse("routing:notice_retry", args=[stuck[case].pk])).status_code == 403
    assert browser.post(reverse("routing:notice_retry", args=[stuck[case].pk])).status_code == 302
    stuck[case].refresh_from_db()
    assert (stuck[case].status, stuck[case].attempts) == ("queued", 0)
    Notice.objects.update(channel="text", status="failed")
    assert "A text message could not be sent" in " ".join(browser.get(reverse("routing:queue")).content.decode().split())
    again = browser.post(reverse("routing:notice_retry", args=[stuck[case].pk]), follow=True)
    assert "It is on its way again." in again.content.decode()


def test_the_case_page_and_the_worklist_take_as_many_queries_for_much_as_for_little(django_assert_max_num_queries):
    case, person = accepted_case()
    desk, theirs = signed_in(case.owner), signed_in(person)
    for n in range(8):
        asks.open_ask(case, by=case.owner, items=["a", f"b{n}"])
        case.checklist.create(text="MRI")
        offers.accept(offered(ready_case(), person)[0].case, by=person) if person.reviewed_cases.count() < 4 else None
        other = make_specialist()
        Offer.objects.create(case=case, specialist=other, sent_by=case.owner, expires_at=now(), status="lapsed")
    offered(ready_case(), person)
    desk.get(url("case", case))
    with django_assert_max_num_queries(18):
        desk.get(url("case", case))
    with django_assert_max_num_queries(8):
        theirs.get(reverse("routing:worklist"))
