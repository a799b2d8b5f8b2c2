"""The frame of all mails: ours and allauth's are valid, plain, in our colours, and silent about anybody's case."""

import re
from datetime import UTC, datetime
from pathlib import Path

import allauth
import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from lxml import html

from secondop.accounts.letters import LETTERS, letter_for
from secondop.accounts.models import User
from secondop.embedded.data import ROOT
from secondop.notices.content import mail_of
from secondop.notices.kinds import ACCOUNT, KINDS
from secondop.notices.letters import Letter
from secondop.notices.models import Notice
from tests.markup import faults
from tests.notices.test_kinds import FILLED, HEALTH
from tests.pages.test_contrast import tokens
from tests.words import grade

WRITTEN = sorted(set(KINDS) - {ACCOUNT})
OF_ALLAUTH = {
    "password_reset_url": "http://testserver/accounts/password/reset/key/1-abc/",
    "signup_url": "http://testserver/accounts/signup/",
    "code": "ABCD-2345",
    "ip": "192.0.2.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 <b>Win at evil.example</b>",
    "timestamp": datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "deleted_email": "old@example.org",
}


def lines(text: str) -> str:
    """The sentences of a mail's text that somebody has to understand, without addresses and codes."""
    blocks = (re.sub(r"\S+@\S+|SO-\S+|https?://\S+", "it", block).strip() for block in text.split("\n"))
    return " ".join(block for block in blocks if block.endswith((".", "?")))


def check(mail: EmailMultiAlternatives) -> html.HtmlElement:
    """What holds for every mail; its HTML as a tree."""
    [page] = [part.content for part in mail.alternatives if part.mimetype == "text/html"]
    tree = html.document_fromstring(page)
    assert faults(page) == []
    assert page.lstrip().startswith("<!doctype html>")
    assert tree.get("lang") == "en"
    assert tree.xpath("//title/text()") == [mail.subject]
    assert tree.xpath("string(//h1)").replace("\u00a0", " ") == mail.subject
    assert len(mail.subject) <= 70
    assert not tree.xpath("//img|//script|//link|//@srcset|//@background|//*[contains(@style, 'url(')]"), "nothing is fetched"
    links = tree.xpath("//a/@href")
    assert links
    assert {link.split("/")[2] for link in links} == {"testserver"}
    assert all(link in mail.body for link in links), "the text is a twin"
    assert all(
        " ".join(p.split()) in " ".join(mail.body.split()) for p in tree.xpath("//p[@class='ink']/text()|//p[@class='ink']/span/text()")
    )
    assert not HEALTH.search(mail.subject)
    assert not re.search(r"{{|{%|\{\w+\}|None", mail.body + page)
    assert grade(lines(mail.body)) <= 8, lines(mail.body)
    assert mail.message().get_content_type() == "multipart/alternative"
    return tree


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_kind_is_a_good_mail(kind):
    for recipient in (None, User(full_name="Ana Ruiz", email="ana@example.org")):
        tree = check(mail_of(Notice(kind=kind, email="ana@example.org", link="/there/?a=1&b=2", context=FILLED, recipient=recipient)))
        assert "http://testserver/there/?a=1&b=2" in tree.xpath("//a/@href")


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_mail_of_allauth_is_a_good_mail(name):
    mail = letter_for(name, OF_ALLAUTH).mail()
    check(mail)
    assert mail.body.startswith("Hello,\n")
    assert "evil.example" not in mail.body + mail.alternatives[0].content, "a browser says of itself what it likes"
    said = [OF_ALLAUTH[key] for key in ("code", "password_reset_url", "signup_url") if f"{{{key}}}" in f"{LETTERS[name]}"]
    assert len(said) == 1 or "with this browser: Firefox on Linux." in mail.body
    assert all(value in mail.body and value in mail.alternatives[0].content for value in said)


def test_no_mail_of_allauth_is_left_in_its_own_words(settings):
    apps = {app.removeprefix("allauth.").replace(".", "/") for app in settings.INSTALLED_APPS if app.startswith("allauth.")}
    folder = Path(allauth.__file__).parent / "templates"
    theirs = {
        str(path.relative_to(folder)).removesuffix("_subject.txt") for app in apps for path in folder.glob(f"{app}/email/*_subject.txt")
    }
    assert theirs == set(LETTERS)
    assert import_string(settings.ACCOUNT_ADAPTER)().render_mail("account/email/password_set", "a@example.org", OF_ALLAUTH).to == [
        "a@example.org"
    ]


def test_the_frame_has_the_colours_of_the_site():
    source = (ROOT / "templates/notices/letter.html").read_text()
    long = {f"#{c[1] * 2}{c[2] * 2}{c[3] * 2}" if len(c) == 4 else c for mode in tokens().values() for c in mode.values()}
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", source)) <= long
    assert "prefers-color-scheme: dark" in source
    assert 'name="color-scheme" content="light dark"' in source


def test_what_is_typed_stays_text():
    mail = Letter(
        "A <b>subject</b>", ("One & <i>two</i>.",), name="Ana & Co", action="Go", url="http://testserver/?a=1&b=2", code="<1>"
    ).mail()
    page = mail.alternatives[0].content
    assert "<b>" not in page
    assert "<i>" not in page
    assert "Hello Ana & Co," in mail.body
    assert "One & <i>two</i>." in mail.body
