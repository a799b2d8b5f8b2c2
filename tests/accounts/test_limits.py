"""How long people stay signed in: by what they do, and never longer than the longest."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from secondop.accounts.models import Role
from secondop.accounts.services import forget_sessions
from secondop.web.clock import now
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LONGEST = timedelta(hours=12)
PAGE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
BY_ITSELF = {
    "a fragment": {"HX-Request": "true", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    "a fragment of an old browser": {"HX-Request": "true", "Accept": "text/html, */*"},
    "a picture": {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a question of a script": {"Sec-Fetch-Mode": "cors", "Accept": "application/json"},
    "a picture of an old browser": {"Accept": "image/*"},
    "a page fetched ahead": {**PAGE, "Sec-Purpose": "prefetch"},
    "a frame": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
}
ACTS = {"a page": PAGE, "a page of an old browser": {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}}


@pytest.fixture
def clock():
    """A clock that only the test moves: ``clock.shift(…)``."""
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


def signed_in(role: Role | None = None) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def ask(client: Client, headers: dict[str, str]) -> bool:
    """Whether the person is still signed in when the browser asks for something."""
    return client.get(reverse("inbox:list"), headers=headers).status_code == 200


@pytest.mark.parametrize(("role", "minutes"), [(None, 30), (Role.SPECIALIST, 15), (Role.LEAD, 15), (Role.ADMINISTRATOR, 15)])
def test_who_does_nothing_is_signed_out(clock, role, minutes):
    client = signed_in(role)
    clock.shift(timedelta(minutes=minutes - 1))
    assert ask(client, PAGE), "a page moves the end"
    clock.shift(timedelta(minutes=minutes - 1))
    assert ask(client, PAGE)
    clock.shift(timedelta(minutes=minutes, seconds=1))
    assert not ask(client, PAGE)


@pytest.mark.parametrize("headers", BY_ITSELF.values(), ids=BY_ITSELF)
def test_what_a_page_fetches_by_itself_keeps_nobody_signed_in(clock, headers):
    client = signed_in()
    for _ in range(5):
        clock.shift(timedelta(minutes=5))
        assert ask(client, headers)
    clock.shift(timedelta(minutes=5, seconds=1))
    assert not ask(client, headers)


@pytest.mark.parametrize("headers", ACTS.values(), ids=ACTS)
def test_what_a_person_opens_does(clock, headers):
    client = signed_in()
    for _ in range(4):
        clock.shift(timedelta(minutes=28))
        assert ask(client, headers)


def test_what_is_sent_counts_and_a_form_without_its_token_does_not(clock):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    clock.shift(timedelta(minutes=28))
    assert client.post(reverse("accounts:stay")).status_code == 403
    clock.shift(timedelta(minutes=3))
    assert not ask(client, PAGE)
    client = signed_in()
    clock.shift(timedelta(minutes=28))
    known = client.post(reverse("accounts:stay"), headers={"Accept": "application/json"}).json()
    assert known["seconds"] == 1800 and not known["is_last"]


def test_the_script_is_told_how_long_it_is_and_tells_nothing_to_others(clock):
    client = signed_in()
    clock.shift(timedelta(minutes=28))
    question = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    known = client.get(reverse("accounts:stay"), headers=question).json()
    assert known["seconds"] == 120
    assert known["who"] != signed_in().get(reverse("accounts:stay"), headers=question).json()["who"]
    clock.shift(timedelta(minutes=3))
    assert client.get(reverse("accounts:stay"), headers=question).status_code == 302


def test_the_script_is_told_too_where_a_second_factor_is_missing_or_it_would_load_the_page_again_and_again(clock, settings):
    settings.REQUIRE_STAFF_MFA = True
    client = signed_in(Role.COORDINATOR)
    question = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    clock.shift(timedelta(minutes=14))
    assert client.get(reverse("accounts:stay"), headers=question).json()["seconds"] == 60
    assert client.post(reverse("accounts:stay"), headers=question).json()["seconds"] == 900
    assert client.get(reverse("accounts:profile"), headers=PAGE).url == reverse("mfa_index")


def test_before_the_longest_is_over_pages_say_that_nothing_moves_the_end(clock):
    client = signed_in()
    for _ in range(29):
        clock.shift(timedelta(minutes=24))
        assert ask(client, PAGE)
    clock.shift(timedelta(minutes=4))
    page = client.get(reverse("accounts:stay"), headers=PAGE).content.decode()
    assert "whatever you do" in page and "data-last" in page
    assert "You stay signed in" not in client.post(reverse("accounts:stay"), headers=PAGE, follow=True).content.decode()
    clock.shift(timedelta(minutes=20, seconds=1))
    assert not ask(client, PAGE)


def test_saving_something_else_in_the_session_or_a_new_password_moves_no_end(clock):
    client = signed_in()
    clock.shift(timedelta(minutes=10))
    session = client.session
    session["something"] = 1
    session.save()
    session.cycle_key()
    client.cookies[configured.SESSION_COOKIE_NAME] = session.session_key
    clock.shift(timedelta(minutes=19))
    assert ask(client, {})
    clock.shift(timedelta(minutes=1, seconds=1))
    assert not ask(client, PAGE)


def test_an_ended_session_is_not_begun_again_by_a_request_under_way(clock):
    client = signed_in()
    session = client.session
    session.load()
    clock.shift(timedelta(minutes=31))
    session.end_at(now() + timedelta(minutes=30))
    assert not ask(client, PAGE)


def test_a_question_of_a_script_does_not_make_the_browser_forget_whose_session_it_was(clock):
    client = signed_in()
    clock.shift(timedelta(minutes=31))
    ask(client, BY_ITSELF["a question of a script"])
    answer = client.get(reverse("accounts:profile"), headers=PAGE, follow=True)
    assert "You were signed out: nothing was done here for a while" in answer.content.decode()


def test_a_person_who_joins_the_staff_has_the_limit_of_staff_from_the_next_page(clock):
    client, person = Client(), make_user()
    client.force_login(person)
    person.roles = [Role.COORDINATOR]
    person.save()
    assert ask(client, PAGE)
    clock.shift(timedelta(minutes=16))
    assert not ask(client, PAGE)


class AnyOrder(TestCase):
    """Whatever is asked for, in whatever order: an act within the limit keeps a person signed in, nothing else, and nothing for ever."""

    @settings(max_examples=40)
    @given(
        steps=st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["page", "form", "fragment", "password"])), min_size=1, max_size=40),
        role=st.sampled_from([None, Role.SPECIALIST]),
    )
    def test_no_order_of_requests_outlives_the_limits(self, steps, role):
        limit = timedelta(minutes=15 if role else 30)
        slack = limit / 30
        with time_machine.travel(now(), tick=False) as clock, self.settings(REQUIRE_STAFF_MFA=False):
            client = signed_in(role)
            began = acted = now()
            for minutes, what in steps:
                clock.shift(timedelta(minutes=minutes))
                is_in = self.do(client, what)
                idle, age = now() - acted, now() - began
                assert not (is_in and (age >= LONGEST or idle >= limit))
                assert is_in or age >= LONGEST or idle >= limit - slack
                if not is_in:
                    break
                if what != "fragment":
                    acted = now()

    def do(self, client: Client, what: str) -> bool:
        """Let the browser do it; whether the person was signed in."""
        if what in ("page", "fragment"):
            return ask(client, PAGE if what == "page" else BY_ITSELF["a fragment"])
        address = reverse("accounts:stay" if what == "form" else "account_change_password")
        return not client.post(address).headers.get("Location", "").startswith(reverse("account_login"))


def test_what_ended_leaves_the_list_of_where_one_is_signed_in(clock):
    client, other = signed_in(), signed_in()
    for each in (client, other):
        person = each.session["_auth_user_id"]
        UserSession.objects.create(user_id=person, ip="127.0.0.1", session_key=each.session.session_key, user_agent="A browser")
    clock.shift(timedelta(minutes=20))
    assert ask(other, PAGE)
    clock.shift(timedelta(minutes=15))
    forget_sessions()
    assert UserSession.objects.get().session_key == other.session.session_key and Session.objects.count() == 2
    clock.shift(timedelta(days=1))
    forget_sessions()
    assert Session.objects.count() == 1


def test_a_page_says_so_without_a_script_and_nothing_to_visitors(client):
    page = signed_in().get(reverse("accounts:profile"), headers=PAGE).content.decode()
    assert "we sign you out after 30 minutes without use" in page and 'role="alertdialog"' in page
    page = client.get(reverse("home")).content.decode()
    assert "without use" not in page and "alertdialog" not in page


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"SESSION_IDLE_SECONDS": 0}, ["secondop.E022"]),
        ({"SESSION_IDLE_SECONDS_STAFF": 13 * 3600}, ["secondop.E022", "secondop.W023"]),
        ({"SESSION_WARNING_SECONDS": 900}, ["secondop.E022"]),
        ({"SESSION_WARNING_SECONDS": -1}, ["secondop.E022", "secondop.E022", "secondop.E025"]),
        ({"SESSION_WARNING_SECONDS": 5}, ["secondop.E025"]),
        ({"SESSION_IDLE_SECONDS": 3600}, ["secondop.W023"]),
        ({"SESSION_COOKIE_AGE": 13 * 3600}, ["secondop.W024"]),
    ],
)
def test_limits_that_nobody_could_mean_are_found(settings, changes, found):
    settings.PRODUCTION = True
    for name, value in changes.items():
        setattr(settings, name, value)
    ours = ("secondop.E022", "secondop.W023", "secondop.W024", "secondop.E025")
    assert [message.id for message in run_checks(include_deployment_checks=True) if message.id in ours] == found
