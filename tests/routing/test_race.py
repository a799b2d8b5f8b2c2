"""Two people at one case, on real PostgreSQL with a session of their own each."""

import threading
from functools import partial

import pytest
from django.db import connection

from routing.models import Offer
from routing.services import offers, screening
from secondop.accounts.models import Role
from secondop.cases.access import Access, Right
from secondop.cases.lifecycle import Conflict, Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from tests.factories import make_case, make_user
from tests.routing.people import make_specialist, offered, ready_case
from tests.servers import LONG

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(*acts):
    """Run every act in a thread and a database session of its own, all starting together; what each returned or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            with connection.cursor():
                gate.wait(timeout=LONG)
            results[number] = act()
        except (Conflict, Refused) as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LONG)
    return results


def test_of_concurrent_accepts_exactly_one_wins():
    for _ in range(ROUNDS):
        case, people = ready_case(), [make_specialist() for _ in range(4)]
        offered(case, *people)
        results = at_once(*[partial(offers.accept, case, by=person) for person in people])
        winners = [person for person, result in zip(people, results, strict=True) if isinstance(result, Case)]
        losers = [result for result in results if isinstance(result, Conflict)]
        assert (len(winners), len(losers)) == (1, 3)
        case.refresh_from_db()
        assert (case.state, case.specialist) == (State.IN_REVIEW, winners[0])
        assert all(loser.case.state == State.IN_REVIEW for loser in losers)
        assert set(Access.objects.active().filter(case=case, right=Right.RECORDS).values_list("user", flat=True)) == {winners[0].pk}
        assert not Access.objects.active().filter(case=case, right=Right.SUMMARY).exists()
        assert sorted(case.offers.values_list("status", flat=True)) == ["accepted", "recalled", "recalled", "recalled"]
        assert case.journal.filter(event="accept").count() == 1


def test_an_accept_and_a_recall_at_once_leave_one_story():
    for _ in range(ROUNDS):
        case, person = ready_case(), make_specialist()
        (offer,) = offered(case, person)
        accepted, recalled = at_once(
            partial(offers.accept, case, by=person), partial(offers.recall, case, by=case.owner, offer_uid=offer.uid)
        )
        assert isinstance(accepted, Conflict) != isinstance(recalled, Conflict)
        case.refresh_from_db()
        offer.refresh_from_db()
        assert (case.state, offer.status) == (
            (State.IN_REVIEW, "accepted") if isinstance(recalled, Conflict) else (State.READY, "recalled")
        )


def test_a_double_click_on_an_offer_sends_one():
    case, person = ready_case(), make_specialist()
    results = at_once(*[lambda: offers.send_offer(case, by=case.owner, specialist_id=person.pk)] * 2)
    assert {type(result) for result in results} == {Offer, Refused}
    assert case.offers.count() == 1


def test_two_coordinators_who_claim_at_once_do_not_overwrite_each_other():
    case = make_case(State.SCREENING)
    people = [make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)]
    results = at_once(*[partial(screening.claim, case, by=person) for person in people])
    assert {type(result) for result in results} == {Case, Refused}
    winner = people[[isinstance(result, Case) for result in results].index(True)]
    assert Case.objects.get(pk=case.pk).owner == winner
