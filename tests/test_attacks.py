"""What somebody hostile would try across the apps: each test is an attack that once worked, or that must never work."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from opinions.models import SecondLook
from opinions.services import checking, second_looks
from records import services as records
from routing.services import offers
from secondop.accounts.models import Invitation, Role, User
from secondop.accounts.services import InvitationUsed, accept_invitation, invite
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant
from secondop.cases.lifecycle import recipients
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.web.clock import now
from tests.factories import PASSWORD, make_case, make_user
from tests.opinions.written import confirmed, ready_document, signed
from tests.records import files
from tests.routing.people import make_specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_second_factor(settings):
    """That staff need one is the business of some tests only."""
    settings.REQUIRE_STAFF_MFA = False


def browser(user: User, **headers: str) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client(**headers)
    client.force_login(user)
    return client


def sign_in(client: Client, user: User, password: str = PASSWORD, address: str = "192.0.2.1") -> bool:
    """Whether the form of the sign-in page let ``client`` in, asked from the network address ``address``."""
    client.post(reverse("account_login"), {"login": user.email, "password": password}, REMOTE_ADDR=address)
    return "_auth_user_id" in client.session


# Administrators keep people and rules: they may neither learn who is a patient nor become somebody else.


def test_the_admin_shows_our_own_lists_only():
    rules = {"Specialty", "QuestionPrompt", "ChecklistTemplate", "ConsentText", "JurisdictionRule", "Holiday"}
    shown = {model._meta.label for model in admin.site._registry}
    assert shown == {"accounts.User", "accounts.Invitation", "routing.SpecialistProfile", *(f"catalog.{name}" for name in rules)}


def test_an_administrator_cannot_take_over_an_account_by_its_address(no_second_factor):
    patient, administrator = make_user(), make_user(Role.ADMINISTRATOR)
    client = browser(administrator)
    address = {"user": patient.pk, "email": "evil@example.org", "verified": "on", "primary": ""}
    assert client.get("/admin/account/emailaddress/").status_code == 404
    assert client.post("/admin/account/emailaddress/add/", address).status_code == 404
    assert not EmailAddress.objects.filter(email="evil@example.org").exists()


def test_an_administrator_finds_no_patient(no_second_factor):
    patient = make_user(full_name="Quentin Quill")
    client = browser(make_user(Role.ADMINISTRATOR))
    for address in ("/admin/", "/admin/accounts/user/", "/admin/accounts/user/?q=quill", f"/admin/accounts/user/{patient.pk}/change/"):
        page = client.get(address, follow=True).content.decode()
        assert patient.full_name not in page and patient.email not in page


def test_an_administrator_cannot_give_themselves_a_role(no_second_factor):
    administrator, colleague = make_user(Role.ADMINISTRATOR), make_user(Role.SPECIALIST)
    client = browser(administrator)
    wanted = {"full_name": "New Name", "roles": ["administrator", "coordinator"], "is_active": "on", "away_until": ""}
    client.post(f"/admin/accounts/user/{administrator.pk}/change/", wanted)
    administrator.refresh_from_db()
    assert (administrator.roles, administrator.full_name) == (["administrator"], "New Name")
    client.post(f"/admin/accounts/user/{colleague.pk}/change/", wanted)
    colleague.refresh_from_db()
    assert colleague.roles == ["administrator", "coordinator"]
    own, other = Entry.objects.filter(action="staff.change").values_list("detail", flat=True)
    assert own == {"fields": ["full_name"]}
    assert other["roles"] == {"from": ["specialist"], "to": ["administrator", "coordinator"]}
    client.post(f"/admin/accounts/user/{colleague.pk}/change/", {**wanted, "is_active": ""})
    assert Entry.objects.latest("seq").detail == {"fields": ["is_active"], "is_active": {"from": True, "to": False}}


def test_an_administrator_cannot_invite_themselves(no_second_factor):
    administrator = make_user(Role.ADMINISTRATOR)
    body = {"email": administrator.email.upper(), "full_name": "Me", "role": "coordinator"}
    assert browser(administrator).post("/admin/accounts/invitation/add/", body).status_code == 200
    assert not Invitation.objects.exists()
    _, link = invite(administrator.email, "Me", Role.COORDINATOR, by=administrator)
    with pytest.raises(InvitationUsed):
        accept_invitation(link.rstrip("/").rpartition("/")[2], by=administrator)
    administrator.refresh_from_db()
    assert administrator.roles == ["administrator"]


def test_the_admin_leaves_passwords_to_the_page_that_limits_tries(no_second_factor):
    client = browser(make_user(Role.ADMINISTRATOR))
    answer = client.post(reverse("admin:password_change"), {"old_password": "guess", "new_password1": "x", "new_password2": "x"})
    assert answer.status_code == 302 and answer.url == reverse("account_change_password")


# Signing in.


def test_staff_without_a_second_factor_meet_no_page_of_the_admin(settings):
    settings.REQUIRE_STAFF_MFA = True
    client = browser(make_user(Role.ADMINISTRATOR))
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert client.get(reverse(name)).url == reverse("mfa_index")
    assert not Authenticator.objects.exists()


def code_now(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.django_db(transaction=True)  # allauth tells of a new factor after the commit, and within the request
def test_a_session_from_before_the_second_factor_does_not_gain_from_it():
    doctor, thief, owner = make_user(Role.SPECIALIST), Client(), Client()
    assert sign_in(thief, doctor) and sign_in(owner, doctor)
    owner.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = owner.get(reverse("mfa_activate_totp"))
    owner.post(reverse("mfa_activate_totp"), {"code": code_now(page.context["form"].secret)})
    assert owner.get(reverse("routing:worklist")).status_code == 200
    assert thief.get(reverse("routing:worklist")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("how", ["signing out", "signing out the others", "the end of its time", "a new password"])
def test_a_session_that_was_taken_over_ends_with_its_owners_and_nothing_begins_it_again(how, time_machine):
    owner, mine, thief = make_user(), Client(), Client()
    assert sign_in(thief, owner) and sign_in(mine, owner)
    if how == "signing out":
        thief.cookies = mine.cookies.copy()
        mine.post(reverse("account_logout"))
    elif how == "signing out the others":
        mine.post(reverse("usersessions_list"))
    elif how == "a new password":
        new = "another sentence of my own"
        mine.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    else:
        time_machine.move_to(now() + timedelta(minutes=31))
    for answer in (thief.post(reverse("accounts:stay")), thief.get(reverse("tracking:list"), headers={"Sec-Fetch-Mode": "navigate"})):
        assert answer.url.startswith(reverse("account_login")), how


def test_a_new_password_is_told_to_the_owner(mailoutbox, django_capture_on_commit_callbacks):
    owner = make_user()
    client = Client()
    sign_in(client, owner)
    new = "another sentence of my own"
    body = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_change_password"), body)
    assert User.objects.get(pk=owner.pk).check_password(new)
    assert [mail.to for mail in mailoutbox] == [[owner.email]]


def test_the_database_alone_holds_no_second_factor():
    user, secret = make_user(), generate_totp_secret()
    totp = TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored and not any(code in stored for code in codes.get_unused_codes())
    assert codes.instance.wrap().validate_code(codes.get_unused_codes()[0])
    assert totp.instance.wrap().validate_code(code_now(secret))


def test_changing_the_address_asks_again_who_it_is():
    user = make_user()
    client = browser(user)
    answer = client.post(reverse("account_email"), {"action_add": "", "email": "thief@example.org"})
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()


def test_the_secret_of_a_link_is_in_no_log():
    _, link = invite("vera@example.org", "Vera Vos", Role.SPECIALIST, by=None)
    secret = link.rstrip("/").rpartition("/")[2]
    console = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    written = StringIO()
    before = console.setStream(written)
    try:
        assert Client().post(link, {"full_name": "Vera", "password": "short"}).status_code == 422
        assert Client(enforce_csrf_checks=True).post(link, {}).status_code == 403
        assert Client().put(link).status_code == 405
    finally:
        console.setStream(before)
    assert secret not in written.getvalue() and "/accounts/invitation/" in written.getvalue()


def test_staff_sign_under_the_name_that_was_verified(no_second_factor):
    doctor = make_user(Role.SPECIALIST, full_name="Dr Vera Vos")
    browser(doctor).post(reverse("accounts:profile"), {"full_name": "Dr Somebody Else", "time_zone": "Europe/Paris"})
    doctor.refresh_from_db()
    assert (doctor.full_name, doctor.time_zone) == ("Dr Vera Vos", "Europe/Paris")


# Rights end.


def test_a_specialist_who_loses_the_role_loses_the_case(no_second_factor):
    doctor = make_user(Role.SPECIALIST)
    case = make_case(State.IN_REVIEW, specialist=doctor)
    client = browser(doctor)
    pages = [reverse("records:list", args=[case.uid]), reverse("opinions:write", args=[case.uid])]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    User.objects.filter(pk=doctor.pk).update(roles=[])
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_an_open_second_look_ends_with_the_release(no_second_factor):
    case, opinion = signed(major=True)
    ready_document(opinion)
    confirmed(case, opinion)
    extra = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=extra.pk)
    second_looks.accept(case, by=extra)
    client, page = browser(extra), reverse("records:list", args=[case.uid])
    assert client.get(page).status_code == 200
    checking.release(case, by=case.owner)
    assert client.get(page).status_code == 404
    assert SecondLook.objects.get(specialist=extra).status == SecondLook.Status.CANCELLED


def test_a_second_look_closes_when_the_case_goes_elsewhere(no_second_factor):
    case, _ = signed(major=True)
    asked = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=asked.pk)
    client, page = browser(asked), reverse("opinions:second", args=[case.uid])
    assert "Is there a conflict of interest?" in client.get(page).content.decode()
    offers.reassign(case, by=case.owner, reason="Absent.")
    assert "Is there a conflict of interest?" not in client.get(page).content.decode()


# Leaks.


def test_sending_a_known_file_does_not_tell_what_somebody_else_called_it():
    case, helper = make_case(State.SCREENING), make_user()
    grant(case, helper, Right.UPLOAD, "family")
    data = files.pdf(1, "same")
    records.add_files(case, [("HIV test.pdf", data)], by=case.patient)
    told = records.add_files(case, [("guess.pdf", data)], by=helper).turned_back[0].reason
    assert "HIV" not in told and "already" in told
    assert "HIV test.pdf" in records.add_files(case, [("again.pdf", data)], by=case.patient).turned_back[0].reason


def test_the_desk_tells_a_patient_nothing_of_their_own_case():
    patient = make_user(Role.LEAD)
    case = make_case(State.READY, patient=patient)
    Case.objects.filter(pk=case.pk).update(owner=None)
    case.refresh_from_db()
    for party in (Party.COORDINATOR, Party.LEAD):
        assert patient not in recipients(case, party)
    assert recipients(case, Party.COORDINATOR)
