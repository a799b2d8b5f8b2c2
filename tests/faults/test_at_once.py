"""Double clicks and two tabs, over HTTP to several processes: one effect, and every click gets a sensible answer."""

from functools import partial

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.urls import reverse

from opinions.models import Letter, Opinion
from records.models import DropLink
from records.sourcing.links import FILES_AN_HOUR, live, secret_of
from records.sourcing.services import ask
from routing.models import Offer
from secondop.accounts.models import Role, User
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from tests.factories import PASSWORD, make_case, make_user
from tests.intake.filled import begin, fill, signed_in
from tests.opinions.written import in_review, ready_document, signed, write
from tests.records.sourcing.conftest import authorize
from tests.routing.people import accepted_case, make_specialist, offered, ready_case
from tests.servers import LONG

from .site import Answer, Site, at_once

CLICKS = 4
SENSIBLE = {200, 302, 409, 422}


@pytest.fixture(scope="module", autouse=True)
def running(site: Site) -> None:
    site.start_web(WEB_WORKERS="4", TRUSTED_PROXY_COUNT="1", DATABASE_SECONDS=str(LONG))  # each waits for its turn, however long


def click(site: Site, person: User, path: str, **data: str) -> list[str]:
    """Send the same form from several tabs at once; the words that each tab shows in the end, which are never an error's."""
    browser = site.browser(person)
    answers = at_once(*[partial(browser.post, path, data)] * CLICKS)
    return [shown(browser.follow(answer) if answer.status == 302 else answer) for answer in answers]


def shown(page: Answer) -> str:
    assert page.status in SENSIBLE, page.words
    return page.words


def happened(case: Case, event: str) -> int:
    """How often the case's journal says so."""
    return case.journal.filter(event=event).count()


def test_a_request_is_sent_once(site):
    make_user(Role.COORDINATOR)
    client = signed_in(make_user())
    case = begin(client)
    fill(client, case)
    pages = click(site, client.user, f"/request/{case.uid}/submit/")
    case.refresh_from_db()
    assert (case.state, happened(case, "submit")) == (State.SCREENING, 1)
    assert all(case.reference in words for words in pages), "every tab shows the receipt"
    assert Notice.objects.filter(case_uid=case.uid).count() == 2


def test_a_draft_is_started_once(site):
    patient = make_user()
    click(site, patient, "/request/", country="US", region="Ohio")
    assert Case.objects.filter(patient=patient).count() == 1


def test_a_request_is_withdrawn_once(site):
    case = make_case(State.SCREENING)
    click(site, case.patient, f"/cases/{case.uid}/withdraw/", note="")
    case.refresh_from_db()
    assert (case.state, happened(case, "withdraw")) == (State.WITHDRAWN, 1)


def test_an_offer_is_sent_and_accepted_once(site):
    case, person = ready_case(), make_specialist()
    click(site, case.owner, reverse("routing:offer", args=[case.uid]), specialist_id=str(person.pk))
    offer = Offer.objects.get(case=case)
    pages = click(site, person, f"/offers/{offer.uid}/accept/", kinds="none")
    case.refresh_from_db()
    assert (case.state, case.specialist, happened(case, "accept")) == (State.IN_REVIEW, person, 1)
    assert not any("We will be back" in words for words in pages)


def test_of_two_specialists_one_gets_the_case_and_the_other_is_told(site):
    case, people = ready_case(), [make_specialist() for _ in range(2)]
    offers = offered(case, *people)
    browsers = [site.browser(person) for person in people]
    paths = [f"/offers/{offer.uid}/accept/" for offer in offers]
    answers = at_once(*[partial(browser.post, path, {"kinds": "none"}) for browser, path in zip(browsers, paths, strict=True)])
    case.refresh_from_db()
    winner = people.index(case.specialist)
    assert answers[winner].location == f"/review/{case.uid}/"
    lost = browsers[1 - winner].follow(answers[1 - winner])
    assert (lost.status, happened(case, "accept")) == (200, 1)
    assert "Here is how it stands now" in lost.words or "taken" in lost.words or "colleague" in lost.words, lost.words


