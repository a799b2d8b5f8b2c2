"""What the tests of notices share."""

import re

from django.test import Client

from secondop.accounts.models import User
from secondop.notices.content import mail_of
from secondop.notices.models import Notice


def signed_in(user: User) -> Client:
    """A browser in which ``user`` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def status(notice: Notice) -> str:
    """Where a notice stands now."""
    notice.refresh_from_db()
    return notice.status


def link_in(notice: Notice) -> str:
    """The path that a mail's header names for ending mails of its sort."""
    mail = mail_of(notice).message()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [url] = re.fullmatch(r"<http://testserver(/\S+)>", str(mail["List-Unsubscribe"])).groups()
    assert f"http://testserver{url}" in mail_of(notice).body
    return url
