"""The demo: it says on every page that it is one, and it has cases in every state to look at."""

import re

from secondop.cases.states import OPEN, STATE_LABELS, State
from secondop.demo.seed import stories
from tests.journeys.conftest import Person

# Where a case of the demo stands when its story is told, by the word that the story ends with.
STANDS = {
    **{str(state): state for state in State},
    "clinical": State.SCREENING,
    "asked": State.SCREENING,
    "offered": State.READY,
    "question": State.IN_REVIEW,
    "second_look": State.CHECKING,
}


def test_a_dozen_cases_stand_in_every_state(chromium, site):
    assert len(stories()) >= 12
    assert {STANDS[story["until"]] for story in stories()} == set(State)
    lead = Person(chromium, site).sign_in("lead@demo.example")
    lead.page.goto("/desk/?whose=all")
    tabs = lead.page.locator(".tabs a")
    numbers = dict(re.fullmatch(r"(.+?)\s+(\d+)", text.strip()).groups() for text in tabs.all_inner_texts())
    assert all(int(numbers[STATE_LABELS[state]]) for state in (*OPEN, State.DELIVERED)), numbers
    lead.page.goto("/desk/?whose=all&state=ended")
    for state in (State.CLOSED, State.DECLINED, State.WITHDRAWN, State.EXPIRED):
        assert STATE_LABELS[state] in lead.text
    lead.context.close()
    patient = Person(chromium, site).sign_in("patient@demo.example")
    assert patient.page.locator("main a[href*='/request/']").count(), "a draft to go on with"
    patient.context.close()


def test_every_page_says_that_this_is_a_demo_and_leads_to_its_mail(chromium, site):
    person = Person(chromium, site)
    for path in ("/", "/accounts/login/", "/nowhere/"):
        person.page.goto(path)
        assert "invented people" in person.page.inner_text(".demo-banner")
    person.page.goto("/accounts/login/")
    person.click(person.page.get_by_role("link", name="Read the mail this demo has sent"))
    assert person.page.locator("main").get_by_role("link").count() > 5
    person.context.close()
