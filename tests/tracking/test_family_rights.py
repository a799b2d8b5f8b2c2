"""Invited family: let in by their own account alone, to what each right opens, and out again at once."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import FAMILY_RIGHTS, Access, Right, grant, rights_of
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.catalog.samples import load
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import PASSWORD, make_draft, make_user
from tests.intake.filled import signed_in, url
from tests.tracking.family import ANN, agreed, at, invited, joined, page_of, shared
from tracking.family import clock, services
from tracking.models import Helper
from tracking.services import revoke_consent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalog():
    """The texts of the consents."""
    load()


PAGES = ("tracking:case", "tracking:request", "tracking:family", "records:list", "delivery:opinion")


class TestTheLink:
    """It opens to one account, once."""

    def test_signed_out_people_learn_nothing_and_come_back_after_signing_in(self):
        case = shared()
        secret, browser = invited(case), Client()
        page = browser.get(at(secret))
        text = page.content.decode()
        assert page.status_code == 200 and f"next={at(secret)}" in text and page.headers["Cache-Control"].count("no-store")
        assert case.reference not in text and str(case.patient) not in text and ANN not in text
        make_user(email=ANN)
        answer = browser.post(reverse("account_login"), {"login": ANN, "password": PASSWORD, "next": at(secret)}, follow=True)
        assert answer.redirect_chain[-1][0] == at(secret) and str(case.patient) in answer.content.decode()

    def test_signing_up_with_the_invited_address_leads_back_to_the_invitation(self):
        case = shared()
        secret, browser = invited(case), Client()
        signup = f"{reverse('account_signup')}?next={at(secret)}"
        assert at(secret) in browser.get(signup).content.decode()
        person = {"full_name": "Ann Lee", "email": ANN, "password1": "horse battery staple correct", "next": at(secret)}
        confirm = browser.post(signup, person).url
        code = re.search(r"\b[A-Z0-9]{3,4}-[A-Z0-9]{3,4}\b", mail.outbox[-1].body).group()
        answer = browser.post(confirm, {"code": code}, follow=True)
        assert answer.redirect_chain[-1][0] == at(secret)
        assert str(case.patient) in answer.content.decode()
        assert browser.post(at(secret), {"answer": "yes"}).url == reverse("tracking:list")
        assert case.reference in browser.get(reverse("tracking:list")).content.decode()

    def test_another_account_sees_nothing_and_accepts_nothing(self):
        case = shared()
        secret, other = invited(case), signed_in()
        for answer in (other.get(at(secret)), other.post(at(secret), {"answer": "yes"})):
            text = answer.content.decode()
            assert answer.status_code == 403 and "for another address" in text
            assert str(case.patient) not in text and ANN not in text and case.reference not in text
        assert not rights_of(other.user, case)
        assert Entry.objects.filter(action="family.refused", actor_id=other.user.pk, outcome="refused").count() == 2

    def test_an_address_that_is_not_verified_is_another_account(self):
        case, ann = shared(), make_user(email=ANN)
        EmailAddress.objects.filter(user=ann).update(verified=False)
        secret = invited(case)
        with pytest.raises(services.WrongAccount):
            services.accept(secret, by=ann)

    def test_the_invited_person_reads_who_asks_and_what_it_allows_then_accepts_once(self):
        case, client = shared(), signed_in(make_user(email=ANN))
        secret = invited(case, rights=[Right.UPLOAD], until=now() + timedelta(days=9))
        page = client.get(at(secret)).content.decode()
        assert str(case.patient) in page and "Add records" in page and "This ends on" in page and "Read the opinion" not in page
        assert not rights_of(client.user, case), "looking is not accepting"
        answer = client.post(at(secret), {"answer": "yes"}, follow=True)
        assert answer.redirect_chain[-1][0] == reverse("tracking:list") and case.reference in answer.content.decode()
        assert rights_of(client.user, case) == {Right.STATUS, Right.UPLOAD}
        told = Notice.objects.get(kind="family_joined")
        assert told.recipient == case.patient and told.link == page_of(case)
        for again in (client.get(at(secret)), client.post(at(secret), {"answer": "yes"}), Client().get(at(secret))):
            assert again.status_code == 410 and "does not work any more" in again.content.decode()
        assert Access.objects.active().filter(user=client.user).count() == 2
        patients = signed_in(case.patient)
        assert f"{client.user} accepted your invitation" in patients.get(page_of(case, "case")).content.decode()
        assert str(client.user) in patients.get(page_of(case)).content.decode()

    def test_who_only_follows_the_case_reads_of_no_consents_and_of_no_others_who_were_let_in(self):
        case = shared()
        aunt, other, decider = joined(case), joined(case), joined(case, Right.DECIDE)
        services.end(case, by=case.patient, person=other)
        words = ("accepted your invitation", "can no longer see your case", "agreed to a consent")
        read = {person: signed_in(person).get(page_of(case, "case")).content.decode() for person in (aunt, decider, case.patient)}
        assert [text for text in words if text in read[aunt]] == [] and str(other) not in read[aunt]
        assert all(set(words[:2]) <= {text for text in words if text in read[person]} for person in (decider, case.patient))

    def test_saying_no_ends_the_link_and_the_patient_sees_it(self):
        case, client = shared(), signed_in(make_user(email=ANN))
        secret = invited(case)
        unsure = client.post(at(secret))
        assert unsure.status_code == 422 and "No, thank you" in unsure.content.decode() and not rights_of(client.user, case)
        assert client.post(at(secret), {"answer": "no"}).status_code == 302
        assert client.get(at(secret)).status_code == 410 and not rights_of(client.user, case)
        page = signed_in(case.patient).get(page_of(case)).content.decode()
        assert "Said no" in page and page_of(case, "family_again", case.helpers.get().uid) in page

    @pytest.mark.parametrize("why", ["unknown", "late", "ended", "taken back", "renewed", "consent", "inviter"])
    def test_a_link_without_its_ground_opens_nothing(self, why):
        case, ann = shared(), signed_in(make_user(email=ANN))
        decider = joined(case, Right.DECIDE)
        secret = invited(case, until=now() + timedelta(days=2) if why == "ended" else None, by=decider if why == "inviter" else None)
        patient, helper = signed_in(case.patient), case.helpers.get(email=ANN)
        if why == "unknown":
            secret = "x" * 32
        elif why == "taken back":
            assert patient.post(page_of(case, "family_cancel", helper.uid)).url == page_of(case)
        elif why == "renewed":
            with shifted(timedelta(minutes=1)):
                assert patient.post(page_of(case, "family_again", helper.uid)).url == page_of(case)
            assert Notice.objects.filter(kind="family_invited", email=ANN).count() == 2
        elif why == "consent":
            patient.post(page_of(case, "revoke", case.consents.get().pk))
        elif why == "inviter":
            Access.objects.filter(user=decider).update(until=now())
        with shifted(timedelta(days={"late": 14, "ended": 3}.get(why, 0))):
            assert ann.get(at(secret)).status_code == 410
            assert ann.post(at(secret), {"answer": "yes"}).status_code == 410
            with pytest.raises(services.LinkUsed):
                services.decline(secret, by=ann.user)
        assert not rights_of(ann.user, case)

    def test_what_was_answered_cannot_be_taken_back_or_sent_again(self):
        case, ann = shared(), make_user(email=ANN)
        services.accept(invited(case), by=ann)
        patient, helper = signed_in(case.patient), case.helpers.get()
        for name in ("family_cancel", "family_again"):
            assert "answered or taken back" in patient.post(page_of(case, name, helper.uid), follow=True).content.decode()
        assert rights_of(ann, case) == {Right.STATUS}

    def test_accepting_a_second_invitation_replaces_what_the_first_allowed(self):
        case, ann = shared(), make_user(email=ANN)
        services.accept(invited(case, rights=[Right.DECIDE, Right.READ_OPINION]), by=ann)
        services.accept(invited(case, rights=[Right.UPLOAD]), by=ann)
        assert rights_of(ann, case) == {Right.STATUS, Right.UPLOAD}
        assert case.helpers.filter(status=Helper.Status.ACCEPTED).count() == 1

    def test_the_team_of_the_case_is_no_family(self, settings):
        settings.REQUIRE_STAFF_MFA = False
        case = shared(State.IN_REVIEW)
        offered = make_user(Role.SPECIALIST)
        grant(case, offered, Right.SUMMARY, "offer")
        for person in (case.specialist, case.owner, offered, make_user(Role.COORDINATOR)):
            before = rights_of(person, case)
            answer = signed_in(person).post(at(invited(case, person.email)), {"answer": "yes"})
            assert answer.status_code == 422 and "part of the team" in answer.content.decode()
            assert rights_of(person, case) == before
        second = EmailAddress.objects.create(user=case.patient, email="me.too@example.org", verified=True)
        assert signed_in(case.patient).post(at(invited(case, second.email)), {"answer": "yes"}).status_code == 422


class TestRights:
    """What each right opens, and that it ends at once."""

    @pytest.mark.parametrize(
        ("right", "opened"),
        [
            (Right.STATUS, {"tracking:case"}),
            (Right.UPLOAD, {"tracking:case", "records:list"}),
            (Right.READ_OPINION, {"tracking:case"}),
            (Right.DECIDE, {"tracking:case", "tracking:request", "tracking:family", "records:list"}),
        ],
    )
    def test_right_by_right(self, right, opened):
        case = shared(State.IN_REVIEW)
        browser = signed_in(joined(case, right))
        assert {name for name in PAGES if browser.get(page_of(case, name)).status_code == 200} == opened
        assert Case.objects.visible_to(browser.user, right).exists()
        assert Case.objects.visible_to(browser.user, Right.READ_OPINION).exists() is (right == Right.READ_OPINION)
        services.end(case, by=case.patient, person=browser.user)
        assert {name for name in PAGES if browser.get(page_of(case, name)).status_code != 404} == set()

    @pytest.mark.parametrize("right", FAMILY_RIGHTS)
    def test_in_a_draft_helpers_add_records_and_deciding_ones_write(self, right):
        case = agreed(make_draft())
        assert "Let family or a friend help" in signed_in(case.patient).get(url("hub", case)).content.decode()
        browser = signed_in(joined(case, right))
        found = {name for name in ("intake:hub", "records:list", "tracking:family") if browser.get(page_of(case, name)).status_code == 200}
        assert found == {Right.UPLOAD: {"records:list"}, Right.DECIDE: {"intake:hub", "records:list", "tracking:family"}}.get(right, set())

    def test_ending_counts_at_once_and_is_told_without_a_reason(self):
        case = shared()
        helper, decider = joined(case, Right.UPLOAD), joined(case, Right.DECIDE)
        secret = invited(case, by=decider)
        patient = signed_in(case.patient)
        assert patient.post(page_of(case, "family_end", decider.pk)).url == page_of(case)
        assert not rights_of(decider, case) and rights_of(helper, case)
        assert Notice.objects.get(kind="family_ended").recipient == decider
        with pytest.raises(services.LinkUsed):
            services.find(secret)
        assert str(decider) in patient.get(page_of(case, "case")).content.decode(), "the journal says whose access ended"
        again = patient.post(page_of(case, "family_end", decider.pk), follow=True)
        assert f"{decider} has no access to this case any more." in again.content.decode()
        assert patient.post(page_of(case, "family_end", make_user().pk)).status_code == 404
        assert patient.get(page_of(case, "family_end", helper.pk)).status_code == 405
        assert Entry.objects.filter(action="family.end", case_uid=case.uid).count() == 1

    def test_the_patient_stays_and_a_deciding_helper_may_leave(self):
        case = shared()
        decider = joined(case, Right.DECIDE)
        browser = signed_in(decider)
        assert browser.post(page_of(case, "family_end", case.patient_id)).status_code == 404
        with pytest.raises(Refused):
            services.end(case, by=decider, person=case.patient)
        assert Right.OWN in rights_of(case.patient, case)
        assert "End my own access" in browser.get(page_of(case)).content.decode()
        assert browser.post(page_of(case, "family_end", decider.pk)).url == reverse("tracking:list")
        assert browser.get(page_of(case)).status_code == 404 and not Notice.objects.filter(kind="family_ended").exists()

    def test_taking_the_consent_back_ends_everything_and_tells_everybody(self):
        case = shared()
        helper, decider = joined(case, Right.UPLOAD), joined(case, Right.DECIDE)
        secret = invited(case)
        revoke_consent(case, by=decider, consent=case.consents.get())
        assert not rights_of(helper, case) and not rights_of(decider, case)
        assert [notice.recipient for notice in Notice.objects.filter(kind="family_ended")] == [helper]
        assert set(case.helpers.values_list("status", flat=True)) == {"ended", "cancelled"}
        with pytest.raises(services.LinkUsed):
            services.find(secret)
        clock.watch()
        assert not case.journal.filter(event="family_ended").exists(), "one line of the consent is enough"

    def test_another_cases_helpers_are_not_found(self):
        case, other = shared(), shared()
        person, patient = joined(other), signed_in(case.patient)
        foreign = other.helpers.get()
        for name, part in (("family_end", person.pk), ("family_cancel", foreign.uid), ("family_again", foreign.uid)):
            assert patient.post(page_of(case, name, part)).status_code == 404
