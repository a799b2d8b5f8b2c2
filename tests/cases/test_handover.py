"""A child is an adult now: everybody is told once, and the case changes hands by a link, once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from secondop.accounts.models import Role, User
from secondop.audit.models import Entry
from secondop.cases import asks, handover, majority
from secondop.cases.access import Right, grant, parties, revoke, rights_of
from secondop.cases.lifecycle import NotAllowed, Refused, recipients
from secondop.cases.models import Case, ErasureRequest, Handover
from secondop.cases.services import silent_cases
from secondop.cases.states import Party, State
from secondop.catalog.models import JurisdictionRule
from secondop.catalog.samples import load
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_user
from tests.tracking.family import agreed, joined

from .minors import BORN, make_childs_case
from .test_majority import ADULT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told(kind: str) -> list[User]:
    """Who has been told of ``kind``."""
    return [notice.recipient for notice in Notice.objects.filter(kind=kind).select_related("recipient").order_by("created_at")]


def grown(state: State = State.SCREENING, **people: User) -> Case:
    """A case whose child is an adult since yesterday, or for a few days."""
    people.setdefault("coordinator", make_user(Role.COORDINATOR))
    yesterday = (now() - DAY).date()
    born = yesterday.replace(year=yesterday.year - 18, day=min(yesterday.day, 28))  # every year has that day
    return make_childs_case(state, born=born, **people)


def invited(case: Case, adult: User) -> str:
    """The secret of a link for ``adult``."""
    _, link = handover.invite(case, by=case.owner, email=adult.email, full_name="Tim Example", identity="Passport")
    return link.rstrip("/").rpartition("/")[2]


def test_parent_and_desk_are_told_a_month_before_and_on_the_day_each_once():
    case = make_childs_case(coordinator=make_user(Role.COORDINATOR))
    for moment, soon, of_age in ((ADULT - 31 * DAY, 0, 0), (ADULT - 29 * DAY, 1, 0), (ADULT, 1, 1), (ADULT + 40 * DAY, 1, 1)):
        with shifted(moment):
            for _ in range(2):
                majority.watch()
        assert (told("of_age_soon"), told("of_age_soon_desk")) == ([case.patient] * soon, [case.owner] * soon)
        assert (told("of_age"), told("of_age_desk")) == ([case.patient] * of_age, [case.owner] * of_age)
    assert case.journal.filter(event="came_of_age").count() == 1


def test_of_a_draft_nothing_ends_and_nobody_is_told():
    case = make_childs_case(State.DRAFT)
    with shifted(ADULT):
        majority.watch()
    assert told("of_age") == told("of_age_desk") == [] and not case.journal.filter(event="came_of_age").exists()


def test_the_watch_costs_the_same_for_many_cases_and_looks_at_none_that_is_over(django_assert_num_queries):
    for _ in range(3):
        make_childs_case()
    for case in (make_childs_case(), make_childs_case(State.DRAFT)):
        revoke(case, Right.OWN)
    majority.watch()  # notes the one that is over
    with django_assert_num_queries(4):  # the cases, the rules of their one country, the ends that are near, those that have come
        majority.watch()


def test_a_changed_rule_moves_the_end_and_never_gives_back_what_has_ended():
    case, over = make_childs_case(), grown()
    rule = JurisdictionRule.objects.create(
        country="US", region="Ohio", majority_age=21, source="test", reviewed_on=BORN, verdict=JurisdictionRule.Verdict.DIRECT
    )
    majority.watch()
    assert case.access.get(right=Right.OWN).until == ADULT.replace(year=BORN.year + 21)
    assert over.access.get(right=Right.OWN).until < now()
    JurisdictionRule.objects.filter(pk=rule.pk).update(majority_age=16)
    majority.watch()
    assert case.access.get(right=Right.OWN).until < now()
    assert rights_of(case.patient, case) == set()


def test_the_adult_takes_the_case_over_and_the_parent_keeps_nothing():
    case, adult, aunt = grown(State.DELIVERED), make_user(full_name="Tim Example"), make_user()
    parent = case.patient
    grant(case, aunt, Right.READ_OPINION, "family")
    ErasureRequest.objects.create(case=case, asked_by=parent)
    handover.take_over(invited(case, adult), by=adult)
    case = Case.objects.get(pk=case.pk)
    assert case.patient == adult and case.taken_over_at and handover.waits_for_owner(case) is False
    assert Right.OWN in rights_of(adult, case) and parties(case, adult) == {Party.PATIENT}
    for person in (parent, aunt):
        assert rights_of(person, case) == set()
    assert recipients(case, Party.PATIENT) == [adult] == told("handed_over") and told("handed_over_desk") == [case.owner]
    assert not ErasureRequest.objects.exists() and case.journal.filter(event="erase_dropped", party=Party.SYSTEM).exists()
    entry = case.journal.get(event="handed_over")
    assert (entry.by, entry.party) == (adult, Party.PATIENT)
    assert Entry.objects.filter(action="handover.accept", actor=adult, case_uid=case.uid, patient_id=adult.pk).count() == 1
    majority.watch()
    with shifted(now() + 400 * DAY):
        majority.watch()
        assert Right.OWN in rights_of(adult, case), "nobody asks for the adult any more: no end of the parent's touches their right"
    grant(case, parent, Right.STATUS, "family")
    assert rights_of(parent, case) == {Right.STATUS}


def test_a_link_works_once_for_its_own_person_and_until_the_next():
    case, adult = grown(), make_user()
    first = invited(case, adult)
    second = invited(case, adult)
    with pytest.raises(handover.LinkUsed):
        handover.take_over(first, by=adult)
    with pytest.raises(handover.WrongAccount):
        handover.take_over(second, by=make_user())
    with shifted(now() + 15 * DAY), pytest.raises(handover.LinkUsed):
        handover.take_over(second, by=adult)
    handover.take_over(second, by=adult)
    with pytest.raises(handover.LinkUsed):
        handover.take_over(second, by=adult)
    with pytest.raises(Refused, match="Nobody has to"):
        invited(case, adult)
    assert Handover.objects.filter(case=case).count() == 2


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LEAD])
def test_nobody_of_the_clinic_takes_a_case_over(role):
    case, person = grown(), make_user(role)
    secret = invited(case, person)
    with pytest.raises(Refused, match="another part"):
        handover.take_over(secret, by=person)
    assert Case.objects.get(pk=case.pk).taken_over_at is None


def test_the_desk_alone_invites_only_when_it_is_time_and_says_how_it_checked():
    case, young = grown(), make_childs_case(coordinator=make_user(Role.COORDINATOR))
    who = {"email": "tim@example.org", "full_name": "Tim Example", "identity": "Passport"}
    for person in (case.patient, make_user(), make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            handover.invite(case, by=person, **who)
    with pytest.raises(Refused, match="Nobody has to"):
        handover.invite(young, by=young.owner, **who)
    with pytest.raises(Refused, match="how you checked"):
        handover.invite(case, by=case.owner, **{**who, "identity": " "})
    with pytest.raises(Refused, match="belongs to the person who asked"):
        handover.invite(case, by=case.owner, **{**who, "email": case.patient.email.upper()})
    assert not Handover.objects.exists()


class OnceOnly(TestCase):
    """The database itself lets a case change hands once, and only as a takeover."""

    @settings(max_examples=8)
    @given(taken=st.booleans(), stamped=st.booleans())
    def test_the_patient_changes_only_with_the_stamp_of_the_first_takeover(self, taken, stamped):
        case, other, third = grown(), make_user(), make_user()
        if taken:
            Case.objects.filter(pk=case.pk).update(patient=other, taken_over_at=now())
        change = {"patient": third, **({"taken_over_at": now()} if stamped else {})}
        if stamped and not taken:
            assert Case.objects.filter(pk=case.pk).update(**change) == 1
            return
        with pytest.raises(InternalError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)


def test_the_whole_way_over_the_pages(client, settings):
    settings.REQUIRE_STAFF_MFA = False
    case, adult = grown(), make_user(full_name="Tim Example")
    client.force_login(case.owner)
    page = client.get(reverse("routing:case", args=[case.uid])).content.decode()
    assert "The patient is an adult now" in page
    address = reverse("routing:hand_over", args=[case.uid])
    data = {"email": adult.email, "full_name": "Tim Example", "identity": ""}
    assert client.post(address, data).status_code == 422
    assert client.post(address, {**data, "identity": "ID card in a video call"}).status_code == 302
    assert "sent one to Tim Example" in client.get(reverse("routing:case", args=[case.uid])).content.decode()
    notice = Notice.objects.get(kind="handover_invited")
    link = "/" + notice.link.partition("://")[2].partition("/")[2] if "://" in notice.link else notice.link
    client.logout()
    assert "Create an account" in client.get(link).content.decode()
    client.force_login(case.patient)
    assert client.get(link).status_code == 403 and client.post(link).status_code == 403
    client.force_login(adult)
    assert "Take it over" in client.get(link).content.decode()
    assert client.post(link).url == reverse("tracking:case", args=[case.uid])
    assert client.get(reverse("tracking:case", args=[case.uid])).status_code == 200
    assert client.get(link).status_code == 410
    client.force_login(case.patient)
    assert "The patient is an adult now" in client.get(reverse("tracking:case", args=[case.uid])).content.decode()


@pytest.mark.parametrize(("before", "is_told"), [(400 * DAY, False), (100 * DAY, True)])
def test_a_parent_reads_in_the_last_year_until_when_they_can_see_the_case(client, before, is_told):
    case = make_childs_case()
    with shifted(ADULT - before):
        client.force_login(case.patient)
        page = client.get(reverse("tracking:case", args=[case.uid])).content.decode()
    assert (f"You can see this case until {ADULT:%A} 14 March {ADULT.year}" in page) is is_told


def test_a_case_that_nobody_can_answer_for_does_not_expire_of_silence():
    case, other = grown(), make_childs_case(coordinator=make_user(Role.COORDINATOR))
    for found in (case, other):
        asks.open_ask(found, by=found.owner, items=["Which knee is it?"])
    asked = now()
    for days in (8, 45):
        with shifted(asked + days * DAY):
            asks.remind()
    with shifted(asked + 45 * DAY):
        assert list(silent_cases()) == [other]


def test_a_parent_shares_without_an_end_until_the_end_of_their_own_right():
    load()
    case = agreed(make_childs_case())
    aunt = joined(case, Right.READ_OPINION)
    assert set(case.access.filter(user=aunt).values_list("until", flat=True)) == {ADULT}
    with shifted(ADULT):
        assert rights_of(aunt, case) == set()
