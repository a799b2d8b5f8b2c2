"""Unique words go the whole way, from the patient's first answer to the opinion, through faults too; then we look where they went."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from opinions.models import Letter, Opinion
from secondop.accounts.models import Role, User
from secondop.audit.models import Entry
from secondop.cases import erasures
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.notices.models import Notice
from secondop.web.clock import now, shifted
from tests.factories import PASSWORD, make_user
from tests.records import files
from tests.routing.people import make_specialist, make_specialty
from tests.servers import LONG
from tracking.leaving import accounts

from .forms import Page
from .site import Answer, Browser, Site

HEALTH, NAME = "Quagga", "Okapi"  # what somebody wrote, and the patient's name
SOON = LONG
numbers = count()


class Person:
    """Somebody who fills in every field of a page with words of their own."""

    def __init__(self, site: Site, user: User) -> None:
        self.user, self.browser = user, site.browser(user)
        self.titles: list[str] = []

    def get(self, path: str) -> Answer:
        """Open a page and keep its title."""
        answer = self.browser.get(path)
        self.titles.append(Page(answer.text, path).title)
        return answer

    def fill(self, path: str, action: str = "", **chosen: Any) -> Answer:
        """Open a page and send one of its forms with markers in all its texts; ``chosen`` are the fields that take no text."""
        action = action or path
        form = next(form for form in Page(self.get(path).text, path).forms if form.action == action)
        marks = {name: f"{HEALTH}{next(numbers)}" for name in form.typed}
        answer = self.browser.post(action, {**form.values, **marks, **chosen})
        assert answer.status == 302, (path, answer.status, answer.words)
        self.get(re.sub(r"^https?://[^/]*", "", answer.location))
        return answer


@pytest.fixture(scope="module")
def broker_heard(site: Site) -> Iterator[list[str]]:
    """All that is said to the broker as long as the module runs."""
    heard: list[str] = []
    with redis.Redis.from_url(site.redis.url, socket_timeout=None) as client, client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                heard.append(command["command"])
                if command["command"].startswith("ECHO the end"):
                    return

        listener = Thread(target=listen)
        listener.start()
        yield heard
        client.echo("the end")
        listener.join(LONG)


@pytest.fixture(scope="module")
def cast(site: Site, broker_heard: list[str]) -> SimpleNamespace:
    """The people, and the site running for them."""
    site.start_web()
    site.start_worker()
    specialist = make_specialist()
    users = {"patient": make_user(full_name=f"{NAME} Patient"), "coordinator": make_user(Role.COORDINATOR), "specialist": specialist}
    asked_again = [users["patient"].pk, specialist.pk]
    User.objects.filter(pk__in=asked_again).update(password=ScryptPasswordHasher().encode(PASSWORD, "salt"))
    return SimpleNamespace(**{name: Person(site, User.objects.get(pk=user.pk)) for name, user in users.items()})


def asked(patient: Person) -> Case:
    """The patient's request, with files, sent."""
    patient.browser.post("/request/", {"country": "US", "region": "Ohio"})
    case = Case.objects.get(patient=patient.user)
    screen, nothing = f"/request/{case.uid}/screen/%s/", {"act": "continue"}
    who = {"emergency": "no", "region": "Ohio", "for_whom": "self", "age_band": "40-64", "channel": "phone", "phone": "+1 555 0100"}
    patient.fill(screen % "who", **who, **nothing)
    question = {"reason": "operation", "values": ["quality"], "detail": "full", "prognosis": "ask", "first_opinion_on": "2026-10-05"}
    patient.fill(screen % "question", **question, **nothing)
    listed = ("event", "medicine", "allergy", "condition", "operation", "family")
    patient.fill(screen % "health", **{f"{kind}_state": "listed" for kind in listed}, **{"sources-0-how": "upload"}, **nothing)
    sent = patient.browser.upload(f"/records/{case.uid}/upload/", (f"{HEALTH}.pdf", files.pdf(mark=HEALTH)), (f"{HEALTH}.txt", b"no"))
    assert sent.status == 302
    decisions = dict.fromkeys(("remote_review", "share_with_doctor", "family", "follow_up", "research"), "yes")
    patient.fill(screen % "consent", typed_name=f"{NAME} Patient", intent="on", **decisions, **nothing)
    patient.fill(f"/request/{case.uid}/check/", f"/request/{case.uid}/submit/")
    return case


