"""Sending: once, over a real socket, and again later where it failed."""

import base64
import json
import shutil
import time
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.mail import send_mail
from django.db import connection

from secondop.notices import delivery
from secondop.notices.models import Notice, Status
from secondop.notices.services import deliver, retry, sweep, tell, tell_address
from secondop.notices.tasks import deliver as deliver_task
from secondop.web.clock import now, shifted
from tests.servers import LONG, free_port

from .smtp import MailServer


def test_a_notice_is_sent_and_a_second_task_sends_nothing(ana, case, mail_server):
    notice = tell(ana, "released", case=case, link="/opinion/1/")
    assert deliver(notice.uid)
    assert not deliver(notice.uid)
    deliver_task(str(notice.uid))
    assert sweep() == 0
    [(recipient, mail)] = mail_server.mails
    assert (recipient, mail["Subject"]) == ("ana@example.org", "Your second opinion SO-7F3K-29QD is here")
    assert "Hello Ana María Ruiz," in mail.get_body(("plain",)).get_content()
    assert "http://testserver/opinion/1/" in mail.get_body(("html",)).get_content()
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.taken_until, notice.last_error) == (Status.SENT, 1, None, "")


def test_codes_and_invitations_are_forgotten_once_sent(ana, mail_server):
    send_mail("Code", "123456", None, [ana.email])
    tell_address("new@example.org", "invitation", link="/accounts/invitation/secret/")
    assert sweep() == 2
    assert mail_server.connections == 1
    assert "123456" in mail_server.mails[0][1].get_content()
    assert set(Notice.objects.values_list("raw", "link", "status")) == {("", "", Status.SENT)}


def test_a_refused_mail_is_tried_again_later_and_later(ana, case, mail_server):
    mail_server.refusals[ana.email] = "450 4.2.1 ana@example.org is busy"
    notice, waited = tell(ana, "ready", case=case, link="/cases/1/"), timedelta(0)
    for minutes in (1, 2, 4, 8):
        with shifted(waited):
            assert sweep() == 0
            notice.refresh_from_db()
            assert timedelta(minutes=minutes) - (notice.next_try_at - now()) < timedelta(seconds=30)
            assert sweep() == 0
        waited += timedelta(minutes=minutes)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.last_error) == (Status.QUEUED, 4, "SMTPRecipientsRefused 450")
    assert list(Notice.objects.stuck()) == [notice]
    mail_server.refusals.clear()
    with shifted(waited):
        assert sweep() == 1
    assert len(mail_server.mails) == 1
    assert not Notice.objects.stuck().exists()


def test_after_ten_refusals_it_has_failed_and_a_coordinator_can_retry_it(ana, case, mail_server):
    mail_server.refusals[ana.email] = "550 no such user"
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    for hours in range(0, 30, 2):
        with shifted(timedelta(hours=hours)):
            sweep()
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.last_error) == (Status.FAILED, 10, "SMTPRecipientsRefused 550")
    assert list(Notice.objects.stuck()) == [notice]
    assert not deliver(notice.uid)
    mail_server.refusals.clear()
    assert retry(notice.uid)
    assert deliver(notice.uid)
    assert not retry(notice.uid)


def test_one_refused_mail_does_not_hold_up_the_others(ana, case, mail_server):
    mail_server.refusals["first@example.org"] = "550 no"
    tell_address("first@example.org", "ready", case=case, link="/cases/1/")
    for number in range(3):
        tell_address(f"{number}@example.org", "ready", case=case, link="/cases/1/")
    assert sweep() == 3
    assert mail_server.connections == 2


@pytest.mark.parametrize("verb", [b"MAIL", b"RCPT", b"DATA"])
def test_a_server_that_hangs_up_in_the_middle_is_tried_again(ana, case, mail_server, verb):
    mail_server.hang_up_at.add(verb)
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    assert not deliver(notice.uid)
    notice.refresh_from_db()
    assert (notice.attempts, notice.last_error, notice.taken_until) == (1, "SMTPServerDisconnected", None)
    mail_server.hang_up_at.clear()
    with shifted(timedelta(minutes=2)):
        assert deliver(notice.uid)
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize(("verb", "tries"), [(b"", 0), (b"EHLO", 1), (b"RCPT", 1), (b"DATA", 1)])
def test_a_server_that_stalls_is_left_after_the_time_out_and_tried_again(ana, case, mail_server, settings, verb, tries):
    settings.EMAIL_TIMEOUT = 0.3
    mail_server.stall_at.add(verb)
    notices = [tell(ana, "ready", case=case, link="/cases/1/") for _ in range(2)]
    begun = time.monotonic()
    assert not deliver(notices[0].uid)
    assert time.monotonic() - begun < LONG
    notices[0].refresh_from_db()
    assert (notices[0].status, notices[0].attempts, notices[0].taken_until) == (Status.QUEUED, tries, None)
    assert notices[0].last_error in ("TimeoutError", "SMTPServerDisconnected")
    mail_server.stall_at.clear()
    settings.EMAIL_TIMEOUT = LONG
    with shifted(timedelta(minutes=2)):
        assert sweep() == 2
    assert len(mail_server.mails) == 2


