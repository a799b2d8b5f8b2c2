"""A prepared query gives what the queryset would, and a written row is stored as saving it would."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.db.transaction import TransactionManagementError

from secondop.cases.access import Access, Right
from secondop.cases.models import Brief, Case
from secondop.cases.states import State
from secondop.web.clock import now, today
from secondop.web.prepared import Prepared, Slot, among, write
from tests.factories import make_case, make_draft

pytestmark = pytest.mark.django_db


def test_it_gives_the_rows_of_the_queryset_for_any_values(django_assert_num_queries):
    asked = Prepared(Case.objects.select_related("brief", "specialist").annotate(whose=F("patient__email")).filter(pk=Slot("pk")))
    for case in (make_case(State.IN_REVIEW), make_case(State.SCREENING), make_draft()):
        wanted = (case, case.patient.email, case.brief, case.brief.values, case.specialist)
        with django_assert_num_queries(1):
            found = asked.first(pk=case.pk)
            assert (found, found.whose, found.brief, found.brief.values, found.specialist) == wanted
        assert not found._state.adding
    assert asked.first(pk=0) is None


def test_the_same_slot_may_stand_in_several_places():
    case = make_draft()
    at = Slot("at")
    asked = Prepared(
        Access.objects.active(at).filter(Q(user=Slot("who")) | Q(given_by=Slot("who")), case=Slot("case")).values_list("right", flat=True)
    )
    assert asked.all(at=now(), who=case.patient_id, case=case.pk) == [Right.OWN]
    assert asked.all(at=case.created_at.replace(year=2000), who=case.patient_id, case=case.pk) == []
    with pytest.raises(KeyError):
        asked.all(at=now(), who=case.patient_id)


def test_a_moment_that_would_stand_still_is_refused():
    for rows in (
        Access.objects.active(),
        Case.objects.filter(decision_date=today()),
        Case.objects.visible_to(make_draft().patient, Right.OWN),
    ):
        with pytest.raises(ValueError, match="slot"):
            Prepared(rows)


def test_any_number_of_values_may_be_looked_for():
    cases = [make_draft() for _ in range(3)]
    asked = Prepared(Case.objects.filter(among("pk", "pks")).order_by("pk"))
    assert asked.all(pks=[case.pk for case in cases[1:]]) == cases[1:]
    assert asked.all(pks=[]) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_of_a_transaction():
    case = make_draft()
    with transaction.atomic():
        asked = Prepared(Case.objects.select_for_update().filter(pk=Slot("pk")))
        assert asked.first(pk=case.pk) == case
    with pytest.raises(TransactionManagementError):
        asked.first(pk=case.pk)


def test_a_row_is_written_as_it_would_be_saved(django_assert_num_queries):
    brief = make_draft().brief
    given = {
        "diagnosis": "It’s “50 %”",
        "values": ["work", "cost"],
        "noted": {"a": ["b", None]},
        "first_opinion_on": date(2026, 2, 28),
        "no_emergency": True,
        "signed_by_id": brief.case.patient_id,
        "signed_ip": "2001:db8::1",
    }
    for name, value in given.items():
        setattr(brief, name, value)
    with django_assert_num_queries(1):
        write(brief, *given)
    assert {name: getattr(Brief.objects.get(), name) for name in given} == given
    brief.signed_by_id = brief.signed_ip = brief.first_opinion_on = None
    write(brief, "signed_by", "signed_ip", "first_opinion_on")
    stored = Brief.objects.get()
    assert (stored.signed_by, stored.signed_ip, stored.first_opinion_on, stored.diagnosis) == (None, None, None, given["diagnosis"])


def test_a_row_that_is_gone_is_not_written_in_silence():
    brief = make_draft().brief
    Brief.objects.all().delete()
    with pytest.raises(DatabaseError):
        write(brief, "diagnosis")
