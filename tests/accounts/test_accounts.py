"""Invitations, the profile, sign-in by address, roles and passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as site
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role, User
from secondop.accounts.services import InvitationUsed, accept_invitation, invite
from secondop.audit.models import Entry
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import PASSWORD, make_draft, make_user
from tests.intake.filled import signed_in

pytestmark = pytest.mark.django_db
JOIN = {"full_name": "Dr Vera Vos", "password": "a long sentence of my own"}


def test_an_invited_person_sets_up_an_account_once(client):
    administrator = make_user(Role.ADMINISTRATOR)
    invitation, link = invite(" Vera@Example.org ", "Vera Vos", Role.SPECIALIST, by=administrator)
    assert Notice.objects.filter(kind="invitation", email="vera@example.org").count() == 1
    page = client.get(link)
    assert page.status_code == 200 and "vera@example.org" in page.content.decode() and "Vera Vos" in page.content.decode()
    assert client.post(link, JOIN).url == reverse("account_login")
    user = User.objects.get(email="vera@example.org")
    assert user.roles == ["specialist"] and user.check_password(JOIN["password"])
    assert Client().login(request=None, email="VERA@example.org", password=JOIN["password"])
    assert client.post(link, JOIN).status_code == client.get(link).status_code == 410
    assert Entry.objects.filter(action="staff.join", actor_id=user.pk).count() == 1
    assert invitation.secret_hash not in link


@pytest.mark.parametrize("change", [{"password": "short"}, {"password": "secondopinion 12"}, {"full_name": ""}, {"full_name": "x" * 121}])
def test_a_bad_name_or_password_is_explained_and_makes_no_account(client, change):
    _, link = invite("vera@example.org", "Vera Vos", Role.SPECIALIST, by=None)
    answer = client.post(link, {**JOIN, **change})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(change)
    assert "This field is required" not in answer.content.decode()
    assert not User.objects.filter(email="vera@example.org").exists()


def test_an_invitation_lapses_and_a_made_up_link_is_none(client):
    _, link = invite("vera@example.org", "Vera Vos", Role.COORDINATOR, by=None)
    with shifted(timedelta(days=8)):
        assert client.get(link).status_code == 410
        with pytest.raises(InvitationUsed):
            accept_invitation(link.rstrip("/").rpartition("/")[2], by=None, **JOIN)
    assert client.get(reverse("accounts:invitation", args=["made-up"])).status_code == 410


def test_somebody_who_has_an_account_accepts_signed_in_and_nobody_else_can(client):
    person = make_user(email="vera@example.org")
    _, link = invite(person.email, "", Role.LEAD, by=None)
    assert "Sign in to accept" in client.get(link).content.decode()
    for browser in (client, signed_in()):
        browser.post(link, JOIN)
        person.refresh_from_db()
        assert person.roles == [] and person.check_password(PASSWORD)
    signed_in(person).post(link)
    person.refresh_from_db()
    assert person.roles == ["coordinator", "lead"]


@pytest.mark.parametrize("has_account", [True, False])
def test_whoever_is_signed_in_with_another_account_signs_out_first(has_account):
    if has_account:
        make_user(email="vera@example.org")
    _, link = invite("vera@example.org", "Vera Vos", Role.SPECIALIST, by=None)
    browser = signed_in()
    for answer in (browser.get(link), browser.post(link, JOIN)):
        assert answer.status_code == 403 and "for another address" in answer.content.decode()
    assert User.objects.filter(email="vera@example.org", roles=[]).exists() is has_account
    back = browser.post(reverse("account_logout"), {"next": link}, follow=True)
    assert back.redirect_chain[-1][0] == link
    assert ("Sign in to accept" if has_account else "Create my account") in back.content.decode()


def test_the_first_administrator_gets_a_link(client, capsys):
    call_command("make_admin", "root@example.org")
    link = capsys.readouterr().out.strip().splitlines()[-1].removeprefix(site.BASE_URL)
    client.post(link, JOIN)
    assert User.objects.get(email="root@example.org").is_staff
    with pytest.raises(CommandError, match="root is no e-mail address"):
        call_command("make_admin", "root")


def test_a_name_is_one_line_wherever_it_is_typed(client):
    typed, kept = " Ann\r\nBcc: x@y \u202eeeL ", "Ann Bcc: x@y eeL"
    client.post(reverse("account_signup"), {"email": "ann@example.org", "full_name": typed, "password1": JOIN["password"]})
    assert User.objects.get(email="ann@example.org").full_name == kept
    _, link = invite("vera@example.org", "Vera Vos", Role.SPECIALIST, by=None)
    client.post(link, {**JOIN, "full_name": typed})
    assert User.objects.get(email="vera@example.org").full_name == kept
    person = signed_in()
    person.post(reverse("accounts:profile"), {"full_name": typed, "time_zone": "UTC"})
    assert User.objects.get(pk=person.user.pk).full_name == kept


@pytest.mark.parametrize(("told", "kept"), [("America/New_York", "America/New_York"), ("Moon/Base", ""), ("x" * 99, ""), (None, "")])
def test_a_new_account_has_the_time_zone_of_its_device(client, told, kept):
    zone = {} if told is None else {"time_zone": told}
    client.post(reverse("account_signup"), {"email": "ann@example.org", "full_name": "Ann", "password1": JOIN["password"], **zone})
    assert User.objects.get(email="ann@example.org").time_zone == kept


def test_people_change_their_name_and_zone_and_nothing_else():
    client = signed_in()
    url = reverse("accounts:profile")
    assert client.get(url).status_code == 200
    answer = client.post(
        url, {"full_name": "New Name", "time_zone": "America/New_York", "roles": ["administrator"], "email": "x@example.org"}
    )
    assert answer.url == url
    user = User.objects.get(pk=client.user.pk)
    assert (user.full_name, user.time_zone, user.roles, user.email) == ("New Name", "America/New_York", [], client.user.email)
    for bad in ({"full_name": "", "time_zone": "UTC"}, {"full_name": "A", "time_zone": "Moon/Base"}):
        assert client.post(url, bad).status_code == 422
    too_long = client.post(url, {"full_name": "A" * 121, "time_zone": "UTC"}).content.decode()
    assert "Please shorten this to 120 characters. It has 121 now." in too_long


def test_dates_are_in_the_zone_of_the_site_until_a_person_chooses_another(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    client = signed_in()
    case = make_draft(client.user, touched_at=datetime(2026, 11, 26, 20, 30, tzinfo=UTC))
    profile, page = reverse("accounts:profile"), reverse("intake:hub", args=[case.uid])
    assert "The zone of this site (Asia/Tokyo)" in client.get(profile).content.decode()
    assert "Friday 27 November 2026, 05:30 JST" in client.get(page).content.decode()
    client.post(profile, {"full_name": "A", "time_zone": "America/New_York"})
    assert "Thursday 26 November 2026, 15:30 EST" in client.get(page).content.decode()
    client.post(profile, {"full_name": "A", "time_zone": ""})
    assert "Friday 27 November 2026, 05:30 JST" in client.get(page).content.decode()


def test_pages_for_the_signed_in_send_others_to_sign_in(client):
    for name in ("accounts:profile", "intake:start", "tracking:list"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["records:list", "records:panel", "routing:brief", "opinions:check"])
def test_the_sign_in_page_is_not_put_into_a_page_that_htmx_renews(client, name):
    address = reverse(name, args=[make_draft().uid])
    assert client.get(address).url == f"{reverse('account_login')}?next={address}"
    answer = client.get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content, "Location" in answer.headers) == (401, b"", False)


def test_an_address_has_one_account_however_it_is_spelled():
    make_user(email="Pat@Example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="PAT@example.ORG")


def test_staff_meet_no_page_before_their_second_factor():
    client = signed_in(make_user(Role.SPECIALIST))
    for name in ("accounts:profile", "intake:start", "tracking:list"):
        assert client.get(reverse(name)).url == reverse("mfa_index")
    assert signed_in().get(reverse("tracking:list")).status_code == 200


def test_a_disabled_account_is_out_at_the_next_request():
    client = signed_in()
    assert client.get(reverse("tracking:list")).status_code == 200
    User.objects.filter(pk=client.user.pk).update(is_active=False)
    assert client.get(reverse("tracking:list")).status_code == 302


def test_demo_accounts_are_shut_where_there_is_no_demo(client, settings):
    user = make_user(is_demo=True)
    settings.DEMO = False
    assert not client.login(request=None, email=user.email, password=PASSWORD)
    settings.DEMO = True
    assert client.login(request=None, email=user.email, password=PASSWORD)


@pytest.mark.parametrize(
    ("password", "fine"),
    [("x" * 14, False), ("Ein Satz über Äpfel 🍎", True), ("q" * 64, True), ("1q2w3e4r5t6y7u8i9o0p", False), ("pat@example.org", False)],
)
def test_passwords_are_long_and_of_any_letters(password, fine):
    try:
        validate_password(password, User(email="pat@example.org"))
    except ValidationError:
        assert not fine
    else:
        assert fine


def test_coordinators_who_are_away_get_no_new_cases():
    here, away = make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)
    with shifted(timedelta(days=0)):
        User.objects.filter(pk=away.pk).update(away_until="2999-01-01")
    assert list(User.objects.active_in(Role.COORDINATOR).available()) == [here]


@pytest.mark.parametrize(("roles", "are_kept"), [(["lead"], False), (["lead", "coordinator"], True)])
def test_a_lead_is_made_of_a_coordinator_only(client, settings, roles, are_kept):
    settings.REQUIRE_STAFF_MFA = False
    colleague = make_user(Role.SPECIALIST)
    client.force_login(make_user(Role.ADMINISTRATOR))
    body = {"full_name": "New Name", "roles": roles, "is_active": "on", "away_until": ""}
    page = client.post(reverse("admin:accounts_user_change", args=[colleague.pk]), body)
    assert (b"Please choose both." in page.content) is not are_kept
    colleague.refresh_from_db()
    assert sorted(colleague.roles) == (sorted(roles) if are_kept else ["specialist"])
