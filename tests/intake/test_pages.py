"""What pages of the intake say, and what they ask the database."""

import pytest
from django.urls import reverse

from records import services as records
from secondop.catalog.models import JurisdictionRule
from tests.factories import make_user
from tests.records.files import HTML_PAGE, printed_pdf

from .filled import HEALTH, QUESTION, WHO, begin, fill, put, signed_in, url

pytestmark = pytest.mark.django_db


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
    assert page.content.decode().count("Is the operation needed?") == 5


def test_a_file_that_was_refused_is_no_record():
    client = signed_in()
    case = begin(client)
    fill(client, case)
    without = {name: value for name, value in HEALTH.items() if not name.startswith("sources-")}
    records.add_files(case, [("page.pdf", HTML_PAGE)], by=client.user)
    assert "sources" in put(client, case, "health", without).context["form"].errors
    records.add_files(case, [("letter.pdf", printed_pdf())], by=client.user)
    assert put(client, case, "health", without).status_code == 302
