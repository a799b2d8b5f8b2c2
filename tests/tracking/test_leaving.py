"""Having a case erased: who may, what it does at once, the week in which it can be kept, and what is left afterwards."""

from datetime import timedelta

import pytest
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases import erasures
from secondop.cases.access import Right, grant, rights_of
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Case, ErasureRequest
from secondop.cases.services import reopen
from secondop.cases.states import OPEN, State
from secondop.notices.models import Notice
from secondop.web.clock import shifted
from tests.factories import PASSWORD, make_case, make_draft, make_user
from tests.intake.filled import signed_in
from tracking.leaving import services

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7, minutes=1)
RIGHT = {"password": PASSWORD}


def page_of(case, name="erase"):
    """The address of a page of the case."""
    return reverse(f"tracking:{name}", args=[case.uid])


def asked(case):
    """The case, whose patient has asked to have it erased: on the page, or for a draft by closing the account."""
    if case.state == State.DRAFT:
        erasures.ask(case, by=case.patient)
        return Case.objects.get(pk=case.pk)
    answer = signed_in(case.patient).post(page_of(case), RIGHT)
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("state", [State.DRAFT, *OPEN, State.DELIVERED, State.CLOSED, State.EXPIRED])
def test_a_patient_has_a_case_erased_whatever_its_state(state):
    case = asked(make_case(state))
    assert case.state == (State.WITHDRAWN if state in OPEN else state)
    assert erasures.carry_out_due() == 0
    with shifted(WEEK):
        assert erasures.carry_out_due() == 1
        assert erasures.carry_out_due() == 0
    assert not Case.objects.filter(pk=case.pk).exists()
    done = Entry.objects.get(action="case.erase")
    assert (done.actor_id, done.case_uid, done.target) == (case.patient_id, case.uid, "asked by the patient")


def test_the_page_says_what_goes_and_what_is_left():
    case = make_case(State.IN_REVIEW)
    page = signed_in(case.patient).get(page_of(case)).content.decode()
    for words in ("your request is withdrawn", "answers, files, messages, consents, and opinion", "up to 35 more days", "line in our log"):
        assert words in page
    draft = make_draft()
    assert signed_in(draft.patient).get(page_of(draft)).url == reverse("intake:delete", args=[draft.uid])


def test_who_it_is_is_asked_again_each_time():
    case = make_case(State.DELIVERED)
    client = signed_in(case.patient)
    answer = client.post(page_of(case), {"password": "wrong"})
    assert answer.status_code == 422
    assert "This is not your password" in answer.content.decode()
    assert client.post(page_of(case)).status_code == 422
    assert not ErasureRequest.objects.exists()
    assert Entry.objects.get(action="case.erase_ask").outcome == "refused"


def test_nobody_else_has_it_erased_or_kept():
    case, proxy = make_case(State.DELIVERED), make_user()
    grant(case, proxy, Right.DECIDE, "family")
    for person in (proxy, case.owner, case.specialist, make_user(Role.ADMINISTRATOR), make_user()):
        assert signed_in(person).post(page_of(case), RIGHT).status_code in (302, 404)  # 302: staff without a second factor
        with pytest.raises(NotAllowed):
            services.ask_to_erase(case, by=person, password=PASSWORD)
    asked(case)
    for person in (proxy, case.owner):
        assert signed_in(person).post(page_of(case, "keep")).status_code in (302, 404)
        with pytest.raises(NotAllowed):
            erasures.keep(case, by=person)
    assert ErasureRequest.objects.count() == 1


def test_no_specialist_sees_it_from_that_moment_on():
    case = make_case(State.DELIVERED)
    assert rights_of(case.specialist, case)
    asked(case)
    assert not rights_of(case.specialist, case)
    assert rights_of(case.owner, case), "the desk sees the case, and that it goes"


