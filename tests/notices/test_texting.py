"""Sending text messages: beside the mail, once, over a real socket, and again later where it failed."""

import logging
import re
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondop.notices import carriers, delivery, gateways
from secondop.notices.choices import choose
from secondop.notices.models import Channel, Choices, Notice, Phone, Status
from secondop.notices.phones import remove, send_code
from secondop.notices.services import call_off, deliver, retry, sweep, tell
from secondop.notices.tasks import deliver as deliver_task
from secondop.notices.tasks import sweep_texts
from secondop.web.clock import now, shifted
from tests.servers import LONG, free_port

from .conftest import NUMBER
from .gateway import TOKEN, GatewayServer


def the_text(**wanted) -> Notice:
    """The one text in the outbox."""
    return Notice.objects.get(channel=Channel.TEXT, **wanted)


def test_a_text_goes_beside_its_mail_and_each_once(texted, case, gateway, mail_server):
    tell(texted, "released", case=case, key="k")
    assert tell(texted, "released", case=case, key="k") is None
    text = the_text()
    assert (text.context, text.link, text.raw) == ({}, "", "")
    for _ in range(2):
        sweep_texts()
        deliver_task(str(text.uid))
        assert sweep() in (0, 1)
    assert len(mail_server.mails) == len(gateway.texts) == 1
    [(path, head, body)] = gateway.texts
    assert (path, head["Authorization"], head["Content-Type"]) == ("/texts", f"Bearer {TOKEN}", "application/json")
    assert body == {
        "to": NUMBER,
        "id": str(text.uid),
        "text": "SecondOp: What you asked us for is ready. Sign in: http://testserver/ To stop these texts, see Notices there.",
    }
    assert head["Idempotency-Key"] == body["id"]
    assert not re.search(case.reference, str(gateway.texts))
    assert set(Notice.objects.values_list("channel", "status", "attempts")) == {("mail", "sent", 1), ("text", "sent", 1)}


def test_no_text_is_queued_for_who_has_not_asked_for_it(texted, ana, case, gateway, settings):
    tell(texted, "ready", case=case)  # progress is nothing for texts
    choose(ana, only_here=[], by_text=["questions"])
    tell(ana, "released", case=case)
    Phone.objects.update(number="", confirmed_at=None, wanted=NUMBER)
    ana.refresh_from_db()
    tell(ana, "ask_opened", case=case)
    settings.SMS_TRANSPORT = ""
    Phone.objects.update(number=NUMBER, confirmed_at=now())
    tell(ana, "ask_opened", case=case)
    assert not Notice.objects.filter(channel=Channel.TEXT).exists()


@pytest.mark.parametrize("change", ["number removed", "not wanted", "no gateway"])
def test_what_nobody_wants_any_more_is_dropped(texted, case, gateway, settings, change):
    tell(texted, "released", case=case)
    if change == "number removed":
        Phone.objects.all().delete()
    elif change == "not wanted":
        Choices.objects.update(by_text=[])
    else:
        settings.SMS_TRANSPORT = ""
    assert sweep(Channel.TEXT) == 0
    assert (the_text().status, the_text().attempts, gateway.tried) == (Status.DROPPED, 0, 0)
    assert not Notice.objects.stuck().exists()


def test_what_is_called_off_is_not_texted_and_a_group_without_mail_may_be(texted, case, gateway):
    tell(texted, "ask_opened", case=case)
    call_off(case, "ask_opened")
    assert not Notice.objects.exists()
    choose(texted, only_here=["questions"], by_text=["questions"])
    tell(texted, "ask_opened", case=case)
    assert sweep(Channel.TEXT) == len(gateway.texts) == 1


def test_texts_keep_the_quiet_hours_and_codes_do_not(texted, case, gateway):
    choose(texted, only_here=[], quiet_from=time(22), quiet_until=time(7))
    with shifted(datetime(2026, 11, 27, 23, tzinfo=UTC)):
        tell(texted, "released", case=case)
        send_code(texted, "+447911123456")
        assert sweep(Channel.TEXT) == 1
        assert gateway.texts[0][2]["to"] == "+447911123456"
        waiting = the_text(kind="released")
        assert (waiting.status, waiting.next_try_at) == (Status.QUEUED, datetime(2026, 11, 28, 7, tzinfo=UTC))
    with shifted(datetime(2026, 11, 28, 7, 0, 1, tzinfo=UTC)):
        assert sweep(Channel.TEXT) == 1


