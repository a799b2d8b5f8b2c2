"""Sharing a case with family: the consent first, an invitation within limits, and an end that comes by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from secondop.audit.models import Entry
from secondop.cases.access import Right, grant, rights_of
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.states import State
from secondop.catalog.samples import load
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.intake.filled import begin, fill, put, signature, signed_in, url
from tests.tracking.family import ANN, agreed, invited, joined, page_of, shared
from tracking.family import clock, rules, services

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalog():
    """The texts of the consents."""
    load()


class TestAgreeing:
    """The consent comes first, in the words of the last screen."""

    def test_the_page_asks_for_the_consent_first_and_keeps_the_signature(self):
        case = make_case()
        client = signed_in(case.patient)
        page = client.get(page_of(case))
        assert "only the people I name" in page.content.decode() and "Send the invitation" not in page.content.decode()
        early = client.post(page_of(case), {"full_name": "Ann", "email": ANN, "rights": ["status"]})
        assert early.status_code == 409 and "Your invitation was not sent." in early.content.decode()
        given = {"read": page.context["wording"].sha256, "typed_name": "Pat Example", "intent": "on"}
        unsigned = client.post(page_of(case, "family_agree"), {**given, "intent": ""})
        assert unsigned.status_code == 422 and "only the people I name" in unsigned.content.decode()
        assert client.post(page_of(case, "family_agree"), given, headers={"User-Agent": "Phone"}).url == page_of(case)
        consent = case.consents.get()
        assert (consent.given, consent.typed_name, consent.ip, consent.agent) == (True, "Pat Example", "127.0.0.1", "Phone")
        assert (consent.by, consent.body_sha256, consent.text.kind) == (case.patient, given["read"], "family")
        assert "only the people I name" in consent.body
        assert client.post(page_of(case, "family_agree"), given).url == page_of(case)
        assert case.consents.count() == 1
        assert "Send the invitation" in client.get(page_of(case)).content.decode()
        assert page_of(case, "revoke", consent.pk) in client.get(page_of(case, "consents")).content.decode()

    def test_words_that_changed_meanwhile_are_not_signed(self):
        case = make_case()
        given = {"read": "0" * 64, "typed_name": "Pat Example", "intent": "on"}
        answer = signed_in(case.patient).post(page_of(case, "family_agree"), given, follow=True)
        assert "These words have changed" in answer.content.decode() and not case.consents.exists()

    def test_without_it_nobody_is_invited(self):
        case = make_case()
        with pytest.raises(Refused, match="sign the consent"):
            invited(case)

    @pytest.mark.parametrize(("answer", "later", "stays"), [("yes", False, True), ("no", False, False), ("no", True, True)])
    def test_the_last_screen_of_a_draft_agrees_with_it(self, answer, later, stays):
        client = signed_in()
        case = begin(client)
        fill(client, case)
        if later:
            put(client, case, "consent", signature(client, case, family=answer))
        helper = joined(agreed(case), Right.UPLOAD)
        if not later:
            put(client, case, "consent", signature(client, case, family=answer))
        client.post(url("submit", case))
        case.refresh_from_db()
        assert case.state == State.SCREENING
        assert bool(rights_of(helper, case)) is stays
        given = case.consents.filter(text__kind="family", given=True)
        assert given.count() == 1 and (given.get().revoked_at is None) is stays

    def test_a_no_on_the_last_screen_ends_open_links_for_good_and_tells_everybody(self):
        client = signed_in()
        case = begin(client)
        fill(client, case)
        decider, helper = joined(agreed(case), Right.DECIDE), joined(case, Right.UPLOAD)
        secret = invited(case)
        family = signed_in(decider)
        put(family, case, "consent", signature(family, case, family="no", typed_name=str(decider)))
        answer = family.post(url("submit", case), follow=True)
        assert answer.redirect_chain == [(reverse("tracking:list"), 302)] and "The request is sent." in answer.content.decode()
        assert [notice.recipient for notice in Notice.objects.filter(kind="family_ended")] == [helper]
        page = client.get(page_of(case)).content.decode()
        assert "The link works until" not in page and "Link has run out" in page
        agreed(case)
        with pytest.raises(services.LinkUsed):
            services.find(secret)


class TestInviting:
    """By mail, within limits, without a word about anybody's health."""

    def test_the_form_sends_a_mail_without_health_and_shows_the_invitation(self, settings, django_capture_on_commit_callbacks):
        case = shared()
        client = signed_in(case.patient)
        day = timezone.localtime(now()).date() + timedelta(days=30)
        data = {"full_name": "Ann Lee", "email": "Ann@Example.org", "rights": ["upload"], "last_day": day.isoformat()}
        assert client.post(page_of(case), data).url == page_of(case)
        helper = case.helpers.get()
        assert (helper.email, helper.rights) == (ANN, ["status", "upload"])
        assert timezone.localtime(helper.until).date() == day + timedelta(days=1)
        notice = Notice.objects.get(kind="family_invited")
        assert notice.email == ANN and notice.recipient is None
        assert "Is the operation needed" not in str(notice.context) and str(case.patient) == notice.context["person"]
        assert helper.secret_hash not in notice.link
        page = client.get(page_of(case)).content.decode()
        assert "Ann Lee" in page and "May add records and see how it stands" in page and "Invited" in page
        entry = Entry.objects.get(action="family.invite")
        assert entry.case_uid == case.uid and ANN not in f"{entry.target}{entry.detail}"

    @pytest.mark.parametrize(
        ("days", "words"), [(-1, "This day has passed"), (365 * 5 + 1, "within the next 5 years"), (0, ""), (365 * 5, "")]
    )
    def test_an_end_lies_ahead_and_within_five_years(self, days, words):
        case = shared()
        day = timezone.localtime(now()).date() + timedelta(days=days)
        data = {"full_name": "Ann", "email": ANN, "rights": ["status"], "last_day": day.isoformat()}
        answer = signed_in(case.patient).post(page_of(case), data)
        assert answer.status_code == (422 if words else 302) and words in answer.content.decode()
        assert case.helpers.exists() is not bool(words)

    def test_nothing_ticked_is_asked_about_and_so_is_the_own_address(self):
        case = shared()
        client = signed_in(case.patient)
        answer = client.post(page_of(case), {"full_name": "Ann", "email": ANN})
        assert answer.status_code == 422 and "Choose at least one." in answer.content.decode()
        own = client.post(page_of(case), {"full_name": "Me", "email": case.patient.email.upper(), "rights": ["status"]})
        assert (
            own.status_code == 422
            and "can see the case already" in own.content.decode()
            and case.patient.email.upper() in own.content.decode()
        )

    def test_an_invitation_sent_twice_at_once_is_one(self):
        case = shared()
        secret = invited(case, rights=[Right.UPLOAD])
        assert invited(case, rights=[Right.UPLOAD]) == "" and services.find(secret)
        assert Notice.objects.filter(kind="family_invited").count() == case.helpers.count() == 1
        assert invited(case, rights=[Right.DECIDE]), "one that allows something else is another one"

    def test_ten_invitations_an_hour_are_enough(self):
        case = shared()
        client = signed_in(case.patient)
        for number in range(rules.INVITATIONS_AN_HOUR):
            invited(case, f"p{number}@example.org")
        data = {"full_name": "Ann", "email": ANN, "rights": ["status"]}
        answer = client.post(page_of(case), data)
        assert answer.status_code == 422 and "wait an hour" in answer.content.decode()
        with shifted(timedelta(minutes=61)):
            assert client.post(page_of(case), data).status_code == 302
        assert case.helpers.count() == rules.INVITATIONS_AN_HOUR + 1

    def test_an_address_is_not_flooded_from_many_accounts(self):
        for _ in range(rules.INVITATIONS_AN_HOUR):
            invited(shared())
        with pytest.raises(Refused, match="wait an hour"):
            invited(shared())

    def test_twenty_people_a_case(self):
        case = shared()
        for _ in range(rules.PEOPLE_A_CASE - 1):
            grant(case, make_user(), Right.STATUS, "family")
        secret = invited(case)
        with pytest.raises(Refused, match="20 people at most"):
            invited(case, "one.more@example.org")
        with shifted(timedelta(minutes=1)):
            assert invited(case) not in (secret, "")

    def test_a_deciding_helper_gives_no_more_than_they_hold_and_for_no_longer(self):
        case = shared()
        end = now() + timedelta(days=10)
        decider = joined(case, Right.DECIDE, until=end)
        form = signed_in(decider).get(page_of(case)).context["form"]
        assert [value for value, _ in form.fields["rights"].choices] == ["status", "upload", "decide"]
        for rights, until, words in (
            ([Right.READ_OPINION], end, "only what you may do yourself"),
            ([Right.STATUS], None, "Your own access ends"),
            ([Right.STATUS], end + timedelta(days=1), "Your own access ends"),
        ):
            with pytest.raises(Refused, match=words):
                invited(case, "x@example.org", rights, until, by=decider)
        assert invited(case, "x@example.org", [Right.DECIDE], end, by=decider)

    def test_nobody_else_invites_takes_back_or_ends(self):
        case = shared()
        follower = joined(case, Right.UPLOAD, Right.READ_OPINION)
        helper = services.invite(case, by=case.patient, email=ANN, full_name="Ann", rights=[])[0]
        for person in (follower, make_user(), case.owner):
            for act in (
                lambda by: invited(case, by=by),
                lambda by: services.cancel(case, by=by, helper=helper),
                lambda by: services.end(case, by=by, person=follower),
                lambda by: services.agree(case, by=by, typed_name="x", sha256="x", origin=services.Origin()),
            ):
                with pytest.raises(NotAllowed):
                    act(person)


