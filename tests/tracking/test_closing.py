"""Closing an account: who may, what stops at once, the week in which it can be kept, and what is left of a person afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import serializers
from django.db.models.signals import post_delete
from django.urls import reverse

from secondop.accounts.models import Role, User
from secondop.audit.models import Entry
from secondop.cases import erasures, messages
from secondop.cases.access import Access, Right, grant
from secondop.cases.handover import waits_for_owner
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case, ErasureRequest
from secondop.cases.states import State
from secondop.catalog.samples import load
from secondop.exports.models import Export
from secondop.notices import stopping
from secondop.notices.choices import choose
from secondop.notices.models import Notice, Phone
from secondop.notices.phones import send_code
from secondop.notices.services import deliver
from secondop.vault import services as vault
from secondop.vault.models import CaseKey
from secondop.web.clock import now, shifted
from tests.cases.minors import BORN, make_childs_case
from tests.factories import PASSWORD, make_case, make_draft, make_user
from tests.intake.filled import signed_in
from tests.tracking.family import invited, joined, shared
from tracking.leaving import accounts
from tracking.leaving.forgetting import NOBODY
from tracking.models import AccountClosure, Helper

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7, minutes=1)
CLOSE, KEEP = "/cases/account/close/", "/cases/account/keep/"


@pytest.fixture
def patient():
    """A patient with a case in review, one delivered and a draft."""
    user = make_user(full_name="Okapi Patient", email="okapi@example.org")
    make_case(State.IN_REVIEW, patient=user)
    make_case(State.DELIVERED, patient=user)
    make_draft(user)
    return user


def closed(user, client=None):
    """The account, whose owner has asked on the page to close it and waited for a week."""
    assert (client or signed_in(user)).post(CLOSE, {"password": PASSWORD}).status_code == 302
    with shifted(WEEK):
        assert accounts.close_due() == 1
        assert accounts.close_due() == 0


def test_the_page_says_what_happens_with_each_case(patient):
    page = signed_in(patient).get(CLOSE).content.decode()
    for case in Case.objects.filter(patient=patient):
        assert case.reference in page
    assert page.count("withdrawn today") == 1
    assert "up to 35 more days" in page


def test_asking_stops_the_work_and_erases_nothing_yet(patient):
    answer = signed_in(patient).post(CLOSE, {"password": PASSWORD}, follow=True)
    assert "Keep my account" in answer.content.decode()
    assert sorted(Case.objects.values_list("state", flat=True)) == ["delivered", "draft", "withdrawn"]
    assert ErasureRequest.objects.filter(with_account=True).count() == 3
    assert accounts.close_due() == 0
    assert Notice.objects.filter(recipient=patient, kind__in=("account_closing", "erase_asked")).count() == 1


def test_who_it_is_is_asked_again(patient):
    client = signed_in(patient)
    assert client.post(CLOSE, {"password": "wrong"}).status_code == 422
    assert not AccountClosure.objects.exists()


def test_signing_in_within_the_week_offers_to_keep_it(patient):
    client = signed_in(patient)
    client.post(CLOSE, {"password": PASSWORD})
    assert client.get(reverse("home_for_me")).url == CLOSE
    page = client.get(reverse("tracking:list")).content.decode()
    assert KEEP in page
    case = Case.objects.get(patient=patient, state=State.DELIVERED)
    page = client.get(reverse("tracking:case", args=[case.uid])).content.decode()
    assert CLOSE in page and "Keep this case" not in page
    assert client.post(reverse("tracking:keep", args=[case.uid])).url == CLOSE
    assert client.post(KEEP).url == reverse("tracking:list")
    assert not ErasureRequest.objects.exists() and not AccountClosure.objects.exists()
    with shifted(WEEK):
        assert accounts.close_due() == 0
    assert not accounts.keep(by=patient), "once is enough"


def test_a_case_that_was_to_go_anyway_still_goes_when_the_account_is_kept(patient):
    case = Case.objects.get(patient=patient, state=State.DELIVERED)
    erasures.ask(case, by=patient)
    accounts.note(patient)
    accounts.keep(by=patient)
    assert ErasureRequest.objects.get().case == case


def test_staff_ask_an_administrator(settings):
    settings.REQUIRE_STAFF_MFA = False
    for role in Role:
        user = make_user(role)
        client = signed_in(user)
        assert "administrator" in client.get(CLOSE).content.decode()
        assert client.post(CLOSE, {"password": PASSWORD}).status_code == 422
        with pytest.raises(Refused):
            accounts.ask_to_close(by=user, password=PASSWORD)
    assert not AccountClosure.objects.exists()


def everywhere() -> str:
    """All rows of all tables, as text."""
    return "\n".join(serializers.serialize("json", model._base_manager.all()) for model in apps.get_models(include_auto_created=True))


def test_nothing_of_the_person_is_left(patient):
    Authenticator.objects.create(user=patient, type="totp", data={"secret": "x"})
    choose(patient, only_here=["progress"], by_text=["opinion"])
    Phone.objects.create(user=patient, number="+12025550143", confirmed_at=now())
    send_code(patient, "+12025550144")
    client = signed_in(patient)
    client.get(reverse("tracking:list"))
    key = client.session.session_key
    UserSession.objects.get_or_create(user=patient, session_key=key, defaults={"ip": "127.0.0.1", "user_agent": "x"})
    secret = stopping.token(patient.pk, "progress")
    copy = Export(owner=patient, everything=True, status="ready", sha256="0" * 64, ready_at=now(), expires_at=now() + 2 * WEEK)
    copy.stored = vault.put(copy.uid, b"all of it")
    copy.save()
    assert "Okapi" in everywhere() and "1202555014" in everywhere()
    closed(patient, client)
    last = Notice.objects.get(kind="account_closed")
    assert last.email == "okapi@example.org"
    with shifted(WEEK):
        assert deliver(last.uid)
        accounts.close_due()
    kept = everywhere()
    assert "Okapi" not in kept and "okapi@" not in kept and "1202555014" not in kept
    assert not User.objects.filter(pk=patient.pk).exists()
    assert not Case.objects.exists()
    assert CaseKey.objects.get(case_uid=copy.uid).destroyed_at and not Export.objects.exists()
    assert not Session.objects.filter(session_key=key).exists()
    with pytest.raises(stopping.NoSuchLink):
        stopping.group_of(secret)
    assert client.get(CLOSE).status_code == 302, "signed out"
    rows = Entry.objects.filter(actor_id=patient.pk, action__in=("account.close", "case.erase")).values_list("action", "target")
    assert sorted(rows) == [*[("account.close", "")], *[("case.erase", "account closed")] * 3]


def test_where_they_took_part_in_a_case_of_somebody_else_no_name_is_left():
    load()
    case = shared()
    person = joined(case)
    grant(case, person, Right.DECIDE, "family")
    messages.write(case, by=person, text="I am with her.")
    User.objects.filter(pk=person.pk).update(full_name="Okapi Helper")
    helper = Helper.objects.get(user=person)
    closed(person)
    left = User.objects.get(pk=person.pk)
    assert (str(left), left.is_active, left.has_usable_password()) == (NOBODY, False, False)
    assert not Access.objects.filter(user=left).exists()
    assert not EmailAddress.objects.filter(user=left).exists()
    helper.refresh_from_db()
    assert (helper.status, helper.email, helper.full_name) == ("ended", "", NOBODY)
    Notice.objects.filter(kind="account_closed").delete()
    assert "Okapi" not in everywhere() and person.email not in everywhere()
    page = signed_in(case.patient).get(reverse("tracking:messages", args=[case.uid])).content.decode()
    assert NOBODY in page and "I am with her." in page
    with pytest.raises(stopping.NoSuchLink):
        stopping.group_of(stopping.token(left.pk, "progress"))


def test_invitations_that_were_never_answered_name_nobody_any_more(patient):
    load()
    for status in ("invited", "declined"):
        case = shared()
        invited(case, patient.email.upper(), (Right.STATUS,))
        case.helpers.update(status=status)
    closed(patient)
    assert set(Helper.objects.values_list("status", "email", "full_name")) == {
        ("cancelled", "", NOBODY),
        ("declined", "", NOBODY),
    }


def test_the_address_is_free_for_a_new_account(patient):
    closed(patient)
    assert make_user(email="okapi@example.org").pk != patient.pk


def test_whoever_works_here_by_then_keeps_the_account(patient):
    assert signed_in(patient).post(CLOSE, {"password": PASSWORD}).status_code == 302
    patient.roles = [Role.COORDINATOR]
    patient.save()
    with shifted(WEEK):
        assert accounts.close_due() == 0
    assert User.objects.get(pk=patient.pk).is_active
    assert not AccountClosure.objects.exists() and not ErasureRequest.objects.exists()


def test_it_cannot_be_kept_while_it_is_being_closed(patient):
    client = signed_in(patient)
    assert client.post(CLOSE, {"password": PASSWORD}).status_code == 302
    AccountClosure.objects.update(taken_until=now() + WEEK)
    assert "It is too late" in client.post(KEEP, follow=True).text
    assert AccountClosure.objects.exists()


def test_a_grown_childs_case_outlives_the_parents_account_and_can_be_taken_over():
    case = make_childs_case(State.DELIVERED)
    days_before = datetime(BORN.year + 18, BORN.month, BORN.day - 3, tzinfo=UTC) - now()
    with shifted(days_before):
        assert signed_in(case.patient).post(CLOSE, {"password": PASSWORD}).status_code == 302
    with shifted(days_before + WEEK):
        accounts.close_due()
        erasures.carry_out(ErasureRequest.objects.get())
        assert not User.objects.get(pk=case.patient_id).is_active
        assert waits_for_owner(Case.objects.get(pk=case.pk))
        assert not ErasureRequest.objects.exists()


@contextmanager
def once_a_case_is_gone(act: Callable[[], object]) -> Iterator[None]:
    """Within the block, ``act`` happens each time that a case has been erased."""

    def then(**signal: object) -> None:
        act()

    post_delete.connect(then, sender=Case)
    yield
    post_delete.disconnect(then, sender=Case)


def test_a_worker_that_lost_the_account_erases_no_more_of_its_cases(patient):
    accounts.note(patient)
    with shifted(WEEK), once_a_case_is_gone(AccountClosure.objects.all().delete):
        assert accounts.close_due() == 0
    assert Case.objects.count() == 2 and User.objects.get(pk=patient.pk).is_active


def test_whoever_works_here_since_the_worker_looked_keeps_the_account(patient):
    closure = accounts.note(patient)
    User.objects.filter(pk=patient.pk).update(roles=[Role.COORDINATOR])
    assert not closure.user.roles, "as read before"
    with shifted(WEEK):
        assert not accounts.carry_out(closure)
    assert Case.objects.count() == 3 and not AccountClosure.objects.exists() and not ErasureRequest.objects.exists()
    assert Entry.objects.get(action="account.close_keep").target == "works here now"


def test_whoever_works_here_since_their_cases_are_gone_keeps_the_account(patient):
    accounts.note(patient)
    with shifted(WEEK), once_a_case_is_gone(lambda: User.objects.filter(pk=patient.pk).update(roles=[Role.COORDINATOR])):
        assert accounts.close_due() == 0
    assert User.objects.get(pk=patient.pk).is_active and not AccountClosure.objects.exists()


def test_of_work_that_began_within_the_week_its_people_are_told_before_it_goes(patient):
    accounts.note(patient)
    begun = make_case(State.IN_REVIEW, patient=patient)
    with shifted(WEEK):
        assert accounts.close_due() == 0
        told = Notice.objects.filter(kind="withdrawn_desk", case_uid=begun.uid)
        assert {notice.recipient for notice in told} == {begun.owner, begun.specialist}
        assert accounts.close_due() == 1
    assert not Case.objects.exists()


def test_who_keeps_the_account_keeps_a_grown_childs_case_from_being_erased_with_it():
    case = make_childs_case(State.DELIVERED)
    days_before = datetime(BORN.year + 18, BORN.month, BORN.day - 3, tzinfo=UTC) - now()
    with shifted(days_before):
        accounts.note(case.patient)
    with shifted(days_before + timedelta(days=5)):
        assert accounts.keep(by=case.patient)
        assert not ErasureRequest.objects.exists()
    assert case.journal.filter(event="erase_dropped", party="system").count() == 1
