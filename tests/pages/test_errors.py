"""Error pages, each reached the way people reach it: what happened, what was kept, what to do, and where to go."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.test import Client, override_settings
from django.urls import include, path, reverse
from lxml import html
from psycopg2.errors import LockNotAvailable

from secondop.pages import errors
from secondop.vault.services import StorageDown
from tests.factories import PASSWORD, make_case, make_user
from tests.words import grade, sentences

FAILURES = {
    "broken": OperationalError("password=hunter2"),
    "faulty": ZeroDivisionError("password=hunter2"),
    "contrary": IntegrityError("password=hunter2"),
    "diskless": StorageDown("password=hunter2"),
    "forbidden": PermissionDenied("password=hunter2"),
}


def failing(name):
    def view(request):
        raise FAILURES[name]

    return view


def busy(request):
    raise OperationalError("password=hunter2") from LockNotAvailable("password=hunter2")


handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error
urlpatterns = [
    *(path(f"{name}/", failing(name)) for name in FAILURES),
    path("busy/", busy),
    path("", include("secondop.urls")),
]


def look(response, status: int, heading: str):
    """The page of an error, after a look at what every one of them says."""
    tree = html.fromstring(response.content)
    assert (response.status_code, tree.xpath("//h1")[0].text_content()) == (status, heading)
    assert [each.text for each in tree.xpath("//main//dt")] == ["What was kept", "What you can do"]
    assert all(len(each.text_content().split()) > 3 for each in tree.xpath("//main//dd"))
    assert f"name its number: {status}." in tree.xpath("//main")[0].text_content()
    assert tree.xpath("//main//a[contains(@class, 'button-primary')]")
    assert tree.xpath(f"//main//a[@href='{reverse('home')}' or @href='{reverse('home_for_me')}']")
    assert tree.xpath(f"//footer//a[@href='{reverse('your_data')}']")
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    found = sentences(response.content.decode())
    assert grade(" ".join(found)) <= 8, found
    assert b"hunter2" not in response.content
    return tree


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/broken/", 503, "We will be back in a moment"),
        ("/diskless/", 503, "We will be back in a moment"),
        ("/busy/", 503, "Somebody else is at this right now"),
        ("/faulty/", 500, "Something went wrong on our side"),
        ("/contrary/", 500, "Something went wrong on our side"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_our_failures_are_told_without_database_and_without_details(address, status, heading, method, client):
    client.raise_request_exception = False
    response = getattr(client, method)(f"{address}?page=2")  # without the db fixture any query would fail
    tree = look(response, status, heading)
    assert (response.headers.get("Retry-After") == "10") is (status == 503)
    again = tree.xpath(f"//main//a[@href='{address}?page=2']")
    assert bool(again) is (method == "get" and "busy" not in address)


@pytest.mark.parametrize("address", ["/broken/", "/faulty/"])
def test_our_failures_are_told_even_where_no_static_file_was_collected(address, client, settings, tmp_path):
    settings.ROOT_URLCONF, settings.STATIC_ROOT = __name__, tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "secondop.web.storage.OneStylesheet"}}
    client.raise_request_exception = False
    assert b"css/site.css" in client.get(address).content


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_page_that_is_closed_to_somebody(client):
    look(client.get("/forbidden/"), 403, "This page is not open to you")


@pytest.mark.django_db
def test_an_unknown_address_leads_visitors_to_the_start_and_others_to_their_own_page(client):
    tree = look(client.get("/nothing/here/"), 404, "We could not find that page")
    assert tree.xpath("//main//a[@class='button button-primary']/@href") == [reverse("home")]
    client.force_login(make_user())
    tree = look(client.get("/nothing/here/"), 404, "We could not find that page")
    assert tree.xpath("//main//a[@class='button button-primary']/@href") == [reverse("home_for_me")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "way_back"),
    [
        ("http://testserver/cases/?page=2", "/cases/"),
        ("http://testserver/nothing/here/", None),
        ("http://elsewhere.example/cases/", None),
        ("javascript:alert(1)", None),
        ("http://[no-address", None),
        ("", None),
    ],
)
def test_the_way_back_is_offered_to_our_own_pages_only(client, came_from, way_back):
    response = client.get("/nothing/here/", headers={"Referer": came_from})
    links = html.fromstring(response.content).xpath("//main//a[contains(., 'Back to the page before')]/@href")
    assert links == ([way_back] if way_back else [])


@pytest.mark.django_db
def test_an_address_that_only_takes_forms_says_so_and_leads_on(client):
    case = make_case()
    client.force_login(case.patient)
    tree = look(client.get(reverse("records:upload", args=[case.uid])), 405, "There is nothing to read at this address")
    assert tree.xpath("//main//a[@class='button button-primary']/@href") == [reverse("records:list", args=[case.uid])]
    assert Client().get(reverse("records:remove", args=[case.uid, case.uid])).status_code == 302, "signed out"


@pytest.mark.django_db
def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "a@example.org", "password": "x"})
    look(response, 403, "Please send that form again")


def test_what_cannot_be_read_and_what_is_too_much(client):
    address = reverse("account_login")
    look(client.post(address, "a=%00", content_type="application/x-www-form-urlencoded"), 400, "We could not read what was sent")
    look(client.get("/", headers={"Host": "evil.example"}), 400, "We could not read what was sent")
    much = "a=" + 3_000_000 * "x"
    tree = look(client.post(address, much, content_type="application/x-www-form-urlencoded"), 413, "That is more than we can take at once")
    assert "up to 2.0\xa0GB" in tree.xpath("//main")[0].text_content()
    many = "&".join(f"a{number}=1" for number in range(1001))
    look(client.post(address, many, content_type="application/x-www-form-urlencoded"), 413, "That is more than we can take at once")


def test_a_demo_names_its_address_to_whoever_comes_by_another(client, settings):
    settings.DEMO, settings.BASE_URL = True, "http://localhost:8000"
    for send, link in ((client.get, "http://localhost:8000/guide/?a=%22%3E"), (client.post, "http://localhost:8000")):
        answer = send("/guide/?a=%22%3E", headers={"Host": "127.0.0.1:8000"})
        tree = html.fromstring(answer.content)
        assert (answer.status_code, tree.xpath("//h1")[0].text_content()) == (400, "This demo has another address")
        assert tree.xpath("//main//a/@href") == [link] and grade(" ".join(sentences(answer.content.decode()))) <= 8


@pytest.mark.django_db
def test_too_many_tries_are_slowed_down_and_lead_to_a_new_password(client):
    user, address = make_user(), reverse("account_signup")
    for number in range(60):
        response = client.post(address, {"email": f"new{number}@example.org", "password1": PASSWORD, "full_name": str(user)})
        if response.status_code == 429:
            break
    tree = look(response, 429, "Too many tries in a short time")
    assert tree.xpath("//main//a[@class='button button-primary']/@href") == [reverse("account_reset_password")]
