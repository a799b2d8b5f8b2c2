"""The pages of the reading room and of signing, as a browser without JavaScript uses them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from opinions.models import Opinion
from opinions.services.drafts import start
from opinions.services.versions import draft_of
from opinions.services.writing import private_note
from secondop.accounts import identity
from secondop.audit.models import Entry
from secondop.cases.access import Right, grant
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from tests.factories import PASSWORD, make_user
from tests.opinions.written import WORDS, in_review, signed, write
from tests.routing.people import accepted_case, make_specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(client):
    """A case in review whose specialist is signed in."""
    case, author, _ = in_review()
    client.force_login(author)
    return case, author


def url(name, case, *more):
    """An address of this app."""
    return reverse(f"opinions:{name}", args=[case.uid, *more])


def stamp_of(page):
    """The hidden fields that say what ``page`` was based on."""
    return {"version": page.context["stamp"].version, "window": page.context["stamp"].window}


def fields_of(page):
    """What a browser would post from the write-up on ``page`` without a change."""
    data = stamp_of(page)
    for bound in page.context["writeup"]:
        value = bound.value()
        if value not in (None, False, ""):
            data[bound.html_name] = value
        elif bound.name in ("name", "url"):
            data[bound.html_name] = ""
    return data


def everything(page, **changes):
    """A whole write-up, typed into ``page``."""
    data = fields_of(page) | WORDS | {"answers-0-verdict": "answered", "answers-0-text": "No."}
    data |= {f"grid-{n}-verdict": "agree" for n in range(6)}
    data |= {"options-0-name": "Wait", "options-0-benefit": "None", "options-0-harm": "Some", "private_note": "only mine"}
    return data | changes


def test_the_whole_way_from_first_impression_to_signature(client):
    case, author = accepted_case()
    first = {"first_opinion": "Replace the valve NOW-HIDDEN", "first_opinion_by": "Dr. HIDDEN", "first_opinion_on": date(2026, 3, 1)}
    Brief.objects.filter(case=case).update(diagnosis="Told to be a STENOSIS", **first)
    client.force_login(author)
    page = client.get(url("write", case))
    assert b"Told to be a STENOSIS" in page.content and b"Is the operation needed?" in page.content
    assert b"HIDDEN" not in page.content and b"1 March 2026" not in page.content
    locked = client.post(url("first_read", case), stamp_of(page) | {"first_read": "Moderate."}, follow=True)
    assert b"NOW-HIDDEN" in locked.content and b"Dr. HIDDEN" in locked.content and b"Moderate." in locked.content
    answer = client.post(url("write", case), everything(locked, then="sign"), follow=True)
    assert answer.redirect_chain[-1][0] == url("sign", case) and not answer.context["gaps"]
    done = client.post(url("sign", case), {"password": PASSWORD, "version": answer.context["opinion"].edits}, follow=True)
    assert b"Signed. The care coordinator now checks" in done.content
    case.refresh_from_db()
    assert case.state == State.CHECKING and private_note(case, author) == "only mine"


def test_saving_what_is_shown_changes_nothing(client, room):
    case, author = room
    write(case, author)
    page = client.get(url("write", case))
    before = draft_of(case, author)
    assert client.post(url("write", case), fields_of(page)).status_code == 302
    after = draft_of(case, author)
    assert {n: getattr(after, n) for n in WORDS} == {n: getattr(before, n) for n in WORDS}
    for rows in ("answers", "grid", "options", "evidence"):
        assert [str(r) for r in getattr(after, rows).all()] == [str(r) for r in getattr(before, rows).all()]


def test_autosave_says_saved_moved_on_or_not_valid(client, room):
    case, author = room
    page = client.get(url("write", case))
    other = client.get(url("write", case))
    first = client.post(url("autosave", case), everything(page, diagnosis="one"))
    again = client.post(url("autosave", case), everything(page, diagnosis="two"))
    assert (first.status_code, again.status_code) == (204, 204)
    assert int(again.headers["X-Autosave-Version"]) == draft_of(case, author).edits
    assert client.post(url("autosave", case), everything(other, diagnosis="older")).status_code == 409
    assert client.post(url("autosave", case), everything(page, diagnosis="x" * 5000)).status_code == 422
    assert draft_of(case, author).diagnosis == "two"


def test_an_older_window_gets_both_texts(client, room):
    case, author = room
    page, other = client.get(url("write", case)), client.get(url("write", case))
    more = {f"options-{n}-name": f"Option {n}" for n in range(1, 5)}
    client.post(url("write", case), everything(page, diagnosis="STORED-ONE", private_note="STORED-NOTE", **more))
    answer = client.post(url("write", case), everything(other, diagnosis="TYPED-ONE", private_note="TYPED-NOTE"))
    assert answer.status_code == 409
    for text in (b"STORED-ONE", b"TYPED-ONE", b"STORED-NOTE", b"TYPED-NOTE", b"Option 4"):
        assert text in answer.content
    labels = [label for label, _, _ in answer.context["overtaken"]]
    assert labels == ["Diagnosis", *(f"Option {n}: Option" for n in range(2, 6)), "Private notes"]
    again = everything(answer, diagnosis="BOTH")
    assert client.post(url("write", case), again).status_code == 302
    assert draft_of(case, author).diagnosis == "BOTH"


def test_an_older_window_gets_both_first_impressions(client):
    case, author = accepted_case()
    client.force_login(author)
    page, other = client.get(url("write", case)), client.get(url("write", case))
    assert client.post(url("autosave", case), stamp_of(page) | {"first_read": "STORED-ONE"}).status_code == 204
    answer = client.post(url("first_read", case), stamp_of(other) | {"first_read": "TYPED-ONE"})
    assert answer.status_code == 409 and b"STORED-ONE" in answer.content and b"TYPED-ONE" in answer.content
    assert client.post(url("first_read", case), stamp_of(answer) | {"first_read": "Both."}).status_code == 302
    assert client.post(url("autosave", case), stamp_of(page) | {"first_read": "Still typing"}).status_code == 409
    assert (draft_of(case, author).first_read, bool(draft_of(case, author).limits)) == ("Both.", True)


def test_autosave_says_moved_on_when_the_case_went_to_somebody_else(client, room):
    case, author = room
    page = client.get(url("write", case))
    other = make_specialist()
    grant(case, author, Right.WRITE, "not ended yet")
    Case.objects.filter(pk=case.pk).update(specialist=other)
    assert client.post(url("autosave", case), everything(page)).status_code == 409


def test_a_sitting_of_typing_is_one_line_in_the_audit_log(client, room):
    case, _author = room
    page = client.get(url("write", case))
    for text in ("one", "two", "three"):
        assert client.post(url("autosave", case), everything(page, diagnosis=text)).status_code == 204
    assert Entry.objects.filter(action="opinion.write", case_uid=case.uid).count() == 1
    assert client.post(url("autosave", case), {}).status_code == 409
    assert Entry.objects.filter(action="opinion.write", case_uid=case.uid, target="not saved").count() == 1
    client.force_login(make_specialist())
    assert client.post(url("autosave", case), {}).status_code == 404
    assert Entry.objects.filter(action="case.refused", case_uid=case.uid, target="opinion.write").count() == 1


@pytest.mark.parametrize(
    "name", ["diagnosis", "answers-0-text", "grid-0-note", "options-0-benefit", "evidence-0-text", "private_note", "icd10"]
)
def test_a_hundred_thousand_characters_are_a_clear_error_and_nothing_is_lost(client, room, name):
    case, _ = room
    page = client.get(url("write", case))
    answer = client.post(url("write", case), everything(page, **{name: "x" * 100_000, "reasoning": "still here"}))
    assert answer.status_code == 422
    assert b"Please shorten this to" in answer.content and b"x" * 100_000 in answer.content and b"still here" in answer.content


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("certainty", "140", 422), ("strength", "mighty", 422), ("grid-0-verdict", "maybe", 422), ("diagnosis", "a\x00b", 422)],
)
def test_nonsense_is_refused_and_the_rest_kept(client, room, name, value, status):
    case, _ = room
    answer = client.post(url("write", case), everything(client.get(url("write", case)), reasoning="still here", **{name: value}))
    assert answer.status_code == status
    assert b"still here" in answer.content


def test_an_option_without_a_name_is_not_dropped_in_silence(client, room):
    case, _ = room
    page = client.get(url("write", case))
    nameless = {"options-0-name": "", "options-0-benefit": "Lost?"}
    assert b"Give the option a name" in client.post(url("write", case), everything(page, **nameless)).content


def test_clearing_an_option_takes_it_out(client, room):
    case, author = room
    page = client.get(url("write", case))
    cleared = {"options-0-name": "", "options-0-benefit": "", "options-0-harm": ""}
    client.post(url("write", case), everything(page, **cleared))
    assert not draft_of(case, author).options.exists()


@pytest.mark.parametrize("posted", [{}, {"version": "-1"}, {"version": "9" * 30}, {"version": "x", "window": "y" * 99}])
def test_a_page_without_a_stamp_saves_nothing(client, room, posted):
    case, author = room
    assert client.post(url("write", case), posted).status_code == 409
    assert draft_of(case, author).limits


def test_strangers_see_nothing_and_verbs_want_post(client, room):
    case, author = room
    signed_case, _opinion = signed()
    pages = [("write", case), ("sign", case), ("check", case)]
    verbs = [("autosave", case), ("first_read", case), ("ask", case), ("return", case), ("release", case), ("second_ask", case)]
    verbs += [("second_accept", case), ("second_decline", case), ("second_answer", case), ("rerender", signed_case, 1)]
    for stranger in (make_user(), make_specialist(), case.patient):
        client.force_login(stranger)
        assert {client.get(url(*page)).status_code for page in [*pages, ("second", case), ("pdf", signed_case, 1)]} == {404}
        assert {client.post(url(*verb), {"text": "x"}).status_code for verb in verbs} == {404}
    client.force_login(author)
    assert {client.get(url(*verb)).status_code for verb in verbs} == {405}
    client.logout()
    assert {client.get(url(*page)).status_code for page in pages} == {302}


def test_a_coordinator_never_sees_a_draft(client, room):
    case, author = room
    write(case, author)
    client.force_login(case.owner)
    assert client.get(url("write", case)).status_code == 404
    assert WORDS["diagnosis"].encode() not in client.get(url("check", case)).content


def test_the_specialist_asks_twice_and_the_time_stands_still(client, room):
    case, _author = room
    for n in range(2):
        answer = client.post(url("ask", case), {"item_0": f"Question {n}?", "item_1": ""}, follow=True)
        assert f"Question {n}?".encode() in answer.content
    assert b"You have asked twice" in answer.content
    refused = client.post(url("ask", case), {"item_0": "A third?"})
    assert refused.status_code == 422 and b"A third?" in refused.content
    assert case.asks.count() == 2
    assert client.post(url("ask", case), {"item_0": ""}).status_code == 422


def test_signing_asks_the_password_every_time_and_never_shows_it_again(client, room):
    case, author = room
    draft = write(case, author)
    wrong = client.post(url("sign", case), {"password": "not-my-password", "version": draft.edits})
    assert wrong.status_code == 422 and b"not-my-password" not in wrong.content
    assert "not-my-password" not in str(dict(client.session))
    stale = client.post(url("sign", case), {"password": PASSWORD, "version": draft.edits - 1})
    assert stale.status_code == 422 and b"changed since" in stale.content
    assert client.post(url("sign", case), {"version": draft.edits}).status_code == 422
    page = client.get(url("sign", case))
    assert page.status_code == 200 and b'name="password"' in page.content and PASSWORD.encode() not in page.content


def test_the_eleventh_wrong_password_is_429_and_the_session_lives(client, room):
    case, author = room
    draft = write(case, author)
    data = {"password": "wrong", "version": draft.edits}
    assert {client.post(url("sign", case), data).status_code for _ in range(identity.TRIES)} == {422}
    assert client.post(url("sign", case), {**data, "password": PASSWORD}).status_code == 429
    assert client.get(url("write", case)).status_code == 200


def test_a_double_click_signs_once(client, room):
    case, author = room
    draft = write(case, author)
    data = {"password": PASSWORD, "version": draft.edits}
    first, second = client.post(url("sign", case), data), client.post(url("sign", case), data)
    assert first.status_code == second.status_code == 302
    assert case.journal.filter(event="sign").count() == 1 and Opinion.objects.filter(case=case).count() == 1


def test_what_is_missing_links_to_its_field(client, room):
    case, author = room
    start(case, by=author)
    page = client.get(url("sign", case))
    assert f"{url('write', case)}#id_bottom_line".encode() in page.content and b'name="password"' not in page.content
    ids = client.get(url("write", case)).content
    for gap in page.context["gaps"]:
        assert f'id="id_{gap.field}'.encode() in ids, gap


def test_autosave_is_few_queries_however_long_the_opinion_is(client, room):
    case, _ = room
    page = client.get(url("write", case))
    short = everything(page)
    long = short | {f"evidence-{n}-{name}": "x" for n in range(12) for name in ("text", "url")}
    long |= {f"options-{n}-{name}": "x" for n in range(8) for name in ("name", "benefit", "harm")}
    counts = []
    for data in (short, long):
        client.post(url("autosave", case), data)
        with CaptureQueriesContext(connection) as seen:
            assert client.post(url("autosave", case), data | {"diagnosis": "typed"}).status_code == 204
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 19
