"""Credentials in the Django admin: who verified what and when is written by the save, never typed."""

import pytest
from django.test import Client
from django.urls import reverse

from routing.models import Licence, SpecialistProfile
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.web.clock import now
from tests.factories import make_user
from tests.routing.people import NEXT_YEAR, make_specialty

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(settings):
    """A browser of an administrator, and the account."""
    settings.REQUIRE_STAFF_MFA = False
    user = make_user(Role.ADMINISTRATOR)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def body(user, *licences, **fields):
    """What the browser posts for a profile and its licences."""
    data = {
        "credentials": "MD",
        "institution": "Riverside",
        "specialties": [make_specialty().pk],
        "capacity": 3,
        "languages": "French, Dutch",
    }
    data |= {"user": user.pk, "time_off-TOTAL_FORMS": 0, "time_off-INITIAL_FORMS": 0, "licences-TOTAL_FORMS": len(licences)}
    data |= {"licences-INITIAL_FORMS": sum("id" in licence for licence in licences), **fields}
    for number, licence in enumerate(licences):
        data |= {f"licences-{number}-{name}": value for name, value in licence.items()}
    return data


def licence(**fields):
    """A licence as it is typed."""
    return {"number": "OH-1", "country": "US", "region": "Ohio", "expires_on": f"{now().date() + NEXT_YEAR}", **fields}


def test_ticking_verified_writes_who_and_when_and_unticking_takes_it_back(admin):
    specialist, forged = make_user(Role.SPECIALIST), {"verified_at_0": "2001-01-01", "verified_at_1": "00:00", "verified_by": 1}
    add = reverse("admin:routing_specialistprofile_add")
    assert admin.post(add, body(specialist, licence(verified="on"), licence(number="TX-2"), verified="on", **forged)).status_code == 302
    profile = SpecialistProfile.objects.get()
    assert profile.verified_by == admin.user and now() - profile.verified_at < NEXT_YEAR / 365
    assert profile.languages == ["French", "Dutch"]
    proved, other = profile.licences.order_by("number")
    assert (proved.verified_by, other.verified_by) == (admin.user, None)
    assert {e.action for e in Entry.objects.filter(actor=admin.user)} == {"specialist.change", "specialist.licence"}

    page = reverse("admin:routing_specialistprofile_change", args=[profile.pk])
    rows = [licence(id=row.pk, profile=profile.pk, number=row.number) for row in (proved, other)]
    assert admin.post(page, body(specialist, *rows)).status_code == 302
    profile.refresh_from_db()
    assert (profile.verified_at, profile.verified_by) == (None, None)
    assert not Licence.objects.filter(verified_at__isnull=False).exists()


def test_a_profile_is_for_holders_of_the_role_and_stays_with_its_account(admin):
    add = reverse("admin:routing_specialistprofile_add")
    assert admin.post(add, body(make_user())).status_code == 200
    assert not SpecialistProfile.objects.exists()
    first, second = make_user(Role.SPECIALIST), make_user(Role.SPECIALIST)
    admin.post(add, body(first))
    profile = SpecialistProfile.objects.get()
    admin.post(reverse("admin:routing_specialistprofile_change", args=[profile.pk]), body(second))
    assert SpecialistProfile.objects.get().user == first
    assert admin.post(reverse("admin:routing_specialistprofile_delete", args=[profile.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("change", [{"country": "usa"}, {"country": "us"}, {"expires_on": "never"}])
def test_a_licence_that_makes_no_sense_is_refused(admin, change):
    answer = admin.post(reverse("admin:routing_specialistprofile_add"), body(make_user(Role.SPECIALIST), licence(**change)))
    assert answer.status_code == 200 and not SpecialistProfile.objects.exists()


def test_only_administrators_keep_profiles(settings):
    settings.REQUIRE_STAFF_MFA = False
    for role in (Role.SPECIALIST, Role.COORDINATOR, Role.LEAD, None):
        client = Client()
        client.force_login(make_user(role))
        assert client.get(reverse("admin:routing_specialistprofile_changelist")).status_code in (302, 403)
