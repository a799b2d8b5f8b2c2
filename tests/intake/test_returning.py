"""Somebody stops half-way and comes back a week later: their session is over, nothing that they wrote is."""

from datetime import timedelta

import time_machine
from django.urls import reverse

from intake.tasks import watch_drafts
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.notices.services import sweep
from secondop.web.clock import now
from tests.factories import PASSWORD

from .filled import HEALTH, QUESTION, WHO, begin, put, signature, signed_in, url


def test_who_stops_half_way_is_reminded_and_sends_the_request_a_week_later():
    client = signed_in()
    case = begin(client)
    assert put(client, case, "who", WHO).status_code == 302
    assert put(client, case, "question", {**QUESTION, "questions-0-text": "", "questions-2-text": ""}, act="later").status_code == 302
    begun = now()
    with time_machine.travel(begun + timedelta(days=3, hours=1)):
        watch_drafts()
        sweep()
    reminder = Notice.objects.get(recipient=client.user, kind="draft_reminder")
    assert reminder.sent_at, "its mail has left"
    with time_machine.travel(begun + timedelta(days=8)):
        hub = url("hub", case)
        sent_away = client.get(hub)
        assert sent_away.status_code == 302 and sent_away.url == f"{reverse('account_login')}?next={hub}"
        back = client.post(sent_away.url, {"login": client.user.email, "password": PASSWORD})
        assert back.url == hub
        states = [step["state"] for step in client.get(hub).context["steps"]]
        assert states == ["done", "now", "todo", "todo"]
        form = client.get(url("screen", case, "question")).context["form"]
        assert form["diagnosis"].value() == QUESTION["diagnosis"] and form["values_own"].value() == QUESTION["values_own"]
        assert put(client, case, "question", QUESTION).status_code == 302
        assert put(client, case, "health", HEALTH).status_code == 302
        assert put(client, case, "consent", signature(client, case)).status_code == 302
        assert client.post(url("submit", case)).url == url("receipt", case)
        assert case.reference in client.get(url("receipt", case)).content.decode()
        watch_drafts()
    assert Case.objects.get(pk=case.pk).state == State.SCREENING
    assert Notice.objects.filter(recipient=client.user, kind="draft_reminder").count() == 1
