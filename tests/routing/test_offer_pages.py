"""What a specialist sees of an offer over HTTP: the summary without a name, what became of it, and conflicts of interest."""

import pytest
from django.urls import reverse

from routing.services import offers, screening
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.models import Case, NotInvolved
from secondop.cases.states import State
from secondop.web.clock import now
from tests.factories import make_user
from tests.routing.people import make_specialist, offered, ready_case, signed_in, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_mfa")]
MARKER = "Zebra Quagga"


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
