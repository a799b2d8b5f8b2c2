"""The way home after sign-in, and the navigation."""

import pytest
from django.test import override_settings
from django.urls import reverse
from lxml import html

from secondop.accounts.models import Role
from secondop.pages.public import PAGES
from tests.factories import make_user


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "name"),
    [
        (None, "tracking:list"),
        (Role.COORDINATOR, "routing:queue"),
        (Role.LEAD, "routing:queue"),
        (Role.SPECIALIST, "routing:worklist"),
        (Role.ADMINISTRATOR, "admin:index"),
    ],
)
@override_settings(REQUIRE_STAFF_MFA=False)
def test_everybody_gets_to_their_own_work_after_sign_in(client, role, name):
    client.force_login(make_user(role))
    response = client.get(reverse("home_for_me"))
    assert (response.status_code, response.url) == (302, reverse(name))


def test_a_stranger_is_asked_to_sign_in_before_being_sent_home(client, db):
    assert client.get(reverse("home_for_me")).url.startswith(reverse("account_login"))


@pytest.mark.django_db
@override_settings(REQUIRE_STAFF_MFA=False)
def test_the_navigation_shows_what_the_role_needs(client):
    user = make_user(Role.SPECIALIST)
    client.force_login(user)
    tree = html.fromstring(client.get(reverse("home")).content)
    links = [link.text_content().strip() for link in tree.xpath("//nav[@aria-label='Main']//li/a")]
    assert links == ["Offers and reviews", "Notices"]
    assert user.email in tree.xpath("//details[@class='menu']")[0].text_content()
    assert tree.xpath(f"//form[@action='{reverse('account_logout')}'][@method='post']//input[@name='csrfmiddlewaretoken']")


def test_public_pages_and_health_answer_only_to_reading(client, db):
    for name in (*PAGES, "robots", "sitemap", "healthz", "readyz"):
        assert client.post(reverse(name)).status_code == 405
