"""The patient's page about who looked at their case."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from secondop.accounts.models import Role
from secondop.audit.services import record
from secondop.cases.access import Right, grant
from secondop.cases.looked import WORDS
from secondop.cases.states import State
from secondop.web.clock import now
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
# What people do for the case, not looks at it; its steps stand in the timeline.
NOT_LOOKS = {
    "archive.remove",
    "case.close",
    "opinion.ask",
    "opinion.release",
    "opinion.rerender",
    "opinion.return",
    "opinion.write",
    "record.clear_refused",
    "record.preview_again",
    "record.remove",
    "record.upload",
    "second.ask",
    "second.recall",
    "series.remove",
}


def look(case, by, action="case.read", times=1, outcome="allowed"):
    for _ in range(times):
        record(action, by=by, case_uid=case.uid, patient_id=case.patient_id, outcome=outcome)


def page(client, case, query=""):
    answer = client.get(reverse("tracking:looked", args=[case.uid]) + query)
    assert answer.status_code == 200
    return answer


def test_each_person_act_and_day_is_a_line_newest_first(client):
    case, colleague, stranger = make_case(State.SCREENING), make_user(Role.COORDINATOR), make_user()
    client.force_login(case.patient)
    with time_machine.travel(now() - timedelta(days=2), tick=False):
        look(case, colleague, times=3)
    look(case, stranger, "case.refused", outcome="refused")
    look(case, case.patient)
    lines = page(client, case).context["lines"]
    assert [(line.who, line.what, line.times) for line in lines] == [
        ("Somebody without access", "Was refused", 1),
        ("The care team", "Opened the case", 3),
    ]
    everybody = page(client, case, "?all")
    assert ("You", "Opened the case", 1) in [(line.who, line.what, line.times) for line in everybody.context["lines"]]
    assert str(colleague) not in everybody.content.decode() and str(stranger) not in everybody.content.decode()


def test_it_is_for_the_patient_alone_and_about_one_case(client):
    case, other = make_case(State.SCREENING), make_case(State.SCREENING)
    proxy = make_user()
    grant(case, proxy, Right.DECIDE, "family")
    look(other, make_user(), "record.open")
    client.force_login(case.patient)
    assert page(client, case).context["lines"] == [] and b"Nobody yet" in page(client, case).content
    assert client.get(reverse("tracking:looked", args=[other.uid])).status_code == 404
    client.force_login(proxy)
    assert client.get(reverse("tracking:looked", args=[case.uid])).status_code == 404


def test_the_queries_do_not_grow_with_the_lines(client, django_assert_num_queries, django_assert_max_num_queries):
    case = make_case(State.SCREENING)
    client.force_login(case.patient)
    look(case, make_user(Role.COORDINATOR))
    with django_assert_max_num_queries(16) as first:
        page(client, case)
    for _ in range(60):
        look(case, make_user(Role.COORDINATOR), "record.list")
    with django_assert_num_queries(len(first)):
        assert len(page(client, case).context["lines"]) == 50


def test_every_reading_gate_has_words_for_the_patient():
    gates = set()
    for side in ("requests", "reviews", "secondop"):
        for path in (settings.ROOT / side).rglob("*.py"):
            gates.update(re.findall(r'action="([a-z_]+\.[a-z_]+)"', path.read_text()))
    assert gates - set(WORDS) == NOT_LOOKS
