"""The table of kinds: every mail renders, is plain to read, leads to a page, and says nothing about anybody's health."""

import re
from uuid import uuid4

import pytest
import textstat
from django.urls import get_resolver

from secondop.cases.states import MOVES
from secondop.embedded.data import ROOT
from secondop.notices.content import greeting_name, mail_of, values
from secondop.notices.kinds import ACCOUNT, KINDS, PAGES, words
from secondop.notices.models import Notice

FILLED = {
    "reference": "SO-7F3K-29QD",
    "name": "Ana",
    "day": "Friday 4 December 2026",
    "person": "Tom Ruiz",
    "total": "5",
    "counts": "News on the desk: 3. Messages on cases: 2.",
}
WRITTEN = sorted(set(KINDS) - {ACCOUNT})
HEALTH = re.compile(
    r"diagnos|cancer|disease|illness|symptom|treat|medic|drug|tumou?r|surger|operation|test result|biops|scan|prescri|condition|pain", re.I
)


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_kind_is_plain_and_says_nothing_of_health(kind):
    subject, text, action = words(kind, values(FILLED))
    assert len(subject) <= 70
    assert "\n" not in subject
    assert action
    assert not HEALTH.search(f"{subject} {text} {action}")
    assert textstat.automated_readability_index(text.replace("SO-7F3K-29QD", "it")) <= 8
    assert max(len(sentence.split()) for sentence in re.split(r"[.!?] ", text)) <= 22


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_kind_renders_as_text_and_html(kind, settings):
    settings.ORGANISATION = "St. Mary's & Sons"
    mail = mail_of(Notice(kind=kind, email="a@example.org", link="/there/?a=1&b=2", context=FILLED))
    page = mail.alternatives[0].content
    url = settings.BASE_URL + "/there/?a=1&b=2"
    assert f"\n{url}\n" in mail.body
    assert f'href="{url.replace("&", "&amp;")}"' in page
    assert "St. Mary&#x27;s &amp; Sons" in page
    assert "Hello Ana," in mail.body
    assert "{" not in mail.body + mail.subject
    assert not HEALTH.search(mail.body)


def test_every_move_tells_in_words_of_the_table():
    told = {(party, kind) for move in MOVES.values() for party, kind in move.tells.items()}
    assert {kind for _, kind in told} <= set(KINDS)
    assert {(party, kind) for party, kind in told if KINDS[kind].staff != (party != "patient")} == set()


@pytest.mark.parametrize("name", PAGES.values())
def test_every_page_a_notice_leads_to_exists(name):
    space, _, own = name.partition(":")
    spaces = get_resolver().namespace_dict
    assert space in spaces, f"no app has the URL names of {name} yet"
    assert own in spaces[space][1].reverse_dict


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ana María Ruiz-O’Neil Jr.", "Ana María Ruiz-O’Neil Jr."),
        ("山田 太郎", "山田 太郎"),
        ("Ana\r\nBcc: x@example.org", ""),
        ("Win at evil.example now", ""),
        ("https://evil.example", ""),
        ("<b>Ana</b>", ""),
        ("A" * 100, ""),
        ("Ana\n  Ruiz", "Ana Ruiz"),
    ],
)
def test_a_name_greets_and_does_nothing_else(name, greeted):
    assert greeting_name(name) == greeted


def test_mails_about_a_case_are_headed_for_one_person_and_threaded_by_the_notice():
    notice = Notice(uid=uuid4(), kind="released", email="a@example.org", context=FILLED, link="/x")
    first, second = mail_of(notice).message(), mail_of(notice).message()
    assert first["Message-ID"] == second["Message-ID"] == f"<{notice.uid}@testserver>"
    assert first["To"] == "a@example.org"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content_type() == "multipart/alternative"


def test_every_kind_is_told_by_some_service():
    files = [path for folder in ("secondop", "requests", "reviews") for path in (ROOT / folder).rglob("*.py")]
    told = "\n".join(path.read_text() for path in files if path.parent.name != "notices" and "migrations" not in path.parts)
    assert [kind for kind in WRITTEN if f'"{kind}"' not in told] == ["digest"], "a kind that nobody tells is a promise that nobody keeps"
    assert "DIGEST" in (ROOT / "secondop/inbox/digest.py").read_text()