def made_ready(site: Site, cast: SimpleNamespace, case: Case) -> None:
    """The coordinator asks, the patient answers, everything is complete."""
    desk = reverse("routing:case", args=[case.uid])
    cast.coordinator.browser.post(f"{desk}claim/", {})
    cast.coordinator.fill(f"{desk}facts/", specialty=str(make_specialty().pk))
    cast.coordinator.fill(f"{desk}ask/")
    home = f"/cases/{case.uid}/"
    cast.patient.fill(home, f"{home}asks/{case.asks.get().pk}/")
    for item in case.checklist.all():
        cast.coordinator.fill(f"{desk}checklist/{item.pk}/", status="waived")
    cast.coordinator.fill(f"{desk}ready/")
    site.until(lambda: not case.records.exclude(status__in=("ready", "refused")).exists(), SOON)


def reviewed(cast: SimpleNamespace, case: Case) -> None:
    """The specialist accepts, asks, writes in every field, and signs."""
    cast.coordinator.fill(reverse("routing:offer", args=[case.uid]), specialist_id=str(cast.specialist.user.pk))
    offer = f"/offers/{case.offers.get().uid}/"
    cast.specialist.fill(offer, f"{offer}accept/", kinds="none", conflict_text="")
    room = f"/review/{case.uid}/"
    cast.specialist.fill(room, f"{room}first-read/")
    cast.specialist.fill(room, f"{room}ask/")
    answers = {f"answers-{n}-verdict": "answered" for n in range(case.questions.count())}
    grid = {f"grid-{n}-verdict": "agree" for n in range(6)}
    sources = {f"evidence-{n}-url": f"https://example.org/{HEALTH}" for n in range(2)}
    cast.specialist.fill(room, icd10="C64.2", strength="strong", urgency="months", then="sign", **answers, **grid, **sources)
    draft = Opinion.objects.get(case=case)
    signed = cast.specialist.browser.post(f"{room}sign/", {"password": PASSWORD, "version": str(draft.edits)})
    assert signed.status == 302, signed.words


@pytest.fixture(scope="module")
def case(site: Site, cast: SimpleNamespace) -> Case:
    """A case that went the whole way, met every fault on it, and was closed."""
    case = asked(cast.patient)
    made_ready(site, cast, case)
    reviewed(cast, case)
    site.until(lambda: Letter.objects.filter(opinion__case=case, status="ready").exists(), SOON)
    check, opinion = f"/review/{case.uid}/check/", f"/opinion/{case.uid}/"
    cast.coordinator.fill(check, f"/review/{case.uid}/return/", code="other")
    room = f"/review/{case.uid}/"
    cast.specialist.browser.post(
        f"{room}sign/", {"password": PASSWORD, "version": str(Opinion.objects.get(case=case, status="draft").edits)}
    )
    site.until(lambda: Letter.objects.filter(opinion__case=case, status="ready").count() == 2, SOON)
    cast.coordinator.fill(check, f"/review/{case.uid}/release/")
    cast.patient.fill(opinion, f"{opinion}open/")
    assert cast.patient.browser.get(f"{opinion}pdf/").text.startswith("%PDF-")
    faults(site, cast.patient.browser, case)
    cast.patient.fill(f"/cases/{case.uid}/reopen/")
    cast.patient.fill(f"/cases/{case.uid}/withdraw/")
    site.until(lambda: not Notice.objects.exclude(status="sent").exists(), SOON)
    return case


