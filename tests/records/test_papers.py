"""Papers about who may ask: listed apart, and never seen by specialists or by family who have no part in it."""

from itertools import product

import pytest
from django.urls import reverse

from records import removing, services
from records.models import Purpose, Record
from secondop.accounts.models import Role
from secondop.cases.access import Right, grant
from secondop.cases.lifecycle import NotAllowed, Refused
from secondop.cases.messages import attachable, thread_of, write
from secondop.cases.models import AuthorityCheck, Case
from secondop.cases.states import State
from tests.cases.minors import make_childs_case
from tests.factories import make_case, make_user
from tests.records.conftest import browser, check_all, sent, url
from tests.records.files import pdf

pytestmark = pytest.mark.django_db
NAME = "court-order.pdf"
ORDER, SCAN = pdf(), pdf(mark="scan")


@pytest.fixture
def case(db) -> Case:
    """A child's case in review, with a scan and a paper of the court."""
    case = make_childs_case(State.IN_REVIEW, coordinator=make_user(Role.COORDINATOR), specialist=make_user(Role.SPECIALIST))
    services.add_files(case, [("scan.pdf", SCAN)], by=case.patient)
    services.add_files(case, [(NAME, ORDER)], by=case.patient, purpose=Purpose.AUTHORITY)
    check_all()
    return case


def paper(case: Case) -> Record:
    """The paper of the court."""
    return case.records.get(purpose=Purpose.AUTHORITY)


def test_whoever_the_case_belongs_to_and_the_desk_find_it_on_a_page_of_its_own(case):
    for person in (case.patient, case.owner):
        page = browser(person)
        assert NAME in page.get(url("papers", case)).content.decode()
        for elsewhere in ("list", "panel"):
            text = page.get(url(elsewhere, case)).content.decode()
            assert NAME not in text and "scan.pdf" in text
        assert page.get(url("open", case, paper(case).uid)).status_code == 200


@pytest.mark.parametrize("right", [Right.STATUS, Right.UPLOAD, Right.READ_OPINION, Right.DECIDE, Right.RECORDS, Right.WRITE, Right.SUMMARY])
def test_no_right_of_a_specialist_or_of_family_opens_it(case, right):
    person = make_user(Role.SPECIALIST)
    grant(case, person, right, "test")
    page = browser(person)
    assert page.get(url("open", case, paper(case).uid)).status_code == 404
    for name, htmx in product(("list", "panel", "papers"), ({}, {"HX-Request": "true"})):
        assert NAME not in page.get(url(name, case), headers=htmx).content.decode()
    assert not Record.objects.openable_by(person).filter(purpose=Purpose.AUTHORITY).exists()
    assert page.get(url("papers", case)).status_code == (200 if right == Right.DECIDE else 404)


def test_the_cases_own_specialist_never_meets_it_in_the_review(case):
    page = browser(case.specialist)
    write(case, by=case.patient, text="Here is the paper.", records=[paper(case)])
    assert paper(case) in attachable(case, case.patient)
    (message,) = thread_of(case, case.specialist)
    assert list(message.records.all()) == []
    for name in ("opinions:write", "opinions:messages"):
        assert NAME not in page.get(reverse(name, args=[case.uid])).content.decode()


def test_deciding_family_send_one_and_family_who_only_upload_do_not(case):
    sister, cousin = make_user(), make_user()
    grant(case, sister, Right.DECIDE, "family")
    grant(case, cousin, Right.UPLOAD, "family")
    answer = browser(sister).post(url("upload_papers", case), sent(("mandate.pdf", pdf(mark="7"))))
    assert answer.url == url("papers", case)
    assert case.records.get(name="mandate.pdf").purpose == Purpose.AUTHORITY
    shown = browser(sister).get(url("papers", case)).content.decode()
    assert "mandate.pdf" in shown and NAME not in shown
    assert browser(cousin).post(url("upload_papers", case), sent(("x.pdf", pdf(mark="8")))).status_code == 404
    with pytest.raises(NotAllowed):
        services.add_files(case, [("x.pdf", pdf(mark="8"))], by=cousin, purpose=Purpose.AUTHORITY)


def test_the_same_file_may_be_a_record_and_a_paper_but_each_once(case):
    services.add_files(case, [("scan.pdf", SCAN)], by=case.patient, purpose=Purpose.AUTHORITY)
    assert case.records.kept().count() == 3
    again = services.add_files(case, [(NAME, ORDER)], by=case.patient, purpose=Purpose.AUTHORITY)
    assert not again.records and "already" in again.turned_back[0].reason


def test_a_paper_that_was_seen_stays(case):
    AuthorityCheck.objects.create(case=case, by=case.owner)
    with pytest.raises(Refused, match="stays with the case"):
        removing.remove(case, by=case.patient, record=paper(case))
    AuthorityCheck.objects.all().delete()
    answer = browser(case.patient).post(url("remove", case, paper(case).uid))
    assert answer.url == url("papers", case) and not case.records.filter(purpose=Purpose.AUTHORITY).exists()


def test_a_request_for_oneself_has_no_such_page_once_it_is_sent():
    mine = make_case(State.SCREENING)
    assert browser(mine.patient).get(url("papers", mine)).status_code == 404
    assert browser(mine.patient).post(url("upload_papers", mine), sent((NAME, ORDER))).status_code == 404


def test_papers_are_no_records_for_the_review():
    case = make_childs_case(State.DRAFT)
    services.add_files(case, [(NAME, ORDER)], by=case.patient, purpose=Purpose.AUTHORITY)
    assert case.records.kept().exists() and not case.records.medical().kept().exists()
