"""The pages of the administration: our own look, and nothing of cases."""

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from secondop.accounts.models import Role
from secondop.cases.states import State
from secondop.catalog.models import ChecklistTemplate, JurisdictionRule, Specialty
from secondop.web.clock import today
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings):
    """A browser of an administrator."""
    settings.REQUIRE_STAFF_MFA = False
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client


@pytest.fixture
def specialty():
    """A field of medicine with a checklist."""
    made = Specialty.objects.create(name="Cardiology")
    ChecklistTemplate.objects.create(specialty=made, text="The latest ECG")
    return made


def tree(answer):
    assert answer.status_code == 200
    return html.fromstring(answer.content)


def test_what_cases_need_cannot_be_deleted_and_no_case_is_named(admin, specialty):
    case = make_case(State.SCREENING, specialty=specialty)
    answer = admin.get(reverse("admin:catalog_specialty_delete", args=[specialty.pk]))
    assert "This cannot be deleted" in answer.content.decode()
    assert case.reference not in answer.content.decode()


def test_deleting_says_how_much_goes_and_needs_a_post(admin, specialty):
    page = reverse("admin:catalog_specialty_delete", args=[specialty.pk])
    assert "Checklist items: 1" in tree(admin.get(page)).text_content()
    assert Specialty.objects.filter(pk=specialty.pk).exists()
    assert admin.post(page, {"post": "yes"}).status_code == 302
    assert not Specialty.objects.filter(pk=specialty.pk).exists()


def test_every_page_wears_our_styles_and_runs_no_inline_code(admin, specialty):
    pages = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["catalog"]),
        reverse("admin:catalog_specialty_changelist"),
        reverse("admin:catalog_specialty_change", args=[specialty.pk]),
        reverse("admin:catalog_specialty_history", args=[specialty.pk]),
        reverse("admin:catalog_specialty_delete", args=[specialty.pk]),
        reverse("admin:routing_specialistprofile_add"),
    ]
    for page in pages:
        found = tree(admin.get(page))
        assert found.xpath("//link[@rel='stylesheet']/@href") == ["/static/css/site.css", "/static/css/staff.css"], page
        assert not found.xpath("//style|//@style|//script[not(@src)]|//@onclick"), page
        assert len(found.xpath("//h1")) == 1, page


def test_lists_name_each_cell_for_a_phone_and_dates_carry_the_weekday(admin):
    JurisdictionRule.objects.create(country="US", region="Ohio", verdict="direct", source="Counsel", reviewed_on=today())
    row = tree(admin.get(reverse("admin:catalog_jurisdictionrule_changelist"))).xpath("//tbody/tr")[0]
    assert row.xpath("*/@data-label") == ["Country", "Region", "Verdict", "Age of majority", "Standing", "Source", "Reviewed on"]
    assert row.xpath("*[@data-label='Reviewed on']")[0].text_content() == f"{today():%a} {today().day} {today():%b %Y}"


def test_fields_are_those_of_the_whole_site(admin):
    found = tree(admin.get(reverse("admin:catalog_jurisdictionrule_add")))
    assert found.xpath("//input[@name='reviewed_on']/@type") == ["date"]
    answer = admin.post(reverse("admin:catalog_jurisdictionrule_add"), {"country": "US"})
    assert tree(answer).xpath("//*[@data-error-summary]//a[@href='#id_source']")


def test_nothing_is_deleted_in_bulk_and_one_signs_out_where_everybody_does(admin, specialty):
    admin.post(
        reverse("admin:catalog_specialty_changelist"), {"action": "delete_selected", "_selected_action": specialty.pk, "post": "yes"}
    )
    assert Specialty.objects.filter(pk=specialty.pk).exists()
    assert admin.post(reverse("admin:logout")).url == reverse("account_logout")
