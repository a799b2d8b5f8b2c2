"""The demo's mailbox: readable mail, no way out of its folder, and not there outside the demo."""

from email.message import EmailMessage

import pytest
from django.test import override_settings
from lxml import html

from secondop.demo import mailbox


@pytest.fixture
def folder(tmp_path):
    """The folder of the demo's mail; a file beside it must stay out of reach."""
    (tmp_path / "secret.eml").write_bytes(b"Subject: secret\n\nkey")
    mail = tmp_path / "mail"
    mail.mkdir()
    with override_settings(DEMO=True, MAIL_DIR=mail):
        yield mail


def put(folder, name="1.eml", subject="Something waits", text="See http://localhost/cases/1/ <b>now</b>", rich=""):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "SecondOp <a@example.org>", "b@example.org"
    message.set_content(text)
    if rich:
        message.add_alternative(rich, subtype="html")
    (folder / name).write_bytes(bytes(message))


def test_a_mail_is_listed_and_read_with_its_links(folder, client, db):
    put(folder, rich="<script>alert(1)</script>")
    listed = client.get("/demo/mail/")
    assert b"Something waits" in listed.content
    response = client.get("/demo/mail/1.eml/")
    tree = html.fromstring(response.content)
    assert tree.xpath("//div[@class='letter']//a/@href") == ["http://localhost/cases/1/"]
    assert b"&lt;b&gt;now&lt;/b&gt;" in response.content
    assert b"alert(1)" not in response.content


@pytest.mark.parametrize("name", ["../secret.eml", "..%2fsecret.eml", ".hidden.eml", "1.txt", "link.eml", "no.eml", "a\x00.eml"])
def test_nothing_but_the_mails_of_the_folder_is_read(folder, name):
    put(folder, "1.txt")
    put(folder, ".hidden.eml")
    (folder / "link.eml").symlink_to(folder.parent / "secret.eml")
    assert mailbox.find(folder, name) is None


def test_a_way_out_of_the_folder_is_not_found(folder, client, db):
    assert client.get("/demo/mail/..%2Fsecret.eml/").status_code == 404
    assert client.get("/demo/mail/nothing.eml/").status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?bad?q?=FF?=\nContent-Type: text/plain; charset=klingon\n\n\xff\xff",
        b"Content-Type: multipart/alternative; boundary=x\n\n--x\n",
        b"Subject: a\n b\nTo: ,,<>\nContent-Transfer-Encoding: base64\n\n!!!!",
    ],
)
def test_a_broken_mail_is_shown_as_far_as_it_can_be_read(folder, client, db, raw):
    (folder / "1.eml").write_bytes(raw)
    assert client.get("/demo/mail/").status_code == 200
    assert client.get("/demo/mail/1.eml/").status_code == 200


def test_an_empty_mailbox_says_what_will_be_here(folder, client, db):
    folder.rmdir()
    assert b"No mail yet" in client.get("/demo/mail/").content


def test_there_is_no_mailbox_outside_the_demo(folder, client, db):
    put(folder)
    with override_settings(DEMO=False):
        assert client.get("/demo/mail/").status_code == 404
        assert client.get("/demo/mail/1.eml/").status_code == 404