def test_an_opinion_is_signed_once(site):
    case, author, _ = in_review()
    User.objects.filter(pk=author.pk).update(password=ScryptPasswordHasher().encode(PASSWORD, "salt"))
    author.refresh_from_db()
    draft = write(case, author)
    pages = click(site, author, f"/review/{case.uid}/sign/", password=PASSWORD, version=str(draft.edits))
    case.refresh_from_db()
    assert (case.state, happened(case, "sign")) == (State.CHECKING, 1)
    assert (Letter.objects.filter(opinion__case=case).count(), Opinion.objects.get(case=case).version) == (1, 1)
    assert all("The operation can wait." in words for words in pages), "every tab shows what was signed"


def test_an_opinion_is_released_once(site):
    case, opinion = signed()
    ready_document(opinion)
    pages = click(site, case.owner, f"/review/{case.uid}/release/")
    case.refresh_from_db()
    assert (case.state, happened(case, "release")) == (State.DELIVERED, 1)
    assert sum("Released." in words for words in pages) == 1
    assert sum("Here is how it stands now." in words for words in pages) == CLICKS - 1


def test_withdrawing_and_accepting_at_the_same_time_is_one_of_the_two(site):
    case, person = ready_case(), make_specialist()
    (offer,) = offered(case, person)
    patient, specialist = site.browser(case.patient), site.browser(person)
    answers = at_once(
        partial(patient.post, f"/cases/{case.uid}/withdraw/", {"note": ""}),
        partial(specialist.post, f"/offers/{offer.uid}/accept/", {"kinds": "none"}),
    )
    case.refresh_from_db()
    assert (case.state, happened(case, "withdraw")) == (State.WITHDRAWN, 1), "a case in review can be withdrawn as well"
    shown(patient.follow(answers[0]))
    came_first = happened(case, "accept") == 1
    assert answers[1].location == (f"/review/{case.uid}/" if came_first else f"/offers/{offer.uid}/")
    assert specialist.follow(answers[1]).status == (404 if came_first else 200), "a withdrawn case is closed to its specialist"


def test_of_forty_guesses_at_once_from_everywhere_five_are_tried(site):
    person = make_user()
    User.objects.filter(pk=person.pk).update(password=ScryptPasswordHasher().encode(PASSWORD, "salt"))
    browsers = [site.browser(address=f"203.0.113.{number}") for number in range(41)]
    guess, truth = ({"login": person.email, "password": password} for password in ("a wrong guess", PASSWORD))
    pages = [answer.words for answer in at_once(*[partial(browser.post, "/accounts/login/", guess) for browser in browsers[:40]])]
    assert sum("do not go together" in words for words in pages) == 5
    assert sum("too many tries" in words for words in pages) == 35
    assert "too many tries" in browsers[40].post("/accounts/login/", truth).words, "nor is the right password taken any more"


def test_of_forty_times_at_once_an_office_sends_as_often_as_its_link_may(site):
    coordinator = make_user(Role.COORDINATOR)
    case = make_case(coordinator=coordinator)
    asked = ask(case, by=coordinator, by_patient=False, source=authorize(case)[0])
    link = live(asked)
    DropLink.objects.filter(pk=link.pk).update(used=FILES_AN_HOUR - 10 * settings.UPLOAD_FILES_PER_REQUEST)
    there, office = reverse("records:drop", args=[secret_of(link)]), site.browser()
    answers = at_once(*[partial(office.upload, there, (f"{number}.txt", b"letter %d" % number)) for number in range(40)])
    assert sorted(answer.status for answer in answers) == [200] * 10 + [429] * 30
    assert sum("1 file arrived." in answer.words for answer in answers) == case.records.filter(request=asked).count() == 10
    assert asked.events.filter(what="arrived").count() == Notice.objects.filter(case_uid=case.uid, kind="records_arrived").count() == 1


def test_of_forty_wrong_links_at_once_the_last_ones_are_not_looked_at(site):
    office = site.browser(address="203.0.113.99")
    at_once(*[partial(office.get, reverse("records:drop", args=[f"{number:026}"])) for number in range(40)])
    assert office.get(reverse("records:drop", args=["a" * 26])).status == 429
    assert site.browser(address="203.0.113.98").get(reverse("records:drop", args=["a" * 26])).status == 404


def test_handing_back_twice_hands_back_once(site):
    case, person = accepted_case()
    click(site, person, reverse("routing:hand_back", args=[case.uid]), reason="I am ill.")
    case.refresh_from_db()
    assert (case.state, case.journal.filter(event="hand_back").count()) == (State.READY, 1)
