"""Queueing: in the transaction of the act, once, and safe from what people type."""

import pytest
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, mail_admins, send_mail
from django.db import IntegrityError, transaction

from secondop.notices.content import mail_of
from secondop.notices.kinds import ACCOUNT
from secondop.notices.models import Notice, Status
from secondop.notices.services import queue_mail, tell, tell_address

pytestmark = pytest.mark.django_db


def test_a_notice_belongs_to_the_transaction_of_its_act(ana, case):
    with transaction.atomic():
        assert tell(ana, "ready", case=case)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_a_key_makes_it_once_only(ana, case, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        assert tell(ana, "ready", case=case, key="k")
    assert tell(ana, "ready", case=case, key="k") is None
    assert tell(ana, "ready", case=case)
    assert tell(ana, "ready", case=case)
    assert Notice.objects.count() == 3


def test_accounts_that_are_switched_off_are_not_told(ana, case):
    ana.is_active = False
    assert tell(ana, "ready", case=case) is None
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [("unknown", {}, KeyError), ("ready", {"case": None}, KeyError), ("ready", {"link": "https://evil.example"}, ValueError)],
)
def test_mistakes_show_where_they_are_made(ana, case, kind, more, error):
    with pytest.raises(error):
        tell(ana, kind, **{"case": case, **more})


def test_what_is_kept_names_the_case_only_by_uid_and_reference(ana, case):
    notice = tell(ana, "released", case=case, key="k")
    kept = Notice.objects.get(pk=notice.pk)
    assert (kept.recipient, kept.email, kept.case_uid, kept.context) == (ana, ana.email, case.uid, {"reference": case.reference})
    assert (kept.status, kept.attempts, kept.sent_at) == (Status.QUEUED, 0, None)


def test_an_address_without_an_account_can_be_told():
    notice = tell_address("new@example.org", "invitation", link="/accounts/invitation/secret/", context={"name": "Dr. New"})
    assert notice.recipient is None
    assert "If you did not expect this mail" in mail_of(notice).body


def test_mail_of_django_and_allauth_goes_to_the_outbox(ana):
    mail = EmailMultiAlternatives(
        "Your code", "123456", "x@example.org", ["ANA@example.org", "other@example.org"], reply_to=["r@example.org"]
    )
    mail.attach_alternative("<b>123456</b>", "text/html")
    assert mail.send() == 1
    mine, other = Notice.objects.order_by("email")
    assert (mine.recipient, other.recipient) == (ana, None)
    sent = mail_of(mine)
    assert (sent.subject, sent.body, sent.to, sent.alternatives[0].content) == ("Your code", "123456", ["ANA@example.org"], "<b>123456</b>")
    assert sent.message()["Reply-To"] == "r@example.org"
    assert {mine.kind, other.kind} == {ACCOUNT}


def test_a_header_of_two_lines_is_refused_and_nothing_is_queued():
    for mail in (EmailMessage("a\nBcc: x@example.org", "", None, ["a@example.org"]), EmailMessage("a", "", None, ["a@example.org\nx"])):
        with pytest.raises(BadHeaderError):
            queue_mail(mail)
    assert not Notice.objects.exists()


def test_attachments_do_not_leave_by_mail():
    mail = EmailMessage("a", "b", None, ["a@example.org"], attachments=[("opinion.pdf", b"%PDF", "application/pdf")])
    with pytest.raises(ValueError, match="attachments"):
        queue_mail(mail)


def test_the_other_roads_of_django_lead_here_too(settings):
    settings.ADMINS = [("Op", "op@example.org")]
    send_mail("s", "b", None, ["a@example.org"])
    mail_admins("s", "b")
    assert set(Notice.objects.values_list("email", flat=True)) == {"a@example.org", "op@example.org"}


def test_a_sent_notice_keeps_no_mail(ana):
    notice = Notice.objects.create(kind=ACCOUNT, email=ana.email, raw="secret code")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(status=Status.SENT)
