"""Every page of allauth wears our clothes: none of its default pages or words is left."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from lxml import html

from tests.factories import PASSWORD, make_user

SIGNED_OUT = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done", "account_inactive"]
# Answers that are no page: a download, JSON for a script, redirects of steps that are not under way.
NO_PAGE = {"mfa_download_recovery_codes", "mfa_login_webauthn"}


def signed_in_pages() -> list[str]:
    """The names of all allauth pages that need no argument."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    ours = re.compile("account_|mfa_|usersessions_")
    return sorted(name for name in names if ours.match(name) and name not in NO_PAGE and "%(" not in reverse_pattern(name))


def reverse_pattern(name: str) -> str:
    return get_resolver().reverse_dict[name][0][0][0]


def assert_dressed(response) -> str:
    tree = html.fromstring(response.content)
    assert tree.xpath("//header[@class='site-header']//a[@class='site-name']")
    assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == 1
    assert not tree.xpath("//@style|//style|//script[not(@src) and not(@type='application/json')]")
    for control in tree.xpath("//main//input[not(@type='hidden')]"):
        assert tree.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
    for button in tree.xpath("//main//button"):
        assert "button" in (button.get("class") or "").split()
    return tree.xpath("//title")[0].text


@pytest.fixture
def member(client, db):
    """A person with an authenticator app and recovery codes, who has just shown that it is them."""
    user = make_user()
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return user


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_pages_for_strangers(client, db, name):
    assert_dressed(client.get(reverse(name)))


def test_pages_for_members(client, member):
    seen = {}
    for name in signed_in_pages():
        response = client.get(reverse(name))
        if response.status_code == 200 and name not in SIGNED_OUT:
            seen[name] = assert_dressed(response)
    assert len(seen) >= 8, seen
    assert len(set(seen.values())) >= len(seen) - 2, seen


def test_a_wrong_password_is_explained_and_the_address_kept(client, db):
    response = client.post(reverse("account_login"), {"login": "nobody@example.org", "password": "wrong wrong wrong"})
    tree = html.fromstring(response.content)
    assert tree.xpath("//*[@data-error-summary]//li")
    assert tree.xpath("//input[@name='login']/@value") == ["nobody@example.org"]


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_mails_about_the_account_are_worded_by_us(client, db):
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    client.post(reverse("account_signup"), {"email": user.email, "password1": PASSWORD, "full_name": "Ada"})
    Client().post(reverse("account_signup"), {"email": "new@example.org", "password1": PASSWORD, "full_name": "Ada"})
    assert [letter.subject for letter in mail.outbox] == [
        "Choose a new password",
        "No account with this address",
        "You already have an account",
        "Your code for SecondOp",
    ]
    for letter in mail.outbox:
        assert letter.body.startswith("Hello,")
        assert "This mail holds nothing about anyone's health." in letter.body
        assert "&" not in letter.body
        assert not re.search("{{|{%|None", letter.body)
    assert not EmailAddress.objects.filter(email="new@example.org", verified=True).exists()
