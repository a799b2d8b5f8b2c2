"""Administrators keep the catalog in the Django admin: one change of each kind, sent as its page has it, and what they may not change."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.catalog.checks import reviewed_rules
from secondop.catalog.models import ChecklistTemplate, ConsentText, Holiday, JurisdictionRule, Specialty
from secondop.catalog.samples import load
from tests.factories import make_user
from tests.faults.forms import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings):
    """A browser of an administrator, and a catalog to keep."""
    settings.REQUIRE_STAFF_MFA = False
    load()
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client


def keep(admin: Client, page: str, *args: Any, **changes: Any) -> HttpResponse:
    """Open a page of the catalog's admin and send its form with some fields changed."""
    path = reverse(f"admin:catalog_{page}", args=args)
    form = next(form for form in Page(admin.get(path).content.decode(), path).forms if form.action == path)
    return admin.post(path, {**form.values, **changes})


def test_a_specialty_is_changed_together_with_its_checklist(admin):
    specialty = Specialty.objects.get(name="Cardiology")
    item, prompts = specialty.checklist.first(), specialty.prompts
    assert any("," in prompt for prompt in prompts)
    changes = {"nucc_code": "207RC0001X", "checklist-0-text": "The last ECG", "blind_first_read": ""}
    assert keep(admin, "specialty_change", specialty.pk, **changes).status_code == 302
    specialty.refresh_from_db()
    item.refresh_from_db()
    assert (specialty.nucc_code, specialty.blind_first_read, item.text) == ("207RC0001X", False, "The last ECG")
    assert (specialty.active, specialty.prompts) == (True, prompts), "what was left alone stays as it was"
    keep(admin, "specialty_change", specialty.pk, prompts="Can I wait, and how long?\r\n\r\n  And then? \r\n")
    specialty.refresh_from_db()
    assert specialty.prompts == ["Can I wait, and how long?", "And then?"]


def test_things_that_a_complete_case_holds_are_added(admin):
    assert keep(admin, "checklisttemplate_add", text="A list of all medicines", position="9").status_code == 302
    assert ChecklistTemplate.objects.get(text="A list of all medicines").specialty is None


def test_a_rule_about_a_place_is_changed_and_an_unknown_place_refused(admin):
    rule = JurisdictionRule.objects.exclude(region="").first()
    assert keep(admin, "jurisdictionrule_change", rule.pk, verdict="prohibited", note="Ask us again next year.").status_code == 302
    rule.refresh_from_db()
    assert (rule.verdict, rule.note) == ("prohibited", "Ask us again next year.")
    assert keep(admin, "jurisdictionrule_change", rule.pk, country="us").status_code == 200
    rule.refresh_from_db()
    assert rule.country != "us"


def test_sample_rules_are_pointed_out_until_counsel_has_reviewed_them(admin, settings):
    settings.PRODUCTION = True
    [warned] = reviewed_rules(None, ["default"])
    assert warned.id == "secondop.W021" and not warned.is_serious()
    assert "only samples" in admin.get(reverse("admin:index")).content.decode()
    rule = JurisdictionRule.objects.first()
    keep(admin, "jurisdictionrule_change", rule.pk, sample="", source="Counsel, 2026")
    rule.refresh_from_db()
    assert rule.shown_source == "Counsel, 2026"
    JurisdictionRule.objects.update(sample=False)
    assert reviewed_rules(None, ["default"]) == []
    assert "only samples" not in admin.get(reverse("admin:index")).content.decode()


def test_a_consent_gets_a_new_version_and_the_signed_one_stays(admin):
    old = ConsentText.objects.get(kind=ConsentText.Kind.REVIEW)
    body = "I, {patient}, ask {recipient} for a review. I can take this back."
    words = {"kind": old.kind, "version": "2", "title": old.title, "body": body, "since": str(old.since)}
    assert keep(admin, "consenttext_add", **words).status_code == 302
    assert ConsentText.current()[old.kind].body == body
    change = reverse("admin:catalog_consenttext_change", args=[old.pk])
    assert admin.post(change, {**words, "version": "1"}).status_code == 403
    assert admin.post(reverse("admin:catalog_consenttext_delete", args=[old.pk]), {"post": "yes"}).status_code == 403
    assert ConsentText.objects.get(kind=old.kind, version=1).body == old.body


@pytest.mark.parametrize(
    ("kind", "left_out", "message"),
    [
        ("authorisation", "{expires}", "when the authorization ends, as {expires}. 45 CFR 164.508(c)(1)(v) asks for it."),
        ("authorisation", "no longer", "may no longer be protected. 45 CFR 164.508(c)(2)(iii) asks for it."),
        ("family", "take this back", "The words do not say that it can be taken back."),
    ],
)
def test_a_consent_that_lacks_an_element_is_refused_by_its_name(admin, kind, left_out, message):
    old = ConsentText.objects.get(kind=kind)
    body = " ".join(old.body.split()).replace(left_out, "") + " {nobody}"
    words = {"kind": kind, "version": "2", "title": old.title, "body": body, "since": str(old.since)}
    answer = keep(admin, "consenttext_add", **words)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors["body"]
    assert any(message in error for error in errors) and any("{nobody}" in error for error in errors) and len(errors) == 2
    assert not ConsentText.objects.filter(kind=kind, version=2).exists()


def test_a_holiday_is_added(admin):
    assert keep(admin, "holiday_add", day="2031-05-02", name="Founders’ Day").status_code == 302
    assert str(Holiday.objects.get(name="Founders’ Day").day) == "2031-05-02"


def test_each_change_is_in_the_audit_log_with_who_and_what(admin):
    rule, item = JurisdictionRule.objects.exclude(region="").first(), ChecklistTemplate.objects.exclude(specialty=None).first()
    keep(admin, "jurisdictionrule_change", rule.pk, note="Ask us again next year.")
    keep(admin, "jurisdictionrule_change", rule.pk)
    keep(admin, "specialty_change", item.specialty_id, **{"checklist-0-text": "The last ECG"})
    keep(admin, "holiday_add", day="2031-05-02", name="Founders’ Day")
    admin.post(reverse("admin:catalog_jurisdictionrule_delete", args=[rule.pk]), {"post": "yes"})
    found = list(Entry.objects.filter(action__startswith="catalog.").order_by("seq"))
    assert {entry.actor_id for entry in found} == {int(admin.session["_auth_user_id"])}
    holiday = Holiday.objects.get(name="Founders’ Day")
    assert [(entry.action, entry.target) for entry in found] == [
        ("catalog.change", f"jurisdictionrule:{rule.pk}"),
        ("catalog.change", f"specialty:{item.specialty_id}"),
        ("catalog.add", f"holiday:{holiday.pk}"),
        ("catalog.delete", f"jurisdictionrule:{rule.pk}"),
    ]
    assert found[0].detail == {"named": str(rule), "said": [{"changed": {"fields": ["Note"]}}]}
    assert found[1].detail["said"][0]["changed"]["object"] == "The last ECG"


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.COORDINATOR, Role.LEAD, None])
def test_nobody_else_keeps_it(settings, role):
    settings.REQUIRE_STAFF_MFA = False
    client = Client()
    client.force_login(make_user(role))
    for name in ("specialty", "questionprompt", "checklisttemplate", "jurisdictionrule", "consenttext", "holiday"):
        assert client.post(reverse(f"admin:catalog_{name}_add"), {"name": "x"}).status_code in (302, 403)
    assert not Specialty.objects.exists()
