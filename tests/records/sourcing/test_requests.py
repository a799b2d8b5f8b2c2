"""Requests to offices: who may ask, the office's time, the chases, and what everybody reads of it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from records import export
from records.models import RecordRequest
from records.sourcing import law, pages, services, watching
from records.sourcing.letters import letter_of
from routing.queue import Filters, read_queue
from routing.services import screening
from secondop.audit.models import Entry
from secondop.cases.asks import open_ask
from secondop.cases.clocks import waiting_on
from secondop.cases.erasing import erase
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused, move
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.documents import services as documents
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted, today
from tests.factories import make_case, make_user
from tests.records.sourcing.conftest import authorize

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def take_back(consent):
    consent.revoked_at, consent.revoked_by = now(), consent.by
    consent.save()


def sent(asked, by, ago=0):
    return services.send(asked.case, by=by, asked=asked, sent_on=today() - ago * DAY, how="fax")


@pytest.mark.parametrize(
    ("country", "due", "longer"),
    [
        ("US", date(2026, 3, 2), date(2026, 4, 1)),
        ("de", date(2026, 2, 28), date(2026, 4, 28)),
        ("GB", date(2026, 2, 28), date(2026, 4, 28)),
        ("BR", date(2026, 3, 2), date(2026, 4, 1)),
    ],
)
def test_the_office_has_the_time_that_the_law_of_the_place_gives(country, due, longer):
    rule = law.rule_for(country)
    found = rule.due(date(2026, 1, 31))
    assert (found, rule.extended(found)) == (due, longer)


def test_letters_are_not_made_without_end(asked, coordinator, monkeypatch):
    monkeypatch.setattr(documents, "A_CASE_AN_HOUR", 2)
    again = {"case": asked.case, "by": coordinator}
    with pytest.raises(Refused, match="in an hour"):
        services.make_letters(**again, asked=asked)
    with pytest.raises(Refused, match="in an hour"):
        services.ask(**again, by_patient=False, source=authorize(asked.case, "County Hospital")[0])
    with shifted(timedelta(hours=1)):
        services.make_letters(**again, asked=asked)


def test_the_time_and_the_chases_begin_with_the_day_it_was_sent(asked, coordinator):
    request = sent(asked, coordinator)
    assert (request.due_on, request.chase_on) == (today() + 30 * DAY, today() + 3 * DAY)
    told = []
    for day in range(32):
        with shifted(day * DAY):
            for _ in range(2):
                watching.watch()
            fresh = RecordRequest.objects.get()
            if fresh.chases:
                told.append(day)
                assert Notice.objects.filter(kind="records_chase").count() == len(told)
                services.chase(fresh.case, by=coordinator, asked=fresh, remark="by phone")
    assert told == [3, 7, 14, 21, 28]
    assert fresh.chase_on is None


def test_a_chase_that_nobody_made_stays_due_and_is_told_of_once(asked, coordinator):
    sent(asked, coordinator)
    for day in (3, 4, 15):
        with shifted(day * DAY):
            watching.watch()
    assert Notice.objects.filter(kind="records_chase").count() == 1
    with shifted(15 * DAY):
        request = services.chase(asked.case, by=coordinator, asked=asked)
    assert request.chase_on == today() + 21 * DAY


def test_nobody_asks_without_an_authorization_that_holds(case, coordinator):
    source, consent = authorize(case)
    request = services.ask(case, by=coordinator, by_patient=False, source=source)
    assert request.letters.count() == 2
    take_back(consent)
    for verb in (services.chase, services.make_letters):
        with pytest.raises((Refused, Conflict)):
            verb(case, by=coordinator, asked=request)
    with pytest.raises(Refused):
        sent(request, coordinator)
    other = services.ask(case, by=coordinator, by_patient=False, office="County Clinic")
    assert not other.letters.exists()
    assert Notice.objects.filter(kind="authorization_wanted", recipient_id=case.patient_id).count() == 1
    with pytest.raises(Refused):
        sent(other, coordinator)


def test_the_patient_asks_without_one_and_each_side_runs_its_own(case, asked, coordinator):
    own = services.ask(case, by=case.patient, by_patient=True, office="My eye doctor")
    assert [letter.part for letter in own.letters.all()] == ["letter"]
    with pytest.raises(NotAllowed):
        sent(own, coordinator)
    with pytest.raises(NotAllowed):
        sent(asked, case.patient)
    with pytest.raises(NotAllowed):
        services.ask(case, by=case.patient, by_patient=False, office="X")
    assert sent(own, case.patient).is_out


def test_a_place_is_asked_once_at_a_time(case, asked, coordinator):
    assert services.ask(case, by=coordinator, by_patient=False, source=asked.source) == asked
    services.cancel(case, by=coordinator, asked=asked)
    assert services.ask(case, by=coordinator, by_patient=False, source=asked.source) != asked


def test_a_verb_that_comes_twice_or_too_late_is_not_done(asked, coordinator):
    sent(asked, coordinator)
    with pytest.raises(Conflict):
        sent(asked, coordinator)
    services.extend(asked.case, by=coordinator, asked=asked)
    with pytest.raises(Refused):
        services.extend(asked.case, by=coordinator, asked=asked)
    assert RecordRequest.objects.get().due_on == today() + 60 * DAY
    services.receive(asked.case, by=coordinator, asked=asked)
    with pytest.raises(Conflict):
        services.refuse(asked.case, by=coordinator, asked=asked)


def test_requests_end_with_their_case(asked, coordinator):
    sent(asked, coordinator)
    move(asked.case, "withdraw", by=asked.case.patient)
    assert watching.watch() == 1
    assert watching.watch() == 0
    request = RecordRequest.objects.get()
    assert request.status == "cancelled"
    assert not request.links.live().exists()


def test_the_letters_hold_the_link_the_law_and_the_signed_words(asked):
    cover, signed = (letter_of(letter) for letter in asked.letters.order_by("pk"))
    assert "45 CFR 164.524" in cover and "data:image/svg+xml;base64," in cover and "/records/drop/" in cover
    assert "I authorize it." in signed and "/records/drop/" not in signed


def test_a_letter_is_made_as_a_tagged_pdf(asked):
    letter = asked.letters.first()
    assert documents.render(letter.pk, letter_of)
    letter.refresh_from_db()
    assert documents.is_intact(letter)


def test_the_ledger_costs_the_same_with_one_and_with_many(asked, coordinator, django_assert_num_queries):
    client = Client()
    client.force_login(coordinator)
    client.get(reverse("records:ledger"))
    with django_assert_num_queries(3):
        list(pages.ledger(coordinator, None)[0])
    for number in range(20):
        sent(
            services.ask(asked.case, by=coordinator, by_patient=False, source=authorize(asked.case, f"Lab {number}")[0]),
            coordinator,
            number,
        )
    with django_assert_num_queries(3):
        page, due = pages.ledger(coordinator, None)
        found = [(request.office, request.case.owner, request.case.reference) for request in page]
    assert (len(found), due) == (21, 18)
    with django_assert_num_queries(3):
        assert len(pages.rows_of(asked.case, [])) == 21


def test_every_verb_leaves_a_row_in_the_audit_log(asked, coordinator):
    sent(asked, coordinator)
    services.acknowledge(asked.case, by=coordinator, asked=asked)
    found = Entry.objects.filter(action__startswith="request.", actor=coordinator).values_list("action", flat=True)
    assert list(found.order_by("seq")) == ["request.made", "request.sent", "request.acknowledged"]


def test_a_request_goes_with_its_case(asked, coordinator):
    erase(asked.case, by=asked.case.patient)
    assert not RecordRequest.objects.exists()


def test_a_case_waits_for_the_office_until_the_patient_or_the_desk_is_asked(asked, coordinator):
    case = screening.claim(asked.case, by=coordinator)
    sent(asked, coordinator)

    def row():
        (found,) = read_queue(coordinator, Filters(), None).rows
        return found.waiting.party, found.needs_me

    assert row() == (Party.SOURCE, False)
    assert waiting_on(Case.objects.get(pk=case.pk)).party == Party.SOURCE
    client = Client()
    client.force_login(case.patient)
    assert "We are fetching your records." in client.get(reverse("tracking:case", args=[case.uid])).content.decode()
    with shifted(3 * DAY):
        assert row() == (Party.SOURCE, True)
    open_ask(case, by=coordinator, items=["Which knee?"])
    assert row() == (Party.PATIENT, False)


def test_a_copy_of_the_case_names_who_was_asked_without_the_notes_of_staff(asked, coordinator):
    services.send(asked.case, by=coordinator, asked=asked, sent_on=today(), how="fax", remark="Spoke to Jo")
    (told,) = export.requests(asked.case, asked.case.patient).data["record_requests"]
    assert (told["office"], told["sent_on"]) == ("Mercy Hospital", today())
    assert "Spoke to Jo" not in str(told)
    assert "Spoke to Jo" in str(export.requests(asked.case, coordinator).data)
    assert export.requests(asked.case, make_user()).data == {}


def test_a_case_erased_while_the_clock_goes_through_requests_holds_up_no_other(asked, coordinator, monkeypatch):
    other = make_case(coordinator=coordinator)
    services.ask(other, by=coordinator, by_patient=False, source=authorize(other)[0])
    Case.objects.update(state=State.WITHDRAWN)
    look_at = watching.look_at

    def late(request):
        if request.case_id == asked.case_id:
            erase(asked.case, by=None)
        look_at(request)

    monkeypatch.setattr(watching, "look_at", late)
    watching.watch()
    assert list(RecordRequest.objects.values_list("case", "status")) == [(other.pk, "cancelled")]