def test_no_mail_server_is_no_fault_of_the_mails_and_they_go_out_once_it_is_back(ana, case, settings):
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    notices = [tell(ana, "ready", case=case, link="/cases/1/") for _ in range(3)]
    for minutes in range(0, 60, 2):
        with shifted(timedelta(minutes=minutes)):
            assert sweep() == 0
    assert set(Notice.objects.values_list("status", "attempts")) == {(Status.QUEUED, 0)}
    assert "ConnectionRefusedError" in Notice.objects.values_list("last_error", flat=True)
    assert Notice.objects.stuck().exists()
    with MailServer(settings.EMAIL_PORT) as server, shifted(timedelta(hours=1)):
        assert sweep() == 3
        assert len(server.mails) == len(notices)


def test_a_dead_worker_s_notice_is_found_when_its_lease_is_over(ana, case, mail_server):
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    assert delivery._claim(notice.uid), "a worker took it, and died"
    assert sweep() == 0
    with shifted(delivery.LEASE + timedelta(seconds=1)):
        assert sweep() == 1
    assert len(mail_server.mails) == 1


def test_a_notice_that_kills_its_workers_fails_in_the_end(ana, case, mail_server):
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    for number in range(12):
        with shifted(number * timedelta(minutes=2)):
            delivery._claim(notice.uid)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts) == (Status.FAILED, 10)


def test_a_worker_that_lost_its_lease_books_nothing(ana, case, mail_server):
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    slow = delivery._claim(notice.uid)
    with shifted(delivery.LEASE + timedelta(seconds=1)):
        assert deliver(notice.uid)
    assert not delivery._book(slow, status=Status.FAILED)
    notice.refresh_from_db()
    assert notice.status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_sends(ana, case, mail_server):
    notices, barrier, sent = [tell(ana, "ready", case=case, link="/cases/1/") for _ in range(5)], Barrier(8), []

    def work(number: int):
        barrier.wait()
        sent.append(sweep() if number % 2 else sum(deliver(notice.uid) for notice in notices))
        connection.close()

    threads = [Thread(target=work, args=[number]) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(sent) == len(mail_server.mails) == len(notices)
    assert len({mail["Message-ID"] for _, mail in mail_server.mails}) == len(notices)


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_holds_up_no_act_and_the_sweep_sends_the_mail(ana, case, mail_server, caplog):
    queue = Path(deliver_task.app.conf.broker_transport_options["data_folder_out"])
    shutil.rmtree(queue, ignore_errors=True)
    assert tell(ana, "ready", case=case, link="/cases/1/")
    assert "deliver was not sent" in caplog.text
    assert sweep() == 1
    queue.mkdir(parents=True)
    caplog.clear()
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    [message] = queue.glob("*.notices.msg")
    assert json.loads(base64.b64decode(json.loads(message.read_text())["body"]))[0] == [str(notice.uid)]
    assert not caplog.text
    shutil.rmtree(queue)


def test_a_folder_takes_each_mail_once_and_shows_it_to_nobody_else(ana, case, settings, tmp_path):
    settings.MAIL_TRANSPORT, settings.MAIL_DIR = "secondop.notices.backends.FolderBackend", tmp_path / "mail"
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    assert deliver(notice.uid)
    Notice.objects.update(status=Status.QUEUED, sent_at=None)
    assert deliver(notice.uid), "as if the worker had died before it booked the first"
    [file] = settings.MAIL_DIR.iterdir()
    assert file.name == f"{notice.uid}.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Your request SO-7F3K-29QD is complete" in file.read_bytes()


def test_a_full_disk_is_an_error_like_any_other(ana, case, settings):
    settings.MAIL_TRANSPORT, settings.MAIL_DIR = "secondop.notices.backends.FolderBackend", "/dev/null/mail"
    notice = tell(ana, "ready", case=case, link="/cases/1/")
    assert not deliver(notice.uid)
    notice.refresh_from_db()
    assert (notice.attempts, notice.last_error) == (1, "NotADirectoryError")
