"""Guessing: who has an account, and with which password."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role
from tests.factories import make_user
from tests.test_attacks import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """Whether staff need one is another test's."""
    settings.REQUIRE_STAFF_MFA = False


def test_guessing_locks_out_strangers_and_not_the_doctor():
    doctor, at_work = make_user(Role.SPECIALIST), Client()
    assert sign_in(at_work, doctor)
    at_work.post(reverse("account_logout"))
    for number in range(6):
        assert not sign_in(Client(), doctor, "a guess", f"198.51.100.{number}")
    assert not sign_in(Client(), doctor, address="203.0.113.1")
    assert sign_in(at_work, doctor)
    at_work.post(reverse("account_logout"))
    for _ in range(6):
        sign_in(at_work, doctor, "a guess", "203.0.113.2")
    assert not sign_in(at_work, doctor, address="203.0.113.3")


def test_a_known_browser_is_known_for_one_address_only():
    doctor, thief = make_user(Role.SPECIALIST), Client()
    assert sign_in(thief, make_user())
    thief.post(reverse("account_logout"))
    for number in range(6):
        sign_in(Client(), doctor, "a guess", f"198.51.100.{number}")
    assert not sign_in(thief, doctor)


class CountingHasher(MD5PasswordHasher):
    """Counts what takes the time of an answer."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        """As its parent."""
        type(self).hashed += 1
        return super().encode(password, salt)


def test_signing_up_takes_as_long_for_a_known_address(settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.test_guessing.CountingHasher"]
    known, work = make_user(), []
    for email in (known.email, "new@example.org"):
        CountingHasher.hashed = 0
        answer = Client().post(reverse("account_signup"), {"email": email, "full_name": "Pat", "password1": "a long sentence of mine"})
        work.append((CountingHasher.hashed, answer.status_code, answer.headers["Location"]))
    assert work[0] == work[1]


def test_signing_in_takes_as_long_for_an_unknown_address_and_is_answered_alike(settings):
    settings.PASSWORD_HASHERS = ["tests.accounts.test_guessing.CountingHasher"]
    known, disabled, of_the_demo, passkeys_only = make_user(), make_user(is_active=False), make_user(is_demo=True), make_user()
    passkeys_only.set_unusable_password()
    passkeys_only.save()
    work = set()
    for email in (known.email, "nobody@example.org", disabled.email, of_the_demo.email, passkeys_only.email):
        CountingHasher.hashed = 0
        answer = Client().post(reverse("account_login"), {"login": email, "password": "a wrong guess"})
        page = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode().replace(email, ""))
        work.add((CountingHasher.hashed, answer.status_code, page))
    ((hashed, _, page),) = work
    assert hashed == 1 and "do not go together" in page