def test_a_refused_text_has_failed_and_can_be_sent_again_while_its_mail_is_out(texted, case, gateway, mail_server, caplog):
    gateway.wanted.status = 400
    tell(texted, "released", case=case)
    assert (sweep(), sweep(Channel.TEXT)) == (1, 0)
    text = the_text()
    assert (text.status, text.attempts, text.last_error) == (Status.FAILED, 1, "Refused 400")
    assert list(Notice.objects.stuck()) == [text]
    gateway.wanted.status = 200
    assert retry(text.uid)
    assert deliver(text.uid)
    assert (len(mail_server.mails), len(gateway.texts)) == (1, 1)
    assert NUMBER not in caplog.text


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 503, 302])
def test_what_is_no_fault_of_the_text_is_tried_again_and_no_redirect_is_followed(texted, case, gateway, status):
    gateway.wanted.status = status
    gateway.wanted.headers["Location"] = gateway.url
    tell(texted, "released", case=case)
    assert sweep(Channel.TEXT) == 0
    text = the_text()
    assert (text.status, text.attempts, text.last_error, gateway.tried) == (Status.QUEUED, 1, f"TryLater {status}", 1)
    gateway.wanted.status = 202
    with shifted(timedelta(minutes=1, seconds=1)):
        assert sweep(Channel.TEXT) == 1
    assert gateway.texts[0][2]["id"] == str(text.uid)


def test_after_ten_tries_it_has_failed(texted, case, gateway):
    gateway.wanted.status = 503
    tell(texted, "released", case=case)
    for hours in range(0, 30, 2):
        with shifted(timedelta(hours=hours)):
            sweep(Channel.TEXT)
    assert (the_text().status, the_text().attempts, gateway.tried) == (Status.FAILED, 10, 10)


def test_the_gateway_is_left_alone_as_long_as_it_asks_within_an_hour(texted, case, gateway):
    gateway.wanted.status, gateway.wanted.headers["Retry-After"] = 429, "1200"
    for kind in ("released", "ask_opened"):
        tell(texted, kind, case=case)
    assert (sweep(Channel.TEXT), gateway.tried) == (0, 1)
    gateway.wanted.status = 202
    with shifted(timedelta(minutes=19)):
        assert (sweep(Channel.TEXT), gateway.tried) == (0, 1)
    with shifted(timedelta(minutes=21)):
        assert sweep(Channel.TEXT) == 2
    assert sum(Notice.objects.filter(channel=Channel.TEXT).values_list("attempts", flat=True)) == 3


@given(st.text(max_size=12) | st.integers().map(str) | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(format_datetime))
def test_whatever_it_asks_the_wait_is_between_nothing_and_an_hour(asked):
    assert timedelta(0) <= gateways.wait_of(asked) <= timedelta(hours=1)


def test_a_date_to_wait_for_is_understood():
    soon = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)
    assert timedelta(minutes=20) < gateways.wait_of(soon) <= timedelta(minutes=30)


def test_no_gateway_is_no_fault_of_the_texts_and_holds_up_no_mail(texted, case, settings, mail_server):
    port = free_port()
    settings.SMS_TRANSPORT, settings.SMS_URL = "secondop.notices.gateways.HttpGateway", f"http://127.0.0.1:{port}/"
    for _ in range(3):
        tell(texted, "released", case=case)
    for minutes in range(0, 60, 2):
        with shifted(timedelta(minutes=minutes)):
            assert sweep(Channel.TEXT) == 0
    assert sweep() == 3
    assert set(Notice.objects.filter(channel=Channel.TEXT).values_list("status", "attempts")) == {(Status.QUEUED, 0)}
    assert "ConnectionError" in Notice.objects.values_list("last_error", flat=True)
    with GatewayServer(port), shifted(timedelta(hours=1)):
        assert sweep(Channel.TEXT) == 3