class TestTime:
    """Ends come by themselves, are announced once, and leave a line."""

    def test_both_are_told_three_days_before_and_the_end_is_written_down_once(self):
        case = shared()
        end = now() + timedelta(days=10)
        helper, endless = joined(case, Right.UPLOAD, until=end), joined(case)
        clock.watch()
        assert not Notice.objects.filter(kind="family_ending").exists()
        with shifted(timedelta(days=7, minutes=5)):
            clock.watch()
            clock.watch()
        told = Notice.objects.filter(kind="family_ending")
        assert {(notice.recipient, notice.link) for notice in told} == {(case.patient, page_of(case)), (helper, "")}
        assert rights_of(helper, case)
        with shifted(timedelta(days=10, minutes=5)):
            assert not rights_of(helper, case) and rights_of(endless, case)
            clock.watch()
            clock.watch()
        assert case.journal.get(event="family_ended").about == helper
        assert told.count() == 2 and case.helpers.get(user=helper).status == "ended"

    def test_an_access_of_three_days_or_less_is_not_announced(self):
        case = shared()
        joined(case, until=now() + timedelta(days=2))
        clock.watch()
        with shifted(timedelta(days=1)):
            clock.watch()
        assert not Notice.objects.filter(kind="family_ending").exists()

    def test_links_that_ran_out_can_be_sent_again(self):
        case = shared()
        invited(case)
        patient = signed_in(case.patient)
        assert "Link has run out" not in patient.get(page_of(case)).content.decode()
        with shifted(timedelta(days=15)):
            assert "Link has run out" in patient.get(page_of(case)).content.decode()
            patient.post(page_of(case, "family_again", case.helpers.get().uid))
            assert case.helpers.open().count() == 1
        with shifted(timedelta(days=50)):
            assert "Link has run out" not in patient.get(page_of(case)).content.decode(), "a month later it is gone"


def test_the_page_asks_the_same_number_of_queries_for_any_number_of_people(django_assert_max_num_queries):
    case = shared()
    joined(case)
    invited(case, "first@example.org")
    client = signed_in(case.patient)
    client.get(page_of(case))
    with django_assert_max_num_queries(20) as few:
        client.get(page_of(case))
    once = len(few)
    for number in range(4):
        joined(case, Right.UPLOAD)
        invited(case, f"more{number}@example.org")
    client.get(page_of(case))
    with django_assert_max_num_queries(once):
        client.get(page_of(case))
