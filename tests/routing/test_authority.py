"""Proof of authority at the desk: stated, sent, seen or waived, and nothing goes on before that."""

import pytest
from django.urls import reverse

from records.models import Purpose, Record
from records.services import add_files
from routing.services import authority, screening
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.authority import standing
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from tests.cases.minors import make_childs_case
from tests.factories import make_case, make_user
from tests.records.conftest import check_all
from tests.records.files import pdf
from tests.routing.people import make_specialty, signed_in, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_mfa")]


def wards_case(**about: object) -> Case:
    """The case of a ward in screening, which lacks nothing but the paper of the court."""
    return make_childs_case(about={"authority": "guardian", **about}, coordinator=make_user(Role.COORDINATOR))


def with_specialty(case: Case) -> Case:
    """The same case with a specialty."""
    return screening.set_facts(case, by=case.owner, specialty=make_specialty(), decision_date=None)


def send_paper(case: Case, by=None) -> Record:
    """A paper of the court, checked."""
    added = add_files(case, [("order.pdf", pdf())], by=by or case.patient, purpose=Purpose.AUTHORITY)
    check_all()
    return added.records[0]


@pytest.mark.parametrize(("said", "required"), [("guardian", True), ("attorney", True), ("parental", False), ("consent", False)])
def test_a_case_waits_for_the_paper_that_somebody_else_has_made(said, required):
    case = with_specialty(wards_case(authority=said))
    assert standing(case).required is required
    if required:
        with pytest.raises(Refused, match="Nobody has seen the paper"):
            screening.make_ready(case, by=case.owner, override="Go on")
    else:
        assert screening.make_ready(case, by=case.owner, override="Go on").state == State.READY


def test_whoever_asks_for_themselves_shows_no_paper():
    case = make_case(State.SCREENING)
    assert standing(case) is None
    assert "#authority" not in signed_in(case.owner).get(url("case", case)).content.decode()


def test_a_coordinator_sees_the_paper_and_then_the_case_goes_on():
    case = with_specialty(wards_case())
    desk = signed_in(case.owner)
    assert "Needed, and not sent yet" in desk.get(url("case", case)).content.decode()
    assert desk.post(url("see_proof", case), follow=True).content.decode().count("No paper can be opened yet") == 1
    send_paper(case)
    assert Notice.objects.filter(kind="proof_arrived", recipient=case.owner).count() == 1
    page = desk.get(url("case", case)).content.decode()
    assert "1 paper sent" in page and "I have seen it" in page
    desk.post(url("see_proof", case))
    page = desk.get(url("case", case)).content.decode()
    assert f"by {case.owner} on" in page and "I have seen it" not in page
    assert Entry.objects.filter(action="case.authority_seen", case_uid=case.uid, actor=case.owner).count() == 1
    assert screening.make_ready(case, by=case.owner, override="x").state == State.READY


def test_a_paper_that_comes_later_is_pointed_out_and_can_be_seen_too():
    case = wards_case()
    send_paper(case)
    authority.see_proof(case, by=case.owner)
    add_files(case, [("newer.pdf", pdf(mark="9"))], by=case.patient, purpose=Purpose.AUTHORITY)
    check_all()
    desk = signed_in(case.owner)
    page = desk.get(url("case", case)).content.decode()
    assert "A newer paper has come since" in page and "I have seen it" in page and standing(case).is_met


def test_a_paper_is_waived_for_a_reason_that_stays_with_the_team():
    case = with_specialty(wards_case())
    with pytest.raises(Refused, match="say why"):
        authority.waive_proof(case, by=case.owner, reason=" ")
    desk = signed_in(case.owner)
    desk.post(url("waive_proof", case), {"reason": "The court told us by phone"})
    assert screening.make_ready(case, by=case.owner, override="x").state == State.READY
    assert "The court told us by phone" in desk.get(url("case", case)).content.decode()
    theirs = signed_in(case.patient).get(reverse("tracking:case", args=[case.uid])).content.decode()
    assert "The court told us" not in theirs
    with pytest.raises(Refused, match="needs no paper"):
        authority.waive_proof(wards_case(authority="parental"), by=Case.objects.latest("pk").owner, reason="x")


def test_only_coordinators_of_the_case_decide_about_a_paper():
    case = wards_case()
    send_paper(case)
    for person in (case.patient, make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)):
        for verb in (lambda by: authority.see_proof(case, by=by), lambda by: authority.waive_proof(case, by=by, reason="x")):
            with pytest.raises(NotAllowed):
                verb(person)


def test_the_desks_page_takes_no_more_queries_for_more_papers(django_assert_max_num_queries):
    case = wards_case()
    desk = signed_in(case.owner)
    for count in (1, 5):
        for number in range(count):
            add_files(case, [(f"{number}.pdf", pdf(mark=f"{number} of {count}"))], by=case.patient, purpose=Purpose.AUTHORITY)
        Record.objects.filter(status="received").update(status="ready")
        desk.get(url("case", case))
        with django_assert_max_num_queries(30) as used:
            desk.get(url("case", case))
        if count == 1:
            first = len(used)
    assert len(used) == first
