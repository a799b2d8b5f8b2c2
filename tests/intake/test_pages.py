"""What pages of the intake say, and what they ask the database."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from intake import consents, timing
from intake.residence import NO_DOCTOR
from records import services as records
from secondop.cases.statistics import LEAST
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import today
from tests.factories import make_delivered, make_user
from tests.records.files import HTML_PAGE, printed_pdf

from .filled import HEALTH, QUESTION, WHO, begin, fill, put, signed_in, url

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_place_not_served_is_named_as_people_say_it():
    client = signed_in()
    case = begin(client)
    put(client, case, "who", {**WHO, "country": "CA", "region": "QC"})
    page = client.get(url("stop", case)).content.decode()
    assert "people who live in Quebec, Canada." in page
    assert JurisdictionRule.objects.get(country="CA", region="Quebec").note in page


def test_the_start_page_takes_the_same_queries_for_any_number_of_drafts(django_assert_num_queries, django_assert_max_num_queries):
    client = signed_in(make_user())

    def draft():
        case = begin(client)
        put(client, case, "question", {**QUESTION, "diagnosis": ""}, act="later")

    draft()
    client.get(reverse("intake:start"))
    with django_assert_max_num_queries(6) as one:
        client.get(reverse("intake:start"))
    once = len(one)
    for _ in range(4):
        draft()
    with django_assert_num_queries(once):
        page = client.get(reverse("intake:start"))
    assert page.content.decode().count("Go on: Is the operation needed?") == 5


def test_a_file_that_was_refused_is_no_record():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    without = {name: value for name, value in HEALTH.items() if not name.startswith("sources-")}
    records.add_files(case, [("page.pdf", HTML_PAGE)], by=client.user)
    assert "sources" in put(client, case, "health", without).context["form"].errors
    records.add_files(case, [("letter.pdf", printed_pdf())], by=client.user)
    assert put(client, case, "health", without).status_code == 302


def at(client, case, region: str, country: str = "US"):
    """The hub for a patient who lives there."""
    put(client, case, "who", {**WHO, "country": country, "region": region}, act="later")
    return client.get(url("hub", case)).content.decode()


def test_what_living_somewhere_means_is_told_before_any_effort_with_what_it_rests_on():
    client = signed_in()
    case = begin(client)
    rule = JurisdictionRule.objects.get(country="US", region="Ohio")
    assert "We can help you where you live" in at(client, case, "Ohio")
    assert "This is a sample rule of Sunday 1 November 2026." in at(client, case, "Ohio")
    rule.sample, rule.source, rule.reviewed_on = False, "Counsel, memo 7", "2026-10-02"
    rule.save()
    for name in ("hub", "screen"):
        page = client.get(url(name, case, *(["who"] if name == "screen" else []))).content.decode()
        assert "Counsel, memo 7. Checked on Friday 2 October 2026." in page
    page = at(client, case, "", "FR")
    assert "We have not looked into the law where you live yet" in page and "We can help you" not in page
    page = at(client, case, "Oregon")
    assert "together with a doctor near you" in page and "You name them in step 3." in page
    assert "with a doctor near you" not in at(client, case, "", "US"), "nothing is told of a state that is not known"


def test_where_a_doctor_has_to_take_part_one_is_named_before_the_request_is_sent():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    alone = {name: value for name, value in HEALTH.items() if not name.startswith("doctors-")}
    assert put(client, case, "health", alone).status_code == 302
    put(client, case, "who", {**WHO, "region": "Oregon"})
    assert [item["message"] for item in client.get(url("check", case)).context["gaps"][0]["items"]] == [NO_DOCTOR]
    answer = put(client, case, "health", alone)
    assert answer.context["form"].errors["doctors"] == [NO_DOCTOR] and "with a doctor near you" in answer.content.decode()
    assert put(client, case, "health", HEALTH).status_code == 302
    assert not client.get(url("check", case)).context["gaps"]
    assert "with a doctor near you" not in client.get(url("hub", case)).content.decode()


def test_a_date_is_answered_by_targets_and_later_by_our_own_times():
    assert timing.outlook(None) is None and timing.outlook(today() - DAY) is None
    soon, late = today() + 2 * DAY, today() + 60 * DAY
    assert timing.outlook(late).title == "By our targets, yes" and "We have not finished enough" in timing.outlook(late).text
    assert timing.outlook(soon).title == "By our targets, not in time" and "Ask your doctor" in timing.outlook(soon).text
    for number in range(LEAST):
        make_delivered(ago=(number + 1) * DAY, asking=(number + 3) * DAY, complete=2 * DAY)
    caches["pages"].clear()
    found = [timing.outlook(today() + days * DAY) for days in (5, 15, 30)]
    assert [look.title.split(",")[0].split(".")[0] for look in found] == ["Probably not in time", "Maybe", "Yes"]
    assert "Of our last 20 opinions, half were there within 13 days, and nine in ten within 21 days." in found[2].text
    caches["pages"].clear()


def test_the_date_is_answered_on_the_next_page_and_on_the_check_page():
    client = signed_in()
    case = begin(client)
    assert put(client, case, "who", {**WHO, "decision_date": (today() + DAY).isoformat()}, act="stay").status_code == 302
    for page in (url("screen", case, "who"), url("check", case)):
        text = client.get(page).content.decode()
        assert "By our targets, not in time" in text and "Ask your doctor" in text and text.count("not a promise") == 1


def test_a_draft_that_holds_only_a_record_or_only_a_consent_for_family_is_on_the_start_page_and_left_alone():
    client = signed_in()
    case = begin(client)
    drafts = lambda: [draft.pk for draft, _ in client.get(reverse("intake:start")).context["drafts"]]  # noqa: E731
    assert drafts() == [] and begin(client).pk == case.pk
    records.add_files(case, [("letter.pdf", printed_pdf())], by=client.user)
    assert drafts() == [case.pk]
    other = begin(client)
    assert other.pk != case.pk
    words = consents.wording_of(other, client.user, consents.Kind.FAMILY)
    consents.give(other, words, by=client.user, typed_name="Pat", ip=None, agent="")
    assert drafts() == [other.pk, case.pk] and begin(client).pk not in drafts()
