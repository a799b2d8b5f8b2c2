"""Every page of allauth wears our clothes: none of its default pages or words is left."""

import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
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
# Words of allauth and Django that would be seen if a form, a message or a page were not ours.
DEFAULT_WORDS = re.compile(
    "Current Password|New Password|Authenticator code|Master key|Remember Me|This field is required|Enter a valid email|Incorrect code"
    "|Email address|Email<|you specified are not correct|Menu:|Change Password|Sign Out|Two-Factor|Deactivate"
)


def signed_in_pages() -> list[str]:
    """The names of all allauth pages that need no argument."""
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    ours = re.compile("account_|mfa_|usersessions_")
    return sorted(name for name in names if ours.match(name) and name not in NO_PAGE and "%(" not in reverse_pattern(name))


def reverse_pattern(name: str) -> str:
    return get_resolver().reverse_dict[name][0][0][0]


def assert_dressed(response) -> str:
    named = [Path(template.origin.name) for template in response.templates if template.name and template.name.endswith(".html")]
    assert not [one for one in named if {"site-packages", "allauth"} <= set(one.parts)]
    assert not (found := DEFAULT_WORDS.findall(response.content.decode())), found
    tree = html.fromstring(response.content)
    assert tree.xpath("//header[@class='site-header']//a[@class='site-name']")
    assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == 1
    assert not tree.xpath("//@style|//style|//script[not(@src) and not(@type='application/json')]")
    for control in tree.xpath("//main//input[not(@type='hidden')]"):
        assert tree.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
        assert not control.get("placeholder"), "it vanishes when one types, and says what the label says"
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


@pytest.fixture
def newcomer(client, db):
    """A person without a second step, who has just shown that it is them."""
    user = make_user()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return user


def test_pages_of_the_first_second_step(client, newcomer):
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "accounts:profile"):
        assert_dressed(client.get(reverse(name)))
    assert "This code does not fit." in assert_refused(client, "mfa_activate_totp", code="000000")


def test_pages_of_a_passkey(client, member):
    key = Authenticator.objects.create(user=member, type="webauthn", data={"name": "My phone", "credential": {}})
    assert_dressed(client.get(reverse("mfa_edit_webauthn", args=[key.pk])))
    assert_dressed(client.get(reverse("mfa_remove_webauthn", args=[key.pk])))


def test_a_first_password_is_chosen_on_a_page_of_ours(client, newcomer):
    newcomer.set_unusable_password()
    newcomer.save()
    client.force_login(newcomer)
    assert assert_dressed(client.get(reverse("account_set_password"))).startswith("Choose a password")


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_pages_of_sign_up_and_of_a_forgotten_password(client, db):
    data = {"email": "new@example.org", "password1": PASSWORD, "full_name": "Ada"}
    assert_dressed(client.post(reverse("account_signup"), data, follow=True))
    assert "This code does not fit." in assert_refused(client, "account_email_verification_sent", code="AAAA-AAAA")
    user = make_user()
    assert_dressed(client.post(reverse("account_reset_password"), {"email": user.email}, follow=True))
    link = re.search(r"http://\S+(/accounts/password/\S+)", mail.outbox[-1].body)
    assert link
    assert_dressed(client.get(link[1], follow=True))
    assert_dressed(client.get(link[1][:-3] + "/", follow=True))


def test_the_second_step_of_signing_in(client, member):
    client.logout()
    response = client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD}, follow=True)
    assert assert_dressed(response).startswith("Second step")
    assert "This code does not fit." in assert_refused(client, "mfa_authenticate", code="000000")


def assert_refused(client, name: str, **data: str) -> str:
    """The text of the page that answers what cannot be right; the page says so in our words."""
    response = client.post(reverse(name), data)
    assert_dressed(response)
    (summary,) = html.fromstring(response.content).xpath("//*[@data-error-summary]")
    return summary.text_content()


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_what_is_missing_is_asked_for_in_our_words(client, db, name):
    assert "Please fill this in." in assert_refused(client, name)


def test_wrong_changes_are_answered_in_our_words(client, newcomer):
    wrong = assert_refused(client, "account_change_password", oldpassword="x", password1=PASSWORD, password2=PASSWORD)
    assert "This is not your password now." in wrong
    assert "Please write the whole address" in assert_refused(client, "account_email", email="nobody", action_add="1")
    assert "This is your address already." in assert_refused(client, "account_email", email=newcomer.email, action_add="1")


def test_the_pages_of_the_account_share_one_menu(client, newcomer):
    pages = ("accounts:profile", "account_email", "account_change_password", "mfa_index", "usersessions_list")
    for name in pages:
        tree = html.fromstring(client.get(reverse(name)).content)
        links = tree.xpath("//nav[@aria-label='Your account']//a")
        assert [link.get("href") for link in links if link.get("aria-current") == "page"] == [reverse(name)]
        assert {reverse(one) for one in pages} <= {link.get("href") for link in links}


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
