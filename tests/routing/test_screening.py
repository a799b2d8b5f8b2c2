"""The coordinator's verbs before a specialist is asked, each with its guard."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from routing.models import Decline, Offer
from routing.services import offers, screening
from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases import checklists, services
from secondop.cases.access import Right
from secondop.cases.checklists import PHYSICIAN
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, move
from secondop.cases.models import Case, ChecklistItem
from secondop.cases.states import State
from secondop.catalog.models import ChecklistTemplate, JurisdictionRule
from secondop.notices.models import Notice
from secondop.web.clock import now
from tests.factories import make_case, make_user
from tests.routing.people import make_specialist, make_specialty, offered, ready_case

pytestmark = pytest.mark.django_db
WORDS = {"text": "We cannot help here.", "alternative": "Your local heart center can."}


def told(kind):
    """Who has been told of ``kind``."""
    return [notice.recipient for notice in Notice.objects.filter(kind=kind).select_related("recipient").order_by("created_at")]


def verbs(case):
    """Every verb of the coordinator on a case in screening or ready, with arguments that would do."""
    item = case.checklist.first() or case.checklist.create(text="MRI")
    return {
        "claim": lambda by: screening.claim(case, by=by),
        "facts": lambda by: screening.set_facts(case, by=by, specialty=make_specialty(), decision_date=None),
        "item": lambda by: screening.check_item(case, by=by, item_id=item.pk, status="arrived"),
        "ready": lambda by: screening.make_ready(case, by=by, override="x"),
        "send_back": lambda by: screening.send_back(case, by=by, reason="x"),
        "decline": lambda by: screening.decline(case, by=by, code="scope", **WORDS),
        "offer": lambda by: offers.send_offer(case, by=by, specialist_id=0),
        "recall": lambda by: offers.recall(case, by=by, offer_uid=case.uid),
    }


@pytest.mark.parametrize("name", ["claim", "facts", "item", "ready", "send_back", "decline", "offer", "recall"])
def test_only_a_coordinator_who_is_not_the_patient_acts(name):
    coordinator_as_patient = make_user(Role.COORDINATOR)
    case = make_case(State.SCREENING, patient=coordinator_as_patient, specialty=make_specialty())
    for person in (coordinator_as_patient, make_user(), make_user(Role.SPECIALIST), make_user(Role.ADMINISTRATOR)):
        before = Entry.objects.count()
        with pytest.raises(NotAllowed):
            verbs(case)[name](person)
        assert Entry.objects.count() == before
    assert Case.objects.get(pk=case.pk).state == State.SCREENING


def test_claiming_acknowledges_once_and_taking_over_is_asked_for():
    case = make_case(State.SCREENING)
    first, second = make_user(Role.COORDINATOR), make_user(Role.COORDINATOR)
    claimed = screening.claim(case, by=first)
    assert claimed.owner == first and claimed.acknowledged_at
    assert screening.claim(case, by=first).acknowledged_at == claimed.acknowledged_at
    assert case.journal.filter(event="claimed").count() == 1
    with pytest.raises(Refused, match="has claimed"):
        screening.claim(case, by=second)
    assert screening.claim(case, by=second, take_over=True).owner == second
    assert told("taken_over") == [case.owner, first]


def test_the_specialty_brings_its_checklist_and_takes_the_untouched_old_one_away():
    heart, skin = make_specialty(), make_specialty("Skin")
    for specialty, text in ((heart, "Echo"), (heart, "Cath film"), (skin, "Photos"), (None, "Letter")):
        ChecklistTemplate.objects.create(specialty=specialty, text=text)
    case = make_case(State.SCREENING)
    day = now().date() + timedelta(days=90)
    assert screening.set_facts(case, by=case.owner, specialty=heart, decision_date=day).decision_date == day
    assert {item.text for item in case.checklist.all()} == {"Echo", "Cath film", "Letter"}
    echo = case.checklist.get(text="Echo")
    screening.check_item(case, by=case.owner, item_id=echo.pk, status="arrived")
    for _ in range(2):
        screening.set_facts(case, by=case.owner, specialty=skin, decision_date=day)
        assert sorted(item.text for item in case.checklist.all()) == ["Echo", "Letter", "Photos"]


def test_an_item_is_waived_with_a_reason_only_and_only_while_collecting():
    case = make_case(State.SCREENING, specialty=make_specialty())
    item = case.checklist.create(text="MRI")
    with pytest.raises(Refused):
        screening.check_item(case, by=case.owner, item_id=item.pk, status="waived", reason=" ")
    waived = screening.check_item(case, by=case.owner, item_id=item.pk, status="waived", reason="Has a pacemaker")
    assert (waived.reason, waived.by) == ("Has a pacemaker", case.owner)
    assert screening.check_item(case, by=case.owner, item_id=item.pk, status="missing").reason == ""
    other = make_case(State.SCREENING).checklist.create(text="CT")
    with pytest.raises(Refused):
        screening.check_item(case, by=case.owner, item_id=other.pk, status="arrived")
    move(case, "make_ready", by=case.owner)
    with pytest.raises(Conflict):
        screening.check_item(case, by=case.owner, item_id=item.pk, status="arrived")


def rule_for(verdict, **fields):
    """The rule about Ohio, where these patients live."""
    said = {"verdict": verdict, "source": "Ohio law 1.2", "reviewed_on": date(2026, 11, 1), **fields}
    return JurisdictionRule.objects.update_or_create(country="US", region="Ohio", defaults=said)[0]


def test_where_a_physician_has_to_take_part_their_agreement_is_waited_for_or_waived_with_a_reason():
    rule_for("with_physician")
    case = make_case(State.SCREENING, specialty=make_specialty())
    screening.claim(case, by=case.owner)
    item = case.checklist.get(text=PHYSICIAN)
    assert item.required and item.status == "missing"
    with pytest.raises(Refused, match="doctor near the patient"):
        screening.make_ready(case, by=case.owner)
    screening.check_item(case, by=case.owner, item_id=item.pk, status="arrived")
    assert screening.make_ready(case, by=case.owner).state == State.READY and case.checklist.count() == 1
    other = make_case(State.SCREENING, specialty=make_specialty())
    ready = screening.make_ready(other, by=other.owner, override="Their hospital writes to us next week.")
    assert (ready.state, other.checklist.get().status) == (State.READY, "waived")
    assert checklists.gaps(other) == [f"{PHYSICIAN}. Their hospital writes to us next week."]


def test_once_the_rule_asks_for_no_physician_the_item_goes_unless_somebody_decided_it():
    rule_for("with_physician")
    cases = [make_case(State.SCREENING, specialty=make_specialty()) for _ in range(2)]
    items = [screening.claim(case, by=case.owner).checklist.get() for case in cases]
    screening.check_item(cases[1], by=cases[1].owner, item_id=items[1].pk, status="arrived")
    rule_for("direct")
    for case in cases:
        assert screening.make_ready(case, by=case.owner).state == State.READY
    assert [case.checklist.count() for case in cases] == [0, 1]


@pytest.mark.parametrize("verdict", ["direct", "silent"])
def test_elsewhere_no_physician_is_asked_for(verdict):
    rule_for(verdict)
    case = make_case(State.SCREENING, specialty=make_specialty())
    assert screening.make_ready(case, by=case.owner).state == State.READY and not case.checklist.exists()


def test_the_desk_reads_the_rule_with_its_source_and_whom_the_patient_named(client, settings):
    settings.REQUIRE_STAFF_MFA = False
    case = make_case(State.SCREENING, specialty=make_specialty())
    client.force_login(case.owner)

    def page():
        return " ".join(client.get(reverse("routing:case", args=[case.uid])).content.decode().split())

    assert "Find out first whether the patient may be served" in page()
    rule_for("with_physician")
    assert "Ohio law 1.2. Reviewed on Sunday 1 November 2026." in page() and "Nobody named. Ask the patient" in page()
    case.treating_doctors.create(name="Dr. Near", institution="Elm House", may_contact=True, contact="555 0100")
    assert "Dr. Near, Elm House (555 0100)" in page()
    rule_for("direct", sample=True)
    assert "A sample rule, which nobody here has reviewed." in page() and "Dr. Near, Elm House (555" not in page()


def test_a_case_is_complete_with_a_specialty_and_its_required_items_or_an_override():
    case = make_case(State.SCREENING)
    with pytest.raises(Refused, match="specialty"):
        screening.make_ready(case, by=case.owner)
    Case.objects.filter(pk=case.pk).update(specialty=make_specialty())
    mri, _ = case.checklist.create(text="MRI"), case.checklist.create(text="Old letters", required=False)
    with pytest.raises(Refused, match="MRI"):
        screening.make_ready(case, by=case.owner, override="  ")
    ready = screening.make_ready(case, by=case.owner, override="The hospital has lost it")
    assert ready.state == State.READY and ready.ready_at and ready.acknowledged_at
    mri.refresh_from_db()
    assert (mri.status, mri.reason, mri.by) == (ChecklistItem.Status.WAIVED, "The hospital has lost it", case.owner)
    assert case.journal.get(event="make_ready").reason == "The hospital has lost it"
    assert case.checklist.get(text="Old letters").status == ChecklistItem.Status.MISSING
    assert told("ready") == [case.patient]


def test_without_a_checklist_of_its_own_a_case_gets_the_specialtys_before_it_is_complete():
    ChecklistTemplate.objects.create(specialty=make_specialty(), text="Echo")
    case = make_case(State.SCREENING, specialty=make_specialty())
    with pytest.raises(Refused, match="Echo"):
        screening.make_ready(case, by=case.owner)


def test_sending_back_needs_a_reason_and_recalls_open_offers():
    case, specialist = ready_case(), make_specialist()
    (offer,) = offered(case, specialist)
    with pytest.raises(Refused):
        screening.send_back(case, by=case.owner, reason=" ")
    back = screening.send_back(case, by=case.owner, reason="The scan is unreadable", note="We need the scan again.")
    assert back.state == State.SCREENING
    offer.refresh_from_db()
    assert offer.status == Offer.Status.RECALLED
    assert told("offer_recalled") == [specialist]
    assert not Case.objects.visible_to(specialist, Right.SUMMARY).exists()
    line = case.journal.get(event="send_back")
    assert (line.reason, line.note) == ("The scan is unreadable", "We need the scan again.")


@pytest.mark.parametrize("state", [State.SCREENING, State.READY])
def test_declining_gives_a_code_words_and_an_alternative(state):
    case = make_case(state)
    with pytest.raises(Refused):
        screening.decline(case, by=case.owner, code="scope", text="x", alternative=" ")
    row = screening.decline(case, by=case.owner, code="scope", **WORDS)
    case.refresh_from_db()
    assert case.state == State.DECLINED and case.ended_at
    assert (row.status, row.answered_by) == (Decline.Status.CONFIRMED, case.owner)
    line = case.journal.get(event="decline")
    assert line.code == "scope" and WORDS["text"] in line.note and WORDS["alternative"] in line.note
    assert told("declined") == [case.patient]


def test_on_clinical_grounds_a_lead_confirms():
    lead, other_lead = make_user(Role.LEAD), make_user(Role.LEAD)
    case, specialist = ready_case(), make_specialist()
    offered(case, specialist)
    row = screening.decline(case, by=case.owner, code="clinical", **WORDS)
    assert Case.objects.get(pk=case.pk).state == State.READY
    assert row.status == Decline.Status.WAITING
    assert set(told("decline_confirm_wanted")) == {lead, other_lead}
    assert not case.offers.open().exists()
    with pytest.raises(Refused, match="waits for a lead"):
        screening.decline(case, by=case.owner, code="clinical", **WORDS)
    with pytest.raises(Refused, match="waits for a lead"):
        offers.send_offer(case, by=case.owner, specialist_id=specialist.pk)
    for verb in (screening.confirm_decline, lambda c, by: screening.reject_decline(c, by=by, answer="x")):
        with pytest.raises(NotAllowed):
            verb(case, by=case.owner)
    screening.confirm_decline(case, by=lead)
    row.refresh_from_db()
    assert (row.status, row.answered_by) == (Decline.Status.CONFIRMED, lead)
    assert Case.objects.get(pk=case.pk).state == State.DECLINED
    assert case.declines.count() == 1
    with pytest.raises(Conflict):
        screening.confirm_decline(case, by=lead)


def test_a_lead_who_does_not_agree_says_why_and_the_case_goes_on():
    lead = make_user(Role.LEAD)
    case = make_case(State.SCREENING)
    row = screening.decline(case, by=case.owner, code="clinical", **WORDS)
    with pytest.raises(Refused):
        screening.reject_decline(case, by=lead, answer=" ")
    screening.reject_decline(case, by=lead, answer="We can help with this.")
    row.refresh_from_db()
    assert (row.status, row.answer) == (Decline.Status.REJECTED, "We can help with this.")
    assert told("decline_rejected") == [case.owner]
    assert Case.objects.get(pk=case.pk).state == State.SCREENING
    with pytest.raises(Refused):
        screening.confirm_decline(case, by=lead)


def test_a_lead_declines_on_clinical_grounds_alone_also_where_a_proposal_waits():
    lead, case = make_user(Role.LEAD), make_case(State.SCREENING)
    screening.decline(case, by=case.owner, code="clinical", **WORDS)
    screening.decline(case, by=lead, code="clinical", text="Other words", alternative="Another place")
    assert [row.status for row in case.declines.order_by("pk")] == [Decline.Status.DROPPED, Decline.Status.CONFIRMED]
    assert Case.objects.get(pk=case.pk).state == State.DECLINED


def test_the_leads_hear_once_of_what_nobody_acknowledged_for_four_working_hours():
    lead = make_user(Role.LEAD)
    friday = datetime(2027, 3, 5, 15, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        case, quick = make_case(State.SCREENING), make_case(State.SCREENING)
        screening.claim(quick, by=quick.owner)
    for at, total in ((friday + timedelta(hours=5), 0), (friday + timedelta(days=3, hours=-5), 0)):
        with time_machine.travel(at, tick=False):
            assert screening.tell_leads_of_unacknowledged() == total
    with time_machine.travel(friday + timedelta(days=2, hours=20, minutes=1), tick=False):
        assert screening.tell_leads_of_unacknowledged() == 1
        assert screening.tell_leads_of_unacknowledged() == 0
    assert told("unacknowledged") == [lead]
    assert Notice.objects.get(kind="unacknowledged").case_uid == case.uid


def test_a_reopened_case_has_to_be_acknowledged_again():
    lead = make_user(Role.LEAD)
    monday = datetime(2027, 3, 8, 10, tzinfo=UTC)
    with time_machine.travel(monday, tick=False):
        case = make_case(State.DECLINED)
    with time_machine.travel(monday + timedelta(days=7), tick=False):
        services.reopen(case, by=case.patient, note="New scan")
        assert screening.tell_leads_of_unacknowledged() == 0
    with time_machine.travel(monday + timedelta(days=7, hours=5), tick=False):
        assert screening.tell_leads_of_unacknowledged() == 1
    assert told("unacknowledged") == [lead]
