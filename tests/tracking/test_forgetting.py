"""What others keep of a person whose account is closed: what happened, and no name; and what began while it was being closed."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from secondop.accounts.models import Invitation, Role, User
from secondop.accounts.services import invite as invite_to_work
from secondop.cases import handover, timeline
from secondop.cases.access import Right, grant
from secondop.cases.looked import who_looked
from secondop.cases.models import Brief, Case, Handover
from secondop.cases.states import State
from secondop.catalog.samples import load
from secondop.exports import services as exports
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.cases.minors import make_childs_case
from tests.factories import PASSWORD, make_case, make_draft, make_user
from tests.intake.filled import signed_in
from tracking.family import clock, services
from tracking.leaving import accounts
from tracking.leaving.forgetting import NOBODY
from tracking.models import AccountClosure

from .family import shared
from .test_closing import WEEK, everywhere, once_a_case_is_gone

pytestmark = pytest.mark.django_db


@pytest.fixture
def helper():
    """Somebody whose name is not easily mistaken."""
    load()
    return make_user(full_name="Okapi Helper", email="okapi@example.org")


def closed(user: User) -> None:
    """The week since ``user`` asked to close the account is over, and its worker has been there."""
    accounts.note(user)
    with shifted(WEEK):
        assert accounts.close_due() == 1
    Notice.objects.filter(kind="account_closed").delete()  # deleted once it is sent


def lets_in(person: User, *rights: Right, until=None) -> Case:
    """The case of somebody who has let ``person`` in."""
    case = shared()
    _, link = services.invite(case, by=case.patient, email=person.email, full_name=str(person), rights=rights, until=until)
    services.accept(link.rstrip("/").rpartition("/")[2], by=person)
    return case


def steps(case: Case) -> str:
    """What the patient reads of the case, with all its notes."""
    return "\n".join(f"{line.text} · {line.note}" for line in timeline.lines(Case.objects.get(pk=case.pk), staff=False))


def test_no_line_of_a_familys_timeline_names_who_was_sent_away_or_whose_time_was_over(helper):
    ended, over = lets_in(helper), lets_in(helper, until=now() + WEEK)
    services.end(ended, by=ended.patient, person=helper)
    with shifted(2 * WEEK):
        clock.watch()
    assert steps(ended).count("Okapi Helper") == steps(over).count("Okapi Helper") == 2, "while they have an account"
    page = signed_in(ended.patient).get(reverse("tracking:case", args=[ended.uid])).content.decode()
    assert "Okapi Helper" in page
    closed(helper)
    assert "Okapi" not in everywhere() and "okapi@" not in everywhere()
    for case in (ended, over):
        assert steps(case).count(NOBODY) == 2
    assert "Okapi" not in signed_in(ended.patient).get(reverse("tracking:case", args=[ended.uid])).content.decode()


def test_who_looked_at_a_case_is_not_taken_for_the_team(helper):
    case = lets_in(helper)
    assert signed_in(helper).get(reverse("tracking:case", args=[case.uid])).status_code == 200
    closed(helper)
    assert {look.who for look in who_looked(case, case.patient)} == {NOBODY}


def test_no_notice_to_others_names_them(helper):
    case = lets_in(helper, Right.DECIDE, until=now() + WEEK)
    with shifted(WEEK * 0.8):
        clock.watch()
    exports.ask(by=helper, password=PASSWORD, case=case)
    services.invite(case, by=helper, email="third@example.org", full_name="Third", rights=(), until=now() + WEEK / 2)
    kinds = {"family_joined", "family_ending", "export_by_other", "family_invited"}
    assert set(Notice.objects.filter(context__person="Okapi Helper").values_list("kind", flat=True)) == kinds
    closed(helper)
    assert set(Notice.objects.filter(context__person=NOBODY).values_list("kind", flat=True)) == kinds
    assert "Okapi" not in everywhere() and "okapi@" not in everywhere()


def test_invitations_of_every_sort_to_every_address_of_theirs_are_emptied(helper):
    EmailAddress.objects.create(user=helper, email="okapi-two@example.org", verified=True)
    grown = make_childs_case(State.DELIVERED)
    invite_to_work("okapi-two@example.org", "Okapi Worker", Role.COORDINATOR, by=None)
    with shifted(WEEK * 200):
        handover.invite(grown, by=grown.owner, email="okapi-two@example.org", full_name="Okapi Grown", identity="Passport")
    closed(helper)
    assert not Invitation.objects.exists()
    assert list(Handover.objects.values_list("status", "email", "full_name")) == [("cancelled", "", NOBODY)]
    assert "Okapi" not in everywhere() and "okapi" not in everywhere()


def test_what_the_administration_called_them_goes(helper):
    admin = make_user(Role.ADMINISTRATOR)
    invitation, _ = invite_to_work(helper.email, str(helper), Role.COORDINATOR, by=admin)
    for one in (helper, invitation, admin):
        LogEntry.objects.log_actions(admin.pk, type(one)._default_manager.filter(pk=one.pk), CHANGE, "[]", single_object=True)
    closed(helper)
    assert LogEntry.objects.get().object_repr == str(admin)
    assert "Okapi" not in everywhere()


def test_a_signature_under_a_request_of_somebody_else_goes_unless_it_was_sent(helper):
    signed = {"signed_name": "Okapi Helper", "signed_by": helper, "signed_at": now(), "signed_ip": "192.0.2.7", "signed_agent": "x"}
    draft, sent = make_draft(make_user()), make_case(State.SCREENING)
    for case in (draft, sent):
        grant(case, helper, Right.DECIDE, "family")
        Brief.objects.filter(case=case).update(**signed)
    closed(helper)
    left = Brief.objects.get(case=draft)
    assert (left.signed_name, left.signed_by, left.signed_at, left.signed_ip, left.signed_agent) == ("", None, None, None, "")
    assert Brief.objects.get(case=sent).signed_name == "Okapi Helper", "evidence of what was agreed to"


def test_who_has_worked_here_stays_named_with_that_work():
    case = make_case(State.DELIVERED)
    for person in (case.specialist, case.owner):
        User.objects.filter(pk=person.pk).update(roles=[])
        person.refresh_from_db()
        name = str(person)
        assert "You worked here once" in signed_in(person).get(reverse("tracking:close_account")).content.decode()
        closed(person)
        left = User.objects.get(pk=person.pk)
        assert (left.full_name, left.is_active, left.has_usable_password()) == (name, False, False)
        assert left.email == f"closed-{left.pk}@account.invalid"


def test_a_request_that_is_sent_while_the_account_is_closed_is_stopped_before_it_goes():
    patient = make_user()
    make_draft(patient)
    late = make_draft(patient)
    owner = make_user(Role.COORDINATOR)

    def send() -> None:
        Case.objects.filter(pk=late.pk, state=State.DRAFT).update(state=State.SCREENING, owner=owner, submitted_at=now())

    accounts.note(patient)
    with shifted(WEEK), once_a_case_is_gone(send):
        assert accounts.close_due() == 0
        assert Case.objects.get().state == State.SCREENING, "nothing that is under way goes without a word"
        assert accounts.close_due() == 0
        assert Notice.objects.filter(kind="withdrawn_desk", case_uid=late.uid, recipient=owner).exists()
        assert accounts.close_due() == 1
    assert not Case.objects.exists() and not User.objects.filter(pk=patient.pk).exists()


def test_a_request_that_is_begun_while_the_account_is_closed_goes_with_it():
    patient = make_user()
    first = make_draft(patient)

    def begin() -> None:
        if not Case.objects.filter(patient=patient).exclude(pk=first.pk).exists():
            make_draft(patient)

    accounts.note(patient)
    with shifted(WEEK), once_a_case_is_gone(begin):
        assert accounts.close_due() == 0
    assert User.objects.get(pk=patient.pk).is_active and AccountClosure.objects.exists()
    with shifted(WEEK):
        assert accounts.close_due() == 1
    assert not Case.objects.exists() and not User.objects.filter(pk=patient.pk).exists()
