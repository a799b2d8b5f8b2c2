"""The desk's and specialists' pages over HTTP: who gets in, what they show, and what a click leads to."""

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
from secondop.cases.models import Case, NotInvolved
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.factories import make_case, make_draft, make_user
from tests.routing.people import accepted_case, make_specialist, make_specialty, offered, ready_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_mfa")]
PAGES = ["facts", "ask", "make_ready", "send_back", "decline", "decline_reject", "reassign", "reopen", "offer"]
BUTTONS = ["claim", "decline_confirm", "answer_due"]
MARKER = "Zebra Quagga"


@pytest.fixture
def no_mfa(settings):
    """Staff without a second factor, as in the demo."""
    settings.REQUIRE_STAFF_MFA = False


def signed_in(user):
    """A browser of ``user``."""
    client = Client()
    client.force_login(user)
    return client


def url(name, case, *ids):
    """An address of the desk."""
    return reverse(f"routing:{name}", args=[case.uid, *ids])


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
    assert Case.objects.get(pk=case.pk).state == State.READY
    assert b"handed the case back" in desk.get(url("case", case)).content


def test_an_offered_specialist_sees_the_summary_and_nothing_that_names_the_patient():
    case, specialist = ready_case(patient=make_user(full_name=MARKER, email="zebra@example.org")), make_specialist()
    brief = case.brief
    brief.subject_name, brief.phone, brief.first_opinion, brief.reason = MARKER, "555-0199", "Operate at once", "operation"
    brief.diagnosis, brief.values = "Mitral regurgitation", ["independence"]
    brief.save()
    NotInvolved.objects.create(case=case, name=f"{MARKER} Hospital")
    browser, address = signed_in(specialist), reverse("routing:offer_page", args=[offered(case, specialist)[0].uid])
    page = browser.get(address).content.decode()
    for shown in (
        "Is the operation needed?",
        "Mitral regurgitation",
        "40 to 64",
        "Ohio",
        "Staying independent",
        "An operation was advised",
    ):
        assert shown in page
    for hidden in (MARKER, "zebra@example.org", "555-0199", "Operate at once"):
        assert hidden not in page
    assert browser.get(reverse("records:list", args=[case.uid])).status_code == 404
    assert browser.get(reverse("opinions:write", args=[case.uid])).status_code == 404
    assert MARKER not in browser.get(reverse("routing:worklist")).content.decode()
    assert Entry.objects.filter(action="offer.read", actor=specialist, case_uid=case.uid).exists()


def test_somebody_elses_offer_and_an_unknown_one_are_both_not_there():
    case, asked, other = ready_case(), make_specialist(), make_specialist()
    (offer,) = offered(case, asked)
    for person in (other, case.owner, case.patient, make_user(Role.LEAD)):
        browser = signed_in(person)
        for uid in (offer.uid, case.uid):
            assert browser.get(reverse("routing:offer_page", args=[uid])).status_code == 404
            for name in ("accept", "decline_offer"):
                assert browser.post(reverse(f"routing:{name}", args=[uid]), {"kinds": ["none"], "code": "no_time"}).status_code == 404
    assert Case.objects.get(pk=case.pk).state == State.READY


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda case, mine, other: offers.accept(case, by=mine), "You accepted this case"),
        (lambda case, mine, other: offers.accept(case, by=other), "A colleague was first"),
        (lambda case, mine, other: offers.decline_offer(case, by=mine, code="no_time"), "You declined this offer"),
        (lambda case, mine, other: offers.recall(case, by=case.owner, offer_uid=case.offers.first().uid), "This offer was taken back"),
        (lambda case, mine, other: case.offers.update(expires_at=now()), "The time to answer is over"),
        (lambda case, mine, other: screening.send_back(case, by=case.owner, reason="x"), "This offer was taken back"),
        (
            lambda case, mine, other: offers.hand_back(offers.accept(case, by=mine), by=mine, reason="Ill"),
            "You had accepted this case",
        ),
    ],
)
def test_an_offer_that_ended_says_what_became_of_it(end, words):
    case, mine, other = ready_case(), make_specialist(), make_specialist()
    offer, _ = offered(case, mine, other)
    end(case, mine, other)
    browser = signed_in(mine)
    page = browser.get(reverse("routing:offer_page", args=[offer.uid]))
    assert page.status_code == 200 and words in page.content.decode()
    assert "Is the operation needed?" not in page.content.decode()
    again = browser.post(reverse("routing:accept", args=[offer.uid]), {"kinds": ["none"]}, follow=True)
    assert words in again.content.decode()


def test_declaring_a_conflict_keeps_the_offer_open_until_a_lead_waives_it():
    lead, case, specialist = make_user(Role.LEAD), ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    theirs, accept = signed_in(specialist), reverse("routing:accept", args=[offer.uid])
    both = theirs.post(accept, {"kinds": ["none", "family"], "conflict_text": MARKER})
    assert both.status_code == 422 and MARKER in both.content.decode()
    silent = theirs.post(accept, {"kinds": ["family"]})
    assert silent.status_code == 422 and "Please say what the conflict is." in silent.content.decode()
    page = theirs.post(accept, {"kinds": ["family"], "conflict_text": "My neighbor"}, follow=True).content.decode()
    assert "A lead looks at what you declared" in page and "Accept the case" not in page
    assert theirs.post(accept, {"kinds": ["none"]}).status_code == 422
    assert "declared a possible conflict" in signed_in(lead).get(reverse("routing:queue")).content.decode()
    assert signed_in(case.owner).post(url("waive", case, offer.uid), {"note": "x"}).status_code == 403
    signed_in(lead).post(url("waive", case, offer.uid), {"note": "Not close"})
    assert theirs.post(accept, {}).url == reverse("opinions:write", args=[case.uid])


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


def test_the_case_page_and_the_worklist_take_as_many_queries_for_much_as_for_little(django_assert_max_num_queries):
    case, person = accepted_case()
    desk, theirs = signed_in(case.owner), signed_in(person)
    for _ in range(8):
        asks.open_ask(case, by=case.owner, items=["a", "b"])
        case.checklist.create(text="MRI")
        offers.accept(offered(ready_case(), person)[0].case, by=person) if person.reviewed_cases.count() < 4 else None
        other = make_specialist()
        Offer.objects.create(case=case, specialist=other, sent_by=case.owner, expires_at=now(), status="lapsed")
    offered(ready_case(), person)
    with django_assert_max_num_queries(16):
        desk.get(url("case", case))
    with django_assert_max_num_queries(8):
        theirs.get(reverse("routing:worklist"))
