"""Who may be asked, why not, and in which order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.models import Licence, TimeOff
from routing.services import offers, screening
from routing.services.eligibility import candidates, licence_of
from routing.services.names import names_place, same_family, same_person, same_place, words_name
from secondop.accounts.models import Role
from secondop.cases import access, services
from secondop.cases.lifecycle import Refused, move
from secondop.cases.models import Case, NotInvolved, TreatingDoctor
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import now
from tests.factories import make_user
from tests.routing.people import accepted_case, give_licence, make_specialist, make_specialty, offered, ready_case

pytestmark = pytest.mark.django_db


def about(case, user):
    """The candidate that ``user`` is for ``case``."""
    return next(c for c in candidates(case) if c.user == user)


def rule(verdict, region=""):
    """A rule about the patient's place."""
    today = now().date()
    return JurisdictionRule.objects.update_or_create(
        country="US", region=region, defaults={"verdict": verdict, "source": "test", "reviewed_on": today}
    )


def test_only_verified_active_specialists_are_looked_at():
    case, good = ready_case(), make_specialist()
    make_specialist(verified_at=None, verified_by=None)
    gone = make_specialist()
    gone.is_active = False
    gone.save()
    former = make_specialist()
    former.roles = []
    former.save()
    make_user(Role.SPECIALIST)
    assert [c.user for c in candidates(case)] == [good]


def test_the_wrong_specialty_bars():
    case = ready_case()
    assert about(case, make_specialist(make_specialty("Skin"))).bars == ["Does not work in Heart surgery."]


@pytest.mark.parametrize(
    ("verdict", "at_home", "elsewhere"),
    [("direct", True, False), ("with_physician", True, True), ("silent", True, True), ("prohibited", False, False), (None, True, True)],
)
def test_the_rule_of_the_patients_place_says_which_licence_is_needed(verdict, at_home, elsewhere):
    case, local, remote = ready_case(), make_specialist(), make_specialist()
    Licence.objects.filter(profile__user=remote).update(country="FR", region="")
    if verdict:
        rule(verdict)
    assert any(caution.startswith("There is no rule") for caution in about(case, local).cautions) is (verdict is None)
    assert about(case, local).eligible is at_home
    assert about(case, remote).eligible is elsewhere
    assert (licence_of(remote, case)[0] is not None) is elsewhere


def test_the_regions_own_rule_wins_and_a_licence_for_the_country_holds_in_its_regions():
    case, other_state, whole_country = ready_case(), make_specialist(), make_specialist()
    Licence.objects.filter(profile__user=other_state).update(region="Texas")
    Licence.objects.filter(profile__user=whole_country).update(region="")
    rule("prohibited")
    rule("direct", "Ohio")
    assert not about(case, other_state).eligible
    assert about(case, whole_country).eligible


@pytest.mark.parametrize("change", [{"expires_on": now().date() - timedelta(days=1)}, {"verified_at": None}])
def test_an_expired_or_unverified_licence_is_none(change):
    case, person = ready_case(), make_specialist()
    Licence.objects.filter(profile__user=person).update(**change)
    assert about(case, person).bars == ["Has no verified license that is valid today."]
    give_licence(person.specialist_profile, make_user(Role.ADMINISTRATOR), expires_on=now().date())
    assert about(case, person).eligible


def test_who_is_away_or_full_is_not_asked():
    case, away, holiday, full = ready_case(), make_specialist(), make_specialist(), make_specialist(capacity=1)
    today = now().date()
    away.away_until = today
    away.save()
    TimeOff.objects.create(profile=holiday.specialist_profile, first_day=today, last_day=today)
    other = ready_case()
    offered(other, full)
    assert about(case, full).eligible
    offers.accept(other, by=full)
    assert not any(about(case, person).eligible for person in (away, holiday, full))
    TimeOff.objects.update(first_day=today + timedelta(days=1), last_day=today + timedelta(days=2))
    assert about(case, holiday).eligible


def test_the_people_and_places_that_the_patient_named_are_left_out():
    case = ready_case()
    by_name = make_specialist(name="Anna María Vos")
    by_house = make_specialist(institution="Mercy Hospital")
    treats = make_specialist(name="Robert Ngo")
    colleague = make_specialist(institution="St. Luke’s Clinic")
    first = make_specialist(name="Ida Lund")
    neighbour = make_specialist(institution="Lakeside Heart Center")
    NotInvolved.objects.create(case=case, name="dr. VOS")
    NotInvolved.objects.create(case=case, name="Mercy")
    TreatingDoctor.objects.create(case=case, name="Dr Robert J. Ngo, cardiology", institution="St Luke's")
    case.brief.first_opinion_by = "Dr Ida Lund at Lakeside Heart Center"
    case.brief.save()
    assert not any(about(case, person).eligible for person in (by_name, by_house, treats, first))
    assert about(case, colleague).bars == ["Works where the patient is treated."]
    assert about(case, neighbour).eligible
    rule("direct")
    assert about(case, neighbour).cautions == ["Works where the first opinion was given."]


