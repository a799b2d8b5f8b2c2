"""Notices on the site: what is new, what was read, and nothing of a case that one can see no longer."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from lxml import html

from secondop.accounts.models import Role, User
from secondop.cases.access import Access, Right, grant, revoke
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.inbox.services import KEPT, MANY, visible
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Notice
from secondop.notices.services import tell
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.inbox.ways import signed_in
from tests.routing.people import accepted_case, ready_case

pytestmark = pytest.mark.django_db
LIST = reverse("inbox:list")


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def shown(client: Client, path: str = LIST, **query) -> html.HtmlElement:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return html.document_fromstring(answer.content)


def in_header(client: Client, path: str = "/accounts/profile/") -> str:
    """What the bell in the header says."""
    return " ".join(shown(client, path).xpath("//header//a[contains(@class, 'bell')]")[0].text_content().split())


def titles(tree: html.HtmlElement) -> list[str]:
    return [" ".join(found.text_content().split()) for found in tree.xpath("//main//ul[@class='notice-list']//h2")]


def test_patient_specialist_and_coordinator_each_meet_their_own():
    case, specialist = accepted_case()
    seen = {person: titles(shown(signed_in(person))) for person in (case.patient, case.owner, specialist)}
    assert f"A specialist has started on {case.reference} New" in seen[case.patient]
    assert f"Your offer of {case.reference} was answered New" in seen[case.owner]
    assert f"A case is offered to you: {case.reference} New" in seen[specialist]
    assert not set(seen[case.patient]) & (set(seen[case.owner]) | set(seen[specialist]))
    assert titles(shown(signed_in(make_user()))) == []


def test_a_notice_is_read_when_it_is_opened_or_when_its_page_is():
    case = make_case(State.READY)
    client = signed_in(case.patient)
    Notice.objects.all().delete()
    first, second = (
        tell(case.patient, "ready", case=case),
        tell(case.patient, "message_patient", case=case, link=f"/cases/{case.uid}/messages/"),
    )
    assert in_header(client) == "Notices 2 new"
    opened = client.post(reverse("inbox:open", args=[second.uid]))
    assert (opened.status_code, opened["Location"]) == (302, f"/cases/{case.uid}/messages/")
    assert in_header(client) == "Notices 1 new"
    client.head(f"/cases/{case.uid}/")
    client.get(f"/cases/{case.uid}/", headers={"Sec-Purpose": "prefetch;prerender"})
    assert in_header(client) == "Notices 1 new", "nobody has seen the page yet"
    assert in_header(client, f"/cases/{case.uid}/") == "Notices", "who comes by the link of the mail has read it too"
    first.refresh_from_db()
    once = first.read_at
    assert once
    client.post(reverse("inbox:open", args=[first.uid]))
    first.refresh_from_db()
    assert first.read_at == once


def test_all_are_marked_as_read_at_once_and_only_ones_own():
    case = make_case(State.IN_REVIEW)
    client = signed_in(case.patient)
    assert in_header(client) != "Notices"
    assert client.post(reverse("inbox:read_all")).status_code == 302
    assert in_header(client) == "Notices"
    tree = shown(client)
    assert titles(tree)
    assert not tree.xpath("//li[@class='is-new']")
    assert in_header(signed_in(case.owner)) != "Notices"


def test_what_came_after_the_list_was_shown_stays_unread():
    case = make_case(State.IN_REVIEW)
    client = signed_in(case.patient)
    [until] = shown(client).xpath("//input[@name='until']/@value")
    tell(case.patient, "closed", case=case)
    client.post(reverse("inbox:read_all"), {"until": until})
    assert in_header(client) == "Notices 1 new"
    client.post(reverse("inbox:read_all"), {"until": "yesterday"})
    assert in_header(client) == "Notices", "what is no time is now"


@pytest.mark.parametrize("how", ["taken back", "over", "role lost"])
def test_what_one_can_see_no_longer_is_not_shown(how):
    case = ready_case()
    helper = make_user()
    if how == "role lost":
        helper = make_user(Role.COORDINATOR)
    else:
        grant(case, helper, Right.STATUS, "family", until=now() + timedelta(days=5))
    told = tell(helper, "ready", case=case)
    client = signed_in(helper)
    assert titles(shown(client)) == [f"Your request {case.reference} is complete New"]
    if how == "taken back":
        revoke(case, Right.STATUS, user=helper)
    elif how == "role lost":
        User.objects.filter(pk=helper.pk).update(roles=[])
    with shifted(timedelta(days=6) if how == "over" else timedelta(0)):
        answer = client.get(LIST)
        assert titles(html.document_fromstring(answer.content)) == []
        assert case.reference not in answer.content.decode()
        assert in_header(client) == "Notices"
        assert client.post(reverse("inbox:open", args=[told.uid])).status_code == 404


def test_a_specialist_s_offer_leaves_the_list_with_the_offer():
    case, specialist = ready_case(), make_user(Role.SPECIALIST)
    grant(case, specialist, Right.SUMMARY, "offer")
    tell(specialist, "offer", case=case, link="/offers/1/")
    assert len(titles(shown(signed_in(specialist)))) == 1
    revoke(case, Right.SUMMARY, user=specialist)
    assert titles(shown(signed_in(specialist))) == []


def test_other_people_s_notices_codes_and_summaries_are_not_there():
    case, person = ready_case(), make_user()
    theirs = tell(case.patient, "ready", case=case)
    client = signed_in(person)
    assert client.post(reverse("inbox:open", args=[theirs.uid])).status_code == 404
    code = Notice.objects.create(kind=ACCOUNT, recipient=person, email=person.email, raw="{}")
    tell(person, "digest", context={"counts": "", "total": "0"})
    assert titles(shown(client)) == []
    assert client.post(reverse("inbox:open", args=[code.uid])).status_code == 404


def test_long_lists_are_paged_and_end_somewhere(django_assert_num_queries, django_assert_max_num_queries):
    case = make_case(State.READY)
    client = signed_in(case.patient)
    with django_assert_max_num_queries(6) as few:
        client.get(LIST)
    row = {"recipient": case.patient, "email": case.patient.email, "case_uid": case.uid, "context": {"reference": case.reference}}
    Notice.objects.bulk_create(Notice(kind="message_patient", **row) for _ in range(KEPT))
    with django_assert_num_queries(len(few)):
        tree = shown(client)
    assert len(titles(tree)) == 20
    assert "Page 1 of 10" in tree.text_content()
    assert len(titles(shown(client, page=10))) == 20
    assert in_header(client) == f"Notices {MANY}+ new"
    with django_assert_max_num_queries(6):
        client.get("/accounts/profile/")


def test_there_is_a_way_from_every_page_and_words_for_nothing():
    client = signed_in(make_user())
    tree = shown(client)
    assert "No notices yet" in tree.text_content()
    assert tree.xpath("//header//a[contains(@class, 'bell')]/@aria-current") == ["page"]
    assert shown(client, "/cases/").xpath("//header//a[contains(@class, 'bell')]/@href") == [LIST]


def test_the_database_asks_for_the_case_of_each_notice_and_not_for_all_cases_of_a_coordinator():
    case = make_case(State.SCREENING)
    others = Case.objects.bulk_create(Case(patient=case.patient, reference=f"SO-{number}") for number in range(3000))
    Access.objects.bulk_create(Access(case=other, role=Role.COORDINATOR, right=Right.COORDINATE, reason="test") for other in others)
    row = {"kind": "case_assigned", "recipient": case.owner, "email": case.owner.email, "context": {"reference": "SO-1"}}
    Notice.objects.bulk_create(Notice(case_uid=other.uid, **row) for other in others)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notices_notice, cases_case, cases_access")
    plan = visible(case.owner).explain(analyze=True)
    read = max(float(number) for number in re.findall(r"actual time=\S+ rows=([\d.]+) loops=1\b", plan))
    assert read <= KEPT + 1, plan
