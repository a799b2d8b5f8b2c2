"""What the page of records offers to each reader: the way back, the list of refusals, and nothing that ends nowhere."""

import pytest
from django.urls import reverse

from opinions.services import second_looks
from secondop.cases.access import Right, grant
from tests.factories import make_draft, make_user
from tests.opinions.written import signed
from tests.routing.people import make_specialist

from . import files
from .conftest import browser, sent, url

pytestmark = pytest.mark.django_db


def back(client, case) -> str:
    """The address of the link on top of the page, which opens."""
    address = client.get(url("list", case)).context["back"][0]
    assert client.get(address).status_code == 200, address
    return address


def test_the_way_back_opens_to_everybody_who_is_offered_it(cast):
    assert back(browser(cast.patient), cast.case) == reverse("tracking:case", args=[cast.case.uid])
    assert back(browser(cast.coordinator), cast.case) == reverse("routing:case", args=[cast.case.uid])
    draft = make_draft()
    for case in (cast.case, draft):
        for rights, name in (
            ([Right.UPLOAD], "tracking:list"),
            ([Right.STATUS, Right.UPLOAD], "tracking:case" if case == cast.case else "tracking:list"),
            ([Right.DECIDE], "tracking:case" if case == cast.case else "intake:hub"),
        ):
            family = make_user()
            for right in rights:
                grant(case, family, right, "family")
            assert back(browser(family), case) == reverse(name, args=[] if name == "tracking:list" else [case.uid])


def test_a_second_specialist_reads_as_a_specialist_and_goes_back_to_the_second_look():
    case, _ = signed(major=True)
    second = make_specialist()
    second_looks.ask(case, by=case.owner, specialist_id=second.pk)
    assert browser(second).get(url("list", case)).status_code == 404
    second_looks.accept(case, by=second)
    reader = browser(second)
    assert back(reader, case) == reverse("opinions:second", args=[case.uid])
    page = reader.get(url("list", case)).content.decode()
    assert "The records of this case, to read here or to download." in page and "Send files" not in page
    second_looks.answer(case, by=second, confirm=True, note="I read the scan.")
    assert reader.get(url("list", case)).status_code == 404


def test_everybody_clears_the_refusals_of_their_own_files(case):
    patient, coordinator = browser(case.patient), browser(case.owner)
    patient.post(url("upload", case), sent(("mine.pdf", files.HTML_PAGE)))
    page = coordinator.get(url("list", case)).content.decode()
    assert "mine.pdf" in page and url("clear", case) not in page
    coordinator.post(url("upload", case), sent(("desk.pdf", files.HTML_PAGE)))
    assert "Clear your files from this list" in coordinator.get(url("list", case)).content.decode()
    coordinator.post(url("clear", case))
    assert [record.name for record in case.records.all()] == ["mine.pdf"]
    assert "Clear this list" in patient.get(url("list", case)).content.decode()
    patient.post(url("clear", case))
    assert not case.records.exists()