def test_the_patient_is_never_their_own_specialist():
    person = make_specialist()
    case = ready_case(patient=person)
    assert "Is the patient." in about(case, person).bars


def test_family_and_helpers_of_the_case_are_not_asked_as_long_as_they_are():
    case, cousin = ready_case(), make_specialist()
    access.grant(case, cousin, access.Right.STATUS, "family")
    assert about(case, cousin).bars == ["Follows this case as family or helper."]
    access.revoke(case, access.Right.STATUS, user=cousin)
    assert about(case, cousin).eligible


def test_nobody_reviews_the_case_that_they_coordinate():
    both = make_specialist()
    both.roles = ["coordinator", "specialist"]
    both.save()
    case, own = ready_case(), ready_case(coordinator=both)
    assert about(own, both).bars == ["Is the care coordinator of this case."]
    offered(case, both)
    screening.claim(case, by=both, take_over=True)
    with pytest.raises(Refused, match="Ask a colleague to take it over"):
        offers.accept(case, by=both)
    screening.claim(case, by=make_user(Role.COORDINATOR), take_over=True)
    assert offers.accept(case, by=both).specialist == both


def test_nobody_is_asked_again_who_declined_or_gave_back():
    case, decliner, busy = ready_case(), make_specialist(), make_specialist()
    offered(case, decliner, busy)
    assert about(case, busy).bars == ["Has an offer for this case now."]
    offers.decline_offer(case, by=decliner, code="no_time")
    assert about(case, decliner).bars == ["Declined this case."]
    offers.accept(case, by=busy)
    offers.hand_back(case, by=busy, reason="Ill")
    case.refresh_from_db()
    assert about(case, busy).bars == ["Had this case before and no longer has it."]


def test_after_reopening_the_one_who_wrote_comes_first():
    case, author = accepted_case()
    colleague = make_specialist(languages=["French"])
    case.brief.language = "French"
    case.brief.save()
    for name, by in (("sign", author), ("release", case.owner)):
        move(case, name, by=by)
    case = services.reopen(case, by=case.patient, note="A new scan")
    case = move(case, "make_ready", by=case.owner)
    ranked = [c for c in candidates(case) if c.eligible]
    assert [c.user for c in ranked] == [author, colleague]
    assert ranked[0].why.startswith("First choice, because the specialist knows the case")
    assert offered(case, author)


def test_fit_comes_before_load_and_load_before_the_name():
    case = ready_case()
    case.brief.language = "Spanish"
    case.brief.save()
    loaded, free, fitting = make_specialist(name="Aa"), make_specialist(name="Bb"), make_specialist(name="Cc", languages=["spanish"])
    other = ready_case()
    offered(other, loaded)
    offers.accept(other, by=loaded)
    ranked = candidates(case)
    assert [c.user for c in ranked] == [fitting, free, loaded]
    assert [c.rank for c in ranked] == [1, 2, 3]
    assert "1 case in review now (takes up to 5)" in ranked[2].why


def test_looking_for_candidates_takes_as_many_queries_for_many_as_for_few(django_assert_num_queries):
    case = ready_case()
    for count in (2, 10):
        for _ in range(count):
            make_specialist(licences=2)
        with django_assert_num_queries(13):
            candidates(Case.objects.get(pk=case.pk))


NAME = st.text(alphabet="abcdefgh ", min_size=2, max_size=20)


@given(NAME, NAME)
def test_comparing_names_does_not_depend_on_order_titles_or_case(a, b):
    assert same_person(a, b) == same_person(b, a) == same_person(f"Dr. {a.upper()}", b)
    assert same_place(a, b) == same_place(b, a)


def test_names_of_hospitals_need_more_than_the_word_hospital():
    assert same_place("Mercy", "Mercy General Hospital")
    assert not same_place("General Hospital", "Mercy General Hospital")
    assert not same_place("", "Mercy")
    assert names_place("seen by Dr Lee at Mercy Hospital", "Mercy Hospital")
    assert not names_place("", "Mercy Hospital")
    assert words_name("Dr Lee at Mercy Hospital, 2024", "Ann Lee")
    assert not words_name("Mercy Hospital", "Ann Lee")
    assert not words_name("", "Ann Lee")


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Maria García", "Juan Garcia", True),
        ("Anna Müller", "Peter Müller", True),
        ("Anna Müller", "Anna Lund", False),
        ("Dr. Ida Lund, MD", "Per Lund", True),
        ("Lee", "", False),
    ],
)
def test_family_names_are_compared_without_accents(name, other, same):
    assert same_family(name, other) is same


@pytest.mark.parametrize(
    ("licence", "residence", "holds"),
    [
        (("US", "OH"), ("US", "Ohio"), True),
        (("CA", "Quebec"), ("CA", "Québec"), True),
        (("CA", "qc"), ("ca", "Québec "), True),
        (("CA", "Ontario"), ("CA", "Québec"), False),
        (("US", "Georgia"), ("GE", "Georgia"), False),
    ],
)
def test_a_licence_holds_in_its_region_however_that_is_written(licence, residence, holds):
    country, region = licence
    assert Licence(country=country, region=region).covers(*residence) is holds