def test_a_kept_case_is_as_it_was():
    case = make_case(State.DELIVERED)
    before = rights_of(case.specialist, case)
    asked(case)
    answer = signed_in(case.patient).post(page_of(case, "keep"), follow=True)
    assert "We keep it" in answer.content.decode()
    assert rights_of(case.specialist, case) == before
    with shifted(WEEK):
        assert erasures.carry_out_due() == 0
    assert not erasures.keep(case, by=case.patient), "once is enough"
    words = [line["title"] for line in signed_in(case.patient).get(page_of(case, "case")).context["timeline"]]
    assert words[-2:] == ["You asked us to erase this case", "You decided to keep this case"]


def test_a_case_that_was_withdrawn_for_it_gives_its_specialist_nothing_back():
    case = make_case(State.IN_REVIEW)
    asked(case)
    erasures.keep(case, by=case.patient)
    assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN
    assert not rights_of(case.specialist, case)


def test_asked_twice_the_first_time_counts():
    case = make_case(State.DELIVERED)
    asked(case)
    due = ErasureRequest.objects.get().due_at
    with shifted(timedelta(days=3)):
        services.ask_to_erase(case, by=case.patient, password=PASSWORD)
        assert signed_in(case.patient).get(page_of(case)).url == page_of(case, "case")
    assert ErasureRequest.objects.get().due_at == due


def test_it_says_so_wherever_the_patient_and_the_desk_look(settings):
    settings.REQUIRE_STAFF_MFA = False
    case = asked(make_case(State.DELIVERED))
    words = erasures.day(case.erasure.due_at)
    patient, desk = signed_in(case.patient), signed_in(case.owner)
    for address in (page_of(case, "case"), page_of(case, "messages"), reverse("records:list", args=[case.uid])):
        page = patient.get(address).content.decode()
        assert words in page and page_of(case, "keep") in page, address
    assert f"All of it is erased on {words}" in patient.get(reverse("tracking:list")).content.decode()
    page = desk.get(reverse("routing:case", args=[case.uid])).content.decode()
    assert words in page and page_of(case, "keep") not in page
    draft = asked(make_draft())
    page = signed_in(draft.patient).get(reverse("intake:hub", args=[draft.uid])).content.decode()
    assert words in page and page_of(draft, "keep") in page


def test_it_starts_again_only_once_it_is_kept():
    case = asked(make_case(State.DELIVERED))
    with pytest.raises(Refused, match="has to keep it first"):
        reopen(case, by=case.patient, note="A new scan.")
    erasures.keep(case, by=case.patient)
    assert reopen(case, by=case.patient, note="A new scan.").state == State.SCREENING


def test_its_people_are_told_before_and_after_without_a_word_about_health():
    case, family = make_case(State.DELIVERED), make_user()
    grant(case, family, Right.READ_OPINION, "family")
    grant(case, proxy := make_user(), Right.DECIDE, "family")
    asked(case)
    before = Notice.objects.filter(kind="erase_asked")
    assert {notice.recipient_id for notice in before} == {case.patient_id, proxy.pk}
    with shifted(WEEK):
        erasures.carry_out_due()
    after = set(Notice.objects.filter(kind__in=("erased", "family_ended")).values_list("kind", "recipient_id", "case_uid", "link"))
    assert after == {("erased", case.patient_id, None, ""), ("family_ended", family.pk, None, ""), ("family_ended", proxy.pk, None, "")}
    assert not before.all().exists()
    assert set(Notice.objects.filter(kind="erased").get().context) == {"reference"}


def test_a_worker_that_died_with_it_is_followed_by_another_after_its_lease():
    case = asked(make_case(State.DELIVERED))
    with shifted(WEEK):
        held = ErasureRequest.objects.get()
        ErasureRequest.objects.update(taken_until=held.due_at + WEEK)
        assert not erasures.carry_out(held)
    with shifted(3 * WEEK):
        assert erasures.carry_out(held)
    assert not Case.objects.filter(pk=case.pk).exists()


def test_kept_in_the_last_moment_it_stays():
    case = asked(make_case(State.DELIVERED))
    held = ErasureRequest.objects.get()
    with shifted(WEEK):
        erasures.keep(case, by=case.patient)
        assert not erasures.carry_out(held)
    assert Case.objects.filter(pk=case.pk).exists()
