"""Taking records out again: until when, by whom, and what stays."""

import pytest

from records import display, removing
from secondop.cases.lifecycle import NotAllowed, Refused, move

from . import files
from .conftest import add, browser, check_all, url

pytestmark = pytest.mark.django_db


def test_a_record_is_taken_out_before_the_review(case, django_capture_on_commit_callbacks):
    record = add(case)[0]
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser(case.patient).post(url("remove", case, record.uid), follow=True)
    assert "The file is removed." in answer.content.decode()
    assert not case.records.exists()
    assert case.journal.filter(event="record_removed").count() == 1
    assert browser(case.patient).post(url("remove", case, record.uid)).status_code == 404


def test_what_a_specialist_had_before_them_stays(cast, letter):
    answer = browser(cast.patient).post(url("remove", cast.case, letter.uid), follow=True)
    assert "so it stays with the case" in answer.content.decode()
    assert cast.case.records.get() == letter


def test_what_came_after_the_last_review_may_go_again(cast, letter):
    """The specialist handed the case back: the old file stays, a new one may be taken out."""
    case = move(cast.case, "hand_back", by=cast.specialist, specialist=None)
    new = add(case, ("new.pdf", files.pdf()))[0]
    page = browser(cast.patient).get(url("list", case)).content.decode()
    assert url("remove", case, new.uid) in page
    assert url("remove", case, letter.uid) not in page
    with pytest.raises(Refused):
        removing.remove(case, by=cast.patient, record=letter)


@pytest.mark.parametrize("who", ["stranger", "specialist", "other_specialist", "administrator"])
def test_who_may_not_take_records_out_or_clear_the_list(cast, letter, who):
    client = browser(getattr(cast, who))
    assert client.post(url("remove", cast.case, letter.uid)).status_code == 404
    assert client.post(url("clear", cast.case)).status_code == 404
    with pytest.raises((NotAllowed, Refused)):
        removing.remove(cast.case, by=getattr(cast, who), record=letter)
    assert cast.case.records.exists()


def test_the_list_of_refused_files_is_cleared_and_nothing_else(cast, letter):
    add(cast.case, ("page.pdf", files.HTML_PAGE))
    browser(cast.patient).post(url("clear", cast.case))
    assert cast.case.records.get() == letter


def test_so_many_refused_files_are_kept_and_no_more(cast, letter, monkeypatch):
    for place in (removing, display):
        monkeypatch.setattr(place, "MOST_REFUSED", 3)
    add(cast.case, *((f"page {number}.pdf", files.HTML_PAGE) for number in range(5)))
    assert cast.case.records.filter(status="refused").count() == 3
    add(cast.case, ("torn.pdf", files.printed_pdf()[:900]))
    check_all()
    kept = set(cast.case.records.filter(status="refused").values_list("name", flat=True))
    assert "torn.pdf" in kept and len(kept) == 3
    assert "This list keeps the last 3 files." in browser(cast.patient).get(url("list", cast.case)).content.decode()
    assert cast.case.records.kept().get() == letter