def test_a_gateway_that_hangs_up_may_have_taken_the_text_and_gets_it_again_under_the_same_id(texted, case, gateway):
    gateway.wanted.hangs_up = True
    tell(texted, "released", case=case)
    assert sweep(Channel.TEXT) == 0
    assert (the_text().attempts, the_text().last_error) == (1, "ConnectionError")
    gateway.wanted.hangs_up = False
    with shifted(timedelta(minutes=2)):
        assert sweep(Channel.TEXT) == 1
    assert gateway.texts[0][1]["Idempotency-Key"] == str(the_text().uid)


def test_a_gateway_that_stalls_costs_one_time_out_and_then_rests(texted, case, gateway, monkeypatch):
    monkeypatch.setattr(gateways, "ANSWER", 0.3)
    monkeypatch.setattr(carriers, "SLOW", 0.0)
    gateway.wanted.stalls = True
    for kind in ("released", "ask_opened"):
        tell(texted, kind, case=case)
    assert sweep(Channel.TEXT) == 0
    tries = Notice.objects.filter(channel=Channel.TEXT).order_by("attempts").values_list("attempts", "last_error")
    assert list(tries) == [(0, "ServerAway"), (1, "ReadTimeout")], "the second waits until a minute is over"
    monkeypatch.setattr(gateways, "ANSWER", LONG)
    gateway.wanted.stalls = False
    with shifted(timedelta(minutes=2)):
        assert sweep(Channel.TEXT) == 2


def test_a_dead_worker_s_text_is_found_when_its_lease_is_over(texted, case, gateway):
    tell(texted, "released", case=case)
    assert delivery._claim(the_text().uid), "a worker took it, and died"
    assert sweep(Channel.TEXT) == 0
    with shifted(delivery.LEASE + timedelta(seconds=1)):
        assert sweep(Channel.TEXT) == len(gateway.texts) == 1


def test_a_code_that_is_over_or_refused_is_forgotten_unsent(ana, gateway):
    send_code(ana, NUMBER)
    with shifted(timedelta(minutes=11)):
        assert sweep(Channel.TEXT) == 0
    assert (the_text().status, the_text().raw, gateway.tried) == (Status.DROPPED, "", 0)
    gateway.wanted.status = 422
    send_code(ana, NUMBER)
    assert sweep(Channel.TEXT) == 0
    assert set(Notice.objects.values_list("status", "raw")) == {(Status.DROPPED, "")}


@pytest.mark.parametrize("then", ["another code", "removed"])
def test_a_code_in_a_worker_s_hands_is_not_sent_later_once_it_works_no_more(ana, gateway, then):
    send_code(ana, NUMBER)
    first = the_text()
    assert delivery._claim(first.uid), "a worker took it, and died"
    if then == "removed":
        remove(ana)
    else:
        send_code(ana, "+447911123456")
    with shifted(delivery.LEASE + timedelta(seconds=1)):
        sweep(Channel.TEXT)
    first.refresh_from_db()
    assert (first.status, first.raw) == (Status.DROPPED, "")
    assert [body["to"] for _, _, body in gateway.texts] == ([] if then == "removed" else ["+447911123456"])


def test_removing_the_number_takes_back_what_waits(texted, case, gateway):
    tell(texted, "released", case=case)
    send_code(texted, "+447911123456")
    remove(texted)
    assert not Notice.objects.filter(channel=Channel.TEXT).exists()
    assert Choices.objects.get().by_text == []


def test_neither_number_nor_answer_is_in_any_log_or_row(texted, case, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    gateway.wanted.status = 500
    tell(texted, "released", case=case)
    send_code(texted, "+447911123456")
    sweep(Channel.TEXT)
    gateway.wanted.hangs_up = True
    with shifted(timedelta(minutes=2)):
        sweep(Channel.TEXT)
    gateway.wanted.hangs_up, gateway.wanted.status = False, 202
    with shifted(timedelta(minutes=5)):
        assert sweep(Channel.TEXT) == 2
    said = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    kept = str(list(Notice.objects.values()))
    for secret in (NUMBER[1:], "447911123456", "said", TOKEN):
        assert secret not in said + kept