def faults(site: Site, patient: Browser, case: Case) -> None:
    """What goes wrong is logged: send words into each kind of failure."""
    words, reopen = {"note": f"{HEALTH} {HEALTH}"}, f"/cases/{case.uid}/reopen/"
    site.database.cut()
    assert patient.post(reopen, words).status == 503
    site.database.mend()
    assert patient.post(reopen, {"note": f"{HEALTH}\0"}).status == 400
    assert patient.post(reopen, {"note": HEALTH * 2_000_000}).status == 413
    assert patient.post(reopen, {"note": HEALTH * 2_000}).status == 422
    assert patient.send("POST", reopen, f"note={HEALTH}".encode(), "application/x-www-form-urlencoded").status == 403
    assert patient.get(f"/cases/{case.uid}/{HEALTH}/").status == 404
    assert site.browser(make_user()).post(reopen, words).status == 404


def test_the_words_are_where_they_belong(case, cast):
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    page = cast.patient.get(f"/opinion/{case.uid}/")
    assert page.words.count(HEALTH) > 20
    assert next(numbers) > 70, "so many fields were filled in"


def test_no_log_holds_them(site, case):
    for name in ("web", "worker"):
        log = site.log(name)
        assert "Traceback" in log or name == "worker"
        for line in log.splitlines():
            assert NAME not in line
            assert HEALTH not in line or "Not Found: /cases/" in line, line


def test_no_mail_holds_them(site, case, cast):
    assert len(site.mail.mails) > 8
    for recipient, mail in site.mail.mails:
        text = "\n".join([*map(str, mail.values()), *[part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]])
        assert HEALTH not in text
        assert NAME not in text or recipient == cast.patient.user.email


def test_no_task_holds_them_and_the_broker_keeps_nothing(site, case, broker_heard):
    said = "\n".join(broker_heard)
    bodies = [
        base64.b64decode(body).decode()
        for body in re.findall(r'\\"body\\": \\"([A-Za-z0-9+/=]+)\\"|"body": "([A-Za-z0-9+/=]+)"', said)
        for body in body
    ]
    assert sum("[[" in body for body in bodies) > 20
    for text in (said, *bodies):
        assert HEALTH not in text
        assert NAME not in text


def test_no_audit_row_notice_title_or_address_holds_them(case, cast):
    rows = [*Entry.objects.values(), *Notice.objects.values()]
    titles = [title for person in vars(cast).values() for title in person.titles]
    assert len(rows) > 60
    assert len(set(titles)) > 10
    for text in map(str, [*rows, *titles]):
        assert HEALTH not in text
        assert NAME not in text


def kept(site: Site) -> Iterator[tuple[str, bytes]]:
    """All that the site keeps, with where it is: each table as text, each session opened, each file of the vault, each key of Redis."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT whole::text FROM "{table}" AS whole')
            yield table, repr(cursor.fetchall()).encode()
    yield "sessions", repr([session.get_decoded() for session in Session.objects.all()]).encode()
    for path in Path(settings.VAULT_DIR).rglob("*"):
        yield str(path), str(path).encode() + (path.read_bytes() if path.is_file() else b"")
    with redis.Redis.from_url(site.redis.url) as client:
        for key in client.scan_iter():
            yield repr(key), client.dump(key)


def places(site: Site, word: str) -> set[str]:
    """Where ``word`` is kept."""
    return {place for place, content in kept(site) if word.encode() in content}


def test_nothing_of_them_is_left_of_an_erased_case_and_a_closed_account(site, case, cast):
    assert len(places(site, HEALTH)) > 10
    week, me = timedelta(days=7, minutes=1), cast.patient.browser
    assert me.post(f"/cases/{case.uid}/erase/", {"password": PASSWORD}).status == 302
    with shifted(week):
        assert erasures.carry_out_due() == 1
    assert places(site, HEALTH) == set()
    assert not list(Path(settings.VAULT_DIR).rglob(f"*{case.uid}*"))
    assert "accounts_user" in places(site, NAME)
    assert me.post("/cases/account/close/", {"password": PASSWORD}).status == 302
    with shifted(week):
        assert accounts.close_due() == 1
    Notice.objects.update(next_try_at=now())
    site.until(lambda: not Notice.objects.exclude(status="sent").exists(), SOON)
    accounts.close_due()
    assert places(site, NAME) | places(site, cast.patient.user.email) == set()
