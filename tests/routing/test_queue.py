"""The queue: whose cases, in which order, what each row says, and at what price."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from records import checking
from records import services as records
from routing.ordering import SORTS
from routing.problems import problems
from routing.queue import TABS, Filters, read_queue
from routing.services import offers, screening
from routing.words import span, time_left
from secondop.accounts.models import Role
from secondop.cases import asks, clocks
from secondop.cases.messages import write
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.records.files import printed_pdf
from tests.routing.people import accepted_case, make_specialist, make_specialty, offered, ready_case

pytestmark = pytest.mark.django_db


def rows(user, **query):
    """The rows of the queue for a query."""
    read = QueryDict(mutable=True)
    read.update(query)
    return read_queue(user, Filters.read(read), read.get("page")).rows


def cases(user, **query):
    """The cases of the queue for a query, in order."""
    return [row.case for row in rows(user, **query)]


def test_what_needs_me_is_on_top_by_date_then_mine_then_the_rest():
    me, colleague = make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)
    today = now().date()
    asked = make_case(State.SCREENING, coordinator=me)
    asks.open_ask(asked, by=me, items=["x"])
    theirs = make_case(State.SCREENING, coordinator=colleague, decision_date=today - timedelta(days=9))
    soon = make_case(State.SCREENING, coordinator=me, decision_date=today + timedelta(days=3))
    undated = make_case(State.CHECKING, coordinator=me)
    Case.objects.filter(pk=undated.pk).update(due_at=None)
    today_is_in_time = make_case(State.SCREENING, coordinator=me, decision_date=today)
    late, _ = accepted_case(coordinator=me)
    Case.objects.filter(pk=late.pk).update(due_at=now() - timedelta(hours=2))
    unclaimed = make_case(State.SCREENING, coordinator=me, decision_date=today + timedelta(days=30))
    Case.objects.filter(pk=unclaimed.pk).update(owner=None)
    waiting = ready_case(coordinator=me)
    offered(waiting, make_specialist())
    found = rows(me)
    assert [row.case for row in found] == [late, today_is_in_time, soon, unclaimed, undated, waiting, asked, theirs]
    assert [row.needs_me for row in found] == [True] * 5 + [False] * 3
    assert [row.late for row in found] == [True] + [False] * 6 + [True]
    assert cases(me, whose="mine") == [late, today_is_in_time, soon, unclaimed, undated, waiting, asked]


def test_every_row_waits_on_whom_the_kernel_says():
    lead = make_user(Role.LEAD)
    made = [make_case(state) for state in State if state != State.DRAFT]
    with_ask, with_offer = make_case(State.IN_REVIEW), ready_case()
    asks.open_ask(with_ask, by=with_ask.owner, items=["x"])
    offered(with_offer, make_specialist())
    found = {row.case: row for key in TABS for row in rows(lead, state=key)}
    assert set(found) == {*made, with_ask, with_offer}
    for case, row in found.items():
        waiting = clocks.waiting_on(case)
        assert (row.waiting.party, row.waiting.since) == (waiting.party, waiting.since)
        if waiting.person and waiting.person != case.patient:
            assert row.waits_on == str(waiting.person)


def test_the_next_action_is_in_the_row():
    me, lead = make_user(Role.COORDINATOR), make_user(Role.LEAD)
    fresh = make_case(State.SCREENING, coordinator=me)
    assert (rows(me)[0].action, rows(me)[0].verb) == ("Claim", True)
    screening.claim(fresh, by=me)
    assert rows(me)[0].action == "Check the records"
    screening.set_facts(fresh, by=me, specialty=make_specialty(), decision_date=None)
    screening.make_ready(fresh, by=me)
    assert rows(me)[0].action == "Choose a specialist"
    screening.decline(fresh, by=me, code="clinical", text="x", alternative="y")
    assert (rows(me)[0].action, rows(me)[0].needs_me) == ("Open", False)
    assert (rows(lead)[0].action, rows(lead)[0].needs_me) == ("Confirm or reject", True)
    screening.reject_decline(fresh, by=lead, answer="x")
    person = make_specialist()
    offered(fresh, person)
    assert (rows(me)[0].action, rows(me)[0].waits_on) == ("Open", str(person))
    offers.accept(fresh, by=person, proposed_due=now() + timedelta(days=3))
    assert (rows(me)[0].action, rows(me)[0].needs_me) == ("Answer the proposed date", True)
    offers.answer_due(fresh, by=me, agree=True)
    assert (rows(me)[0].action, rows(me)[0].needs_me) == ("Open", False)


def test_the_queue_holds_what_its_reader_coordinates_and_no_drafts():
    me = make_user(Role.COORDINATOR)
    own, draft, other = make_case(State.SCREENING, patient=me), make_case(State.DRAFT), make_case(State.SCREENING)
    assert cases(me) == [other]
    assert own not in cases(me, q=own.reference) and draft not in cases(make_user(Role.LEAD))
    assert rows(make_user()) == rows(make_user(Role.SPECIALIST)) == []


def test_tabs_count_what_the_search_finds():
    me = make_user(Role.COORDINATOR)
    anna = make_user(full_name="Anna Berg")
    for state, person in ((State.SCREENING, anna), (State.READY, anna), (State.SCREENING, make_user()), (State.CLOSED, anna)):
        make_case(state, patient=person, coordinator=me)
    queue = read_queue(me, Filters(q="anna b"), None)
    assert {tab.key: tab.number for tab in queue.tabs if tab.number} == {"open": 2, "screening": 1, "ready": 1, "ended": 1}
    assert len(queue.rows) == 2
    assert [tab.url for tab in queue.tabs if tab.current] == ["?state=open&whose=all&q=anna+b"]
    assert [row.case.state for row in rows(me, q="ANNA", state="ended")] == ["closed"]
    one = Case.objects.filter(patient=anna).first()
    assert cases(me, q=one.reference[3:].lower()) == [one]


def test_what_is_over_is_never_late(settings):
    settings.REQUIRE_STAFF_MFA = False
    me = make_user(Role.COORDINATOR)
    browser, passed = Client(), now().date() - timedelta(days=12)
    browser.force_login(me)
    for state in (State.READY, State.DELIVERED, State.DECLINED):
        make_case(state, coordinator=me, decision_date=passed)
    for tab, late in (("ready", True), ("delivered", False), ("ended", False)):
        page = browser.get(reverse("routing:queue"), {"state": tab}).content.decode()
        assert page.count('data-label="Time"') == 1 and ("days late" in page) is late
        assert ("Since " in page) is not late


def test_a_click_on_a_head_sorts_the_queue_and_another_turns_it_round():
    me, today = make_user(Role.COORDINATOR, full_name="Bea Ost"), now().date()
    checked = make_case(State.CHECKING, coordinator=me)
    with shifted(timedelta(days=-3)):
        fresh = make_case(
            State.SCREENING, coordinator=make_user(Role.COORDINATOR, full_name="Ada West"), decision_date=today - timedelta(days=1)
        )
    ready = ready_case(coordinator=make_user(Role.COORDINATOR, full_name="Cleo Nord"))
    undated = make_case(State.IN_REVIEW, coordinator=me)
    Case.objects.filter(pk=undated.pk).update(due_at=None, owner=None)
    Case.objects.filter(pk=ready.pk).update(due_at=now() + timedelta(days=2))
    Case.objects.filter(pk=checked.pk).update(due_at=now() + timedelta(days=9))
    assert cases(me, sort="state") == [fresh, ready, undated, checked]
    assert cases(me, sort="-state") == [checked, undated, ready, fresh]
    assert cases(me, sort="-waits")[0] == fresh == cases(me, sort="waits")[-1]
    assert cases(me, sort="time") == [fresh, ready, checked, undated]
    assert cases(me, sort="-time") == [checked, ready, fresh, undated]
    assert cases(me, sort="owner") == [fresh, checked, ready, undated]
    assert cases(me, sort="case") == sorted(cases(me), key=str) == cases(me, sort="-case")[::-1]
    assert cases(me, sort="--state") == cases(me, sort="pk") == cases(me, sort="") == cases(me)


def test_how_long_a_case_waits_is_sorted_by_what_its_row_says():
    lead = make_user(Role.LEAD)
    for days, state in enumerate(state for state in State if state != State.DRAFT):
        with shifted(timedelta(days=-days)):
            case = make_case(state)
            if state == State.IN_REVIEW:
                asks.open_ask(case, by=case.owner, items=["x"])
    offered(ready_case(), make_specialist())
    for tab in TABS:
        since = [row.waiting.since for row in rows(lead, state=tab, sort="-waits")]
        assert since == sorted(since)


def test_the_heads_tell_the_order_and_keep_the_search(settings):
    settings.REQUIRE_STAFF_MFA = False
    me = make_user(Role.COORDINATOR)
    make_case(State.SCREENING, coordinator=me)
    browser = Client()
    browser.force_login(me)
    plain = browser.get(reverse("routing:queue"), {"q": "SO", "page": "1"}).content.decode()
    assert "aria-sort" not in plain and 'href="?q=SO&amp;sort=time"' in plain and 'href="?q=SO&amp;sort=-waits"' in plain
    by_time = browser.get(reverse("routing:queue"), {"q": "SO", "sort": "time"}).content.decode()
    assert by_time.count("aria-sort") == 1 and 'class="sorts" aria-sort="ascending"' in by_time
    assert 'href="?q=SO&amp;sort=-time"' in by_time and "sort=time" in read_queue(me, Filters(sort="time"), None).tabs[1].url
    assert '<input type="hidden" name="sort" value="time">' in by_time and "Needs you now</th>" not in by_time
    assert 'aria-sort="descending"' in browser.get(reverse("routing:queue"), {"sort": "-time"}).content.decode()


def test_a_search_finds_whom_a_case_is_about_and_no_name_that_was_left_behind():
    me = make_user(Role.COORDINATOR)
    case = make_case(coordinator=me)
    for for_whom, found in (("other", [case]), ("self", [])):
        Brief.objects.filter(case=case).update(for_whom=for_whom, subject_name="Timothy Own")
        assert cases(me, q="timothy") == found


def test_a_decision_day_ends_at_the_organisations_midnight(settings):
    me, evening = make_user(Role.COORDINATOR), datetime(2030, 5, 3, 22, tzinfo=UTC)
    with shifted(evening - timedelta(days=1)):
        make_case(State.SCREENING, coordinator=me, decision_date=date(2030, 5, 3))
    for zone, hours in (("UTC", 2), ("America/New_York", 6), ("Asia/Tokyo", -7)):
        settings.TIME_ZONE = zone
        with shifted(evening):
            [row] = rows(me)
        assert row.deadline == evening + timedelta(hours=hours)


def test_a_message_on_a_case_that_is_done_is_shown_until_it_is_read(settings):
    settings.REQUIRE_STAFF_MFA = False
    me, colleague = make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)
    delivered, ended, open_case = (make_case(state, coordinator=me) for state in (State.DELIVERED, State.CLOSED, State.SCREENING))
    for case in (delivered, ended, open_case):
        write(case, by=case.patient, text="One more question")
    assert {problem.case for problem in problems(me)} == {delivered, ended} and problems(colleague) == []
    desk, link = Client(), reverse("routing:messages", args=[delivered.uid])
    desk.force_login(me)
    assert link in desk.get(reverse("routing:queue")).content.decode()
    assert desk.get(link).status_code == 200
    assert {problem.case for problem in problems(me)} == {ended}


@given(st.dictionaries(st.sampled_from(["state", "whose", "q", "sort", "page"]), st.text(max_size=200)))
def test_garbage_in_the_address_is_ignored(query):
    read = QueryDict(mutable=True)
    read.update(query)
    filters = Filters.read(read)
    assert filters.state in TABS and filters.whose in ("all", "mine") and filters.sort in SORTS and len(filters.q) <= 80


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999", "x", ""])
def test_a_page_that_is_not_there_shows_one_that_is(page):
    me = make_user(Role.COORDINATOR)
    case = make_case(State.SCREENING, coordinator=me)
    assert cases(me, page=page) == [case]


def test_fifty_rows_take_as_many_queries_as_ten_and_little_html(django_assert_max_num_queries, django_assert_num_queries, settings):
    settings.REQUIRE_STAFF_MFA = False
    lead = make_user(Role.LEAD)
    browser, address, taken = Client(), reverse("routing:queue"), []
    browser.force_login(lead)
    for count in (10, 45):
        for number in range(count):
            state = (State.SCREENING, State.READY, State.IN_REVIEW, State.CHECKING)[number % 4]
            make_case(state, coordinator=lead, specialty=make_specialty())
        if not taken:
            with django_assert_max_num_queries(8):
                browser.get(address)
        case = make_case(State.SCREENING, coordinator=lead)
        screening.decline(case, by=make_user(Role.COORDINATOR), code="clinical", text="x", alternative="y")
        Notice.objects.create(kind="submitted", email="x@example.org", case_uid=case.uid, status="failed")
        with django_assert_max_num_queries(10) as queries:  # one more each for what is the matter with cases, and for mails that wait
            page = browser.get(address).content
        taken.append(len(queries))
        with django_assert_num_queries(taken[0]):
            browser.get(address, {"sort": "-waits"})
    assert taken[0] == taken[1]
    assert page.count(b'data-label="Time"') == 50 and b"Page 1 of 2" in page
    assert len(page) <= 40_000


@given(st.integers(min_value=-400, max_value=400), st.integers(min_value=0, max_value=3599))
def test_time_left_reads_as_people_say_it(hours, seconds):
    words = time_left(now() + timedelta(hours=hours, seconds=seconds + 30))
    count, unit, side = words.split()
    assert side == ("left" if timedelta(hours=hours, seconds=seconds + 30) > timedelta(0) else "late")
    assert unit.endswith("s") == (count != "1")


def test_spans_at_their_borders():
    said = [span(timedelta(seconds=s)) for s in (0, 89, 3569, 3570, 43199, 2 * 86400 - 1, 2 * 86400, 10 * 86400)]
    assert said == ["1 minute", "1 minute", "59 minutes", "1 hour", "12 hours", "48 hours", "2 days", "10 days"]


def test_a_check_of_a_file_that_does_not_end_is_shown_until_it_does(settings):
    settings.REQUIRE_STAFF_MFA = False
    case = make_case(State.SCREENING)
    records.add_files(case, [("letter.pdf", printed_pdf())], by=case.patient)
    assert problems(case.owner) == []
    with shifted(timedelta(minutes=11)):
        [problem] = problems(case.owner)
        assert (problem.case, problem.url) == (case, reverse("records:list", args=[case.uid]))
        desk = Client()
        desk.force_login(case.owner)
        assert "The check of a file has not ended" in desk.get(reverse("routing:queue")).content.decode()
        assert desk.get(problem.url).status_code == 200
        checking.check(case.records.get().pk)
        assert problems(case.owner) == []
