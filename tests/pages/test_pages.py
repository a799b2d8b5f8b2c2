"""Public pages, the way home after sign-in, and the error pages."""

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory, override_settings
from django.urls import path, reverse
from lxml import html

from secondop.accounts.models import Role
from secondop.pages import errors
from tests.factories import make_user


def broken(request):
    raise OperationalError("password=hunter2")


def faulty(request):
    raise ZeroDivisionError("password=hunter2")


def contrary(request):
    raise IntegrityError("password=hunter2")


def refused(request):
    raise PermissionError


handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error
urlpatterns = [path("broken/", broken), path("faulty/", faulty), path("contrary/", contrary), path("", broken, name="home")]


def heading(response) -> str:
    return html.fromstring(response.content).xpath("//h1")[0].text_content()


@pytest.mark.django_db
def test_the_home_page_reads_nothing_from_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("home"))
    tree = html.fromstring(response.content)
    assert tree.xpath("//h1/text()") == ["A second look, before you decide."]
    assert tree.xpath("//html/@lang") == ["en"]
    assert len(tree.xpath("//dl[@class='fears']/div")) == 5
    assert not tree.xpath("//@style|//style|//script[not(@src)]")


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
    links = [link.text_content() for link in tree.xpath("//nav[@aria-label='Main']//li/a")]
    assert links == ["Offers and reviews"]
    assert user.email in tree.xpath("//details[@class='menu']")[0].text_content()
    assert tree.xpath(f"//form[@action='{reverse('account_logout')}'][@method='post']//input[@name='csrfmiddlewaretoken']")


@pytest.mark.django_db
def test_an_unknown_address_gets_a_page_that_helps(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert heading(response) == "We could not find that page"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(("address", "status"), [("/broken/", 503), ("/faulty/", 500), ("/contrary/", 500)])
def test_our_failures_are_told_without_database_and_without_details(address, status, client):
    client.raise_request_exception = False
    response = client.get(address)  # without the db fixture any query would fail
    assert response.status_code == status
    assert b"hunter2" not in response.content
    assert (response.headers.get("Retry-After") == "10") is (status == 503)
    assert heading(response)


@pytest.mark.django_db
def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "a@example.org", "password": "x"})
    assert response.status_code == 403
    assert heading(response) == "Please send that form again"


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_every_error_page_stands_without_a_session(status):
    request = RequestFactory().get("/")
    response = {400: errors.bad_request(request, ValueError()), 503: errors.unavailable(request)}.get(status)
    response = response or errors._without_request(status)
    assert response.status_code == status
    assert html.fromstring(response.content).xpath("//main//a[@class='button button-primary']")


def test_health_and_home_answer_only_to_reading(client, db):
    for name in ("home", "healthz", "readyz"):
        assert client.post(reverse(name)).status_code == 405
