"""Offers: sent to the eligible only, answered once, lapsing by themselves; and what they open and close."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from routing.models import Licence, Offer
from routing.services import offers, screening
from routing.tasks import lapse_offers
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases import asks
from secondop.cases.access import Right
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, move
from secondop.cases.models import Ask, Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import make_case, make_user
from tests.routing.people import accepted_case, make_specialist, make_specialty, offered, ready_case

pytestmark = pytest.mark.django_db
CONFLICT = {"kinds": ["institution"], "text": "Same house as the first surgeon"}


def told(kind):
    """Who has been told of ``kind``."""
    return {notice.recipient for notice in Notice.objects.filter(kind=kind).select_related("recipient")}


def sees(user, right):
    """Whether ``user`` sees any case with ``right``."""
    return Case.objects.visible_to(user, right).exists()


def test_an_offer_opens_the_summary_for_twelve_hours_and_nothing_else():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    assert offer.expires_at - offer.sent_at == timedelta(hours=12)
    assert sees(specialist, Right.SUMMARY)
    assert not any(sees(specialist, right) for right in Right if right != Right.SUMMARY)
    with shifted(timedelta(hours=12, seconds=1)):
        assert not sees(specialist, Right.SUMMARY)
        assert not Offer.objects.open().exists()
    notice = Notice.objects.get(kind="offer")
    assert (notice.recipient, notice.link) == (specialist, f"/offers/{offer.uid}/")
    assert case.journal.filter(event="offer_sent", by=case.owner).exists()


def test_only_the_eligible_are_asked_and_nobody_twice_at_once():
    case, specialist, stranger = ready_case(), make_specialist(), make_specialist(make_specialty("Skin"))
    offered(case, specialist)
    for wrong, words in ((specialist, "has an offer|Has an offer"), (stranger, "Does not work"), (make_user(), "not available")):
        with pytest.raises(Refused, match=words):
            offers.send_offer(case, by=case.owner, specialist_id=wrong.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(case=case, specialist=specialist, sent_by=case.owner, expires_at=now())
    with pytest.raises(Conflict):
        offers.send_offer(make_case(State.SCREENING), by=case.owner, specialist_id=specialist.pk)


def test_accepting_opens_the_records_and_recalls_the_other_offers():
    case, winner, other = ready_case(), make_specialist(), make_specialist()
    mine, theirs = offered(case, winner, other)
    accepted = offers.accept(case, by=winner)
    assert (accepted.state, accepted.specialist) == (State.IN_REVIEW, winner)
    assert timedelta(hours=47) < accepted.due_at - now() <= timedelta(hours=48)
    assert sees(winner, Right.RECORDS) and sees(winner, Right.WRITE)
    assert not any(sees(other, right) for right in Right)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.status, mine.conflict, theirs.status) == ("accepted", "none", "recalled")
    assert told("offer_recalled") == {other}
    assert told("accepted") == {case.patient} and told("offer_answered") == {case.owner}
    for late in (winner, other):
        with pytest.raises(Conflict):
            offers.accept(case, by=late)
    assert case.journal.filter(event="accept").count() == 1


def test_who_was_never_asked_cannot_answer():
    case, asked, stranger = ready_case(), make_specialist(), make_specialist()
    offered(case, asked)
    answers = (
        lambda by: offers.accept(case, by=by),
        lambda by: offers.decline_offer(case, by=by, code="no_time"),
        lambda by: offers.declare_conflict(case, by=by, **CONFLICT),
    )
    for answer in answers:
        for person in (stranger, case.owner, case.patient, make_user(Role.LEAD)):
            with pytest.raises(NotAllowed):
                answer(person)


@pytest.mark.parametrize("change", [{"expires_on": now().date() - timedelta(days=1)}, {"verified_at": None}])
def test_nobody_accepts_without_a_valid_licence(change):
    case, specialist = ready_case(), make_specialist()
    offered(case, specialist)
    Licence.objects.filter(profile__user=specialist).update(**change)
    with pytest.raises(Refused, match="license"):
        offers.accept(case, by=specialist)
    assert Case.objects.get(pk=case.pk).state == State.READY


def test_a_declared_conflict_waits_for_a_lead_and_cannot_be_talked_away():
    lead = make_user(Role.LEAD)
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    with pytest.raises(Refused):
        offers.declare_conflict(case, by=specialist, kinds=[], text="x")
    offers.declare_conflict(case, by=specialist, **CONFLICT)
    assert told("conflict_declared") == {lead}
    with pytest.raises(Refused, match="lead"):
        offers.accept(case, by=specialist)
    with pytest.raises(NotAllowed):
        offers.waive_conflict(case, by=case.owner, offer_uid=offer.uid, note="x")
    with pytest.raises(Refused):
        offers.waive_conflict(case, by=lead, offer_uid=offer.uid, note=" ")
    with shifted(timedelta(hours=40)):
        waived = offers.waive_conflict(case, by=lead, offer_uid=offer.uid, note="Another department")
        assert (waived.conflict, waived.waived_by) == ("waived", lead)
        assert told("conflict_waived") == {specialist}
    with shifted(timedelta(hours=51)):
        assert offers.accept(case, by=specialist).state == State.IN_REVIEW
    offer.refresh_from_db()
    assert (offer.conflict, offer.conflict_kinds, offer.waived_note) == ("waived", ["institution"], "Another department")
    with pytest.raises(Conflict):
        offers.waive_conflict(case, by=lead, offer_uid=offer.uid, note="Again")


def test_a_lead_does_not_waive_their_own_conflict():
    case, person = ready_case(), make_specialist()
    person.roles = ["coordinator", "lead", "specialist"]
    person.save()
    (offer,) = offered(case, person)
    offers.declare_conflict(case, by=person, **CONFLICT)
    with pytest.raises(NotAllowed):
        offers.waive_conflict(case, by=person, offer_uid=offer.uid, note="It is fine")


@pytest.mark.parametrize("conflict", ["", "declared"])
def test_the_database_knows_no_accepted_offer_without_a_cleared_conflict(conflict):
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(status="accepted", conflict=conflict)


def test_offers_lapse_and_after_three_in_vain_the_lead_is_told_once():
    lead, case = make_user(Role.LEAD), ready_case()
    people = [make_specialist() for _ in range(4)]
    offered(case, *people[:2])
    assert offers.lapse() == 0
    with shifted(timedelta(hours=13)):
        lapse_offers()
        assert offers.lapse() == 0
        assert Offer.objects.filter(status="lapsed").count() == 2
        assert Notice.objects.filter(kind="offer_lapsed", recipient=case.owner).count() == 2
        assert not told("offers_exhausted")
        offered(case, *people[2:])
        for person in people[2:]:
            offers.decline_offer(case, by=person, code="no_time")
        assert Notice.objects.filter(kind="offers_exhausted").count() == 1
        assert told("offers_exhausted") == {lead}
        with pytest.raises(Conflict):
            offers.accept(case, by=people[0])


def test_an_offer_whose_time_ran_out_does_not_stand_in_the_way_of_a_new_one():
    case, specialist = ready_case(), make_specialist()
    offered(case, specialist)
    with shifted(timedelta(hours=13)):
        offered(case, specialist)
        assert [offer.status for offer in case.offers.all()] == ["lapsed", "sent"]


def test_an_offer_of_a_withdrawn_case_ends_without_blaming_anybody():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    move(case, "withdraw", by=case.patient)
    assert not Offer.objects.open().exists()
    with pytest.raises(Conflict):
        offers.accept(case, by=specialist)
    assert offers.lapse() == 1
    offer.refresh_from_db()
    assert offer.status == "recalled" and not told("offer_lapsed")


def test_declining_an_offer_has_a_reason_and_closes_the_summary():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    with pytest.raises(Refused):
        offers.decline_offer(case, by=specialist, code="other", text=" ")
    offers.decline_offer(case, by=specialist, code="expertise", text="Children only")
    offer.refresh_from_db()
    assert (offer.status, offer.decline_code, offer.decline_text) == ("declined", "expertise", "Children only")
    assert not sees(specialist, Right.SUMMARY)
    assert told("offer_answered") == {case.owner}
    with pytest.raises(Conflict):
        offers.accept(case, by=specialist)


def test_a_recalled_offer_is_over():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    offers.recall(case, by=case.owner, offer_uid=offer.uid, reason="Chose another")
    assert not sees(specialist, Right.SUMMARY) and told("offer_recalled") == {specialist}
    assert case.journal.get(event="offer_recalled").reason == f"From {specialist}. Chose another"
    with pytest.raises(Conflict):
        offers.recall(case, by=case.owner, offer_uid=offer.uid)
    assert offered(case, specialist)


def test_a_later_date_counts_once_the_coordinator_agrees():
    case, specialist = ready_case(), make_specialist()
    offered(case, specialist)
    due = now() + timedelta(days=5)
    for wrong in (now() - timedelta(hours=1), now() + timedelta(days=61)):
        with pytest.raises(Refused):
            offers.accept(case, by=specialist, proposed_due=wrong)
    accepted = offers.accept(case, by=specialist, proposed_due=due)
    assert accepted.due_at < due
    with pytest.raises(NotAllowed):
        offers.answer_due(case, by=specialist, agree=True)
    assert offers.answer_due(case, by=case.owner, agree=True).due_at == due
    assert told("due_answered") == {specialist}
    with pytest.raises(Conflict):
        offers.answer_due(case, by=case.owner, agree=False)


def test_a_proposed_date_may_stay_at_48_hours():
    case, specialist = ready_case(), make_specialist()
    offered(case, specialist)
    accepted = offers.accept(case, by=specialist, proposed_due=now() + timedelta(days=5))
    assert offers.answer_due(case, by=case.owner, agree=False).due_at == accepted.due_at


@pytest.mark.parametrize("verb", ["hand_back", "reassign"])
def test_a_case_taken_from_its_specialist_closes_to_them_at_once(verb):
    case, specialist = accepted_case()
    ask = asks.open_ask(case, by=specialist, items=["A scan"])
    by = specialist if verb == "hand_back" else case.owner
    with pytest.raises(Refused):
        getattr(offers, verb)(case, by=by, reason=" ")
    back = getattr(offers, verb)(case, by=by, reason="Ill")
    assert (back.state, back.specialist) == (State.READY, None)
    assert back.due_at != case.due_at
    assert not any(sees(specialist, right) for right in Right)
    ask.refresh_from_db()
    assert ask.status == Ask.Status.CANCELLED
    assert Offer.objects.get().given_back_at
    with pytest.raises(Conflict):
        getattr(offers, verb)(case, by=by, reason="Ill")
    assert offered(case, make_specialist())


def test_only_its_specialist_hands_a_case_back_and_only_a_coordinator_takes_it():
    case, specialist = accepted_case()
    for verb, wrong in ((offers.hand_back, case.owner), (offers.hand_back, make_specialist()), (offers.reassign, specialist)):
        with pytest.raises(NotAllowed):
            verb(case, by=wrong, reason="x")
    assert not Offer.objects.get().given_back_at


def test_every_act_leaves_one_row_in_the_audit_log():
    lead, case, first, second = make_user(Role.LEAD), make_case(State.SCREENING), make_specialist(), make_specialist()
    screening.claim(case, by=case.owner)
    screening.set_facts(case, by=case.owner, specialty=make_specialty(), decision_date=None)
    screening.make_ready(case, by=case.owner)
    (mine, _) = offered(case, first, second)
    offers.declare_conflict(case, by=first, **CONFLICT)
    offers.waive_conflict(case, by=lead, offer_uid=mine.uid, note="Fine")
    offers.decline_offer(case, by=second, code="no_time")
    offers.accept(case, by=first, proposed_due=now() + timedelta(days=4))
    offers.answer_due(case, by=case.owner, agree=True)
    offers.hand_back(case, by=first, reason="Ill")
    acts = [entry.action for entry in Entry.objects.filter(case_uid=case.uid).order_by("seq")]
    assert acts == [
        "case.submit", "case.claim", "case.facts", "case.make_ready", "offer.send", "offer.send", "offer.conflict", "offer.waive",
        "offer.decline", "case.accept", "offer.due", "case.hand_back",
    ]  # fmt: skip
