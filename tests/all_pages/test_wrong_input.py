"""Every form of the site with what nobody should send: too much, too old, not storable, without its token, after signing out; and
with what is right while the broker, and the mail server, are away.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client, TestCase
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from opinions.services import versions, writing
from secondop.cases.models import Case
from secondop.celery import app
from secondop.demo.people import PASSWORD as DEMO_PASSWORD
from secondop.embedded.run import free_port
from secondop.notices.models import Notice, Status
from tests.faults.forms import Form, Page
from tests.matrix import EVERYBODY, MATRIX
from tests.notices.smtp import MailServer
from tests.world import World, patterns, undone

LONG = "x" * 100_000
AT_ONCE = 20  # fields of 100,000 characters that one form may have before it is too large as a whole
SCREENS = ("who", "question", "health", "consent")
URLENCODED = "application/x-www-form-urlencoded"


class Shown(NamedTuple):
    """A form as somebody meets it."""

    client: Client
    page: str
    form: Form


@pytest.fixture(scope="module")
def forms(world: World) -> list[Shown]:
    """Every form that any page shows to the first of those who may see it, that of an opinion after its first read among them."""
    case = Case.objects.get(pk=world.cases["question"].pk)
    stamp = writing.Stamp(versions.draft_of(case, case.specialist).edits, "")
    writing.lock_first_read(case, by=case.specialist, stamp=stamp, text="Looks moderate to me.")
    found = {}
    for client, path in pages(world):
        with undone():
            answer = client.get(path)
        if answer.headers["Content-Type"].startswith("text/html"):
            for form in Page(answer.content.decode(), path).forms:
                found.setdefault(form.action, Shown(client, path, form))
    return [shown for action, shown in found.items() if "logout" not in action]


def pages(world: World) -> Iterator[tuple[Client, str]]:
    for name, route in patterns().items():
        row = MATRIX.get(name)
        if row and row.get:
            client = world.clients["patient" if row.get == EVERYBODY else row.get.split()[0]]
            path = world.address(name, route, row)
            yield from [(client, path.replace("/who/", f"/{screen}/")) for screen in (SCREENS if name == "intake:screen" else ["who"])]
    yield world.clients["specialist"], f"/review/{world.cases['question'].uid}/"


def post(shown: Shown, **changes: Any) -> Any:
    """Send the form, with its fields changed, and undo what that did."""
    with undone():
        return shown.client.post(shown.form.action, {**shown.form.values, **changes})


def post_multipart(shown: Shown, bad: bytes, names: list[str]) -> Any:
    """Send the form in the encoding of uploads, with ``bad`` in the fields ``names``."""
    body = encode_multipart(BOUNDARY, {**shown.form.values, **dict.fromkeys(names, "MARK")}).replace(b"MARK", bad)
    with undone():
        return shown.client.generic("POST", shown.form.action, body, content_type=MULTIPART_CONTENT)


def test_a_hundred_thousand_characters_are_refused_field_by_field_and_come_back(forms):
    tried = 0
    for shown in forms:
        for begin in range(0, len(shown.form.typed), AT_ONCE):
            fields = shown.form.typed[begin : begin + AT_ONCE]
            answer = post(shown, **dict.fromkeys(fields, LONG))
            page = answer.content.decode()
            assert answer.status_code == 422, (shown.form.action, fields)
            assert page.count(LONG) >= len(fields), (shown.form.action, fields)
            assert page.count("100000") >= len(fields), (shown.form.action, "each is told its length")
            alone = {name for name in fields if "-" not in name}  # the lines of a table are marked as a group
            assert alone <= Page(page, shown.form.action).refused, shown.form.action
            tried += len(fields)
    assert tried > 60
    assert {name for shown in forms for name in shown.form.typed} >= {"diagnosis", "bottom_line", "note", "text", "reason", "full_name"}


def test_a_year_long_past_is_asked_about(forms):
    tried = {name: post(shown, **{name: "0203-05-01"}) for shown in forms for name in shown.form.dates}
    assert set(tried) >= {"decision_date", "first_opinion_on", "proposed_due"}
    for name, answer in tried.items():
        assert answer.status_code == 422, name
        assert "0203-05-01" in answer.content.decode(), name
        assert "check the year" in answer.content.decode(), name


def test_what_cannot_be_stored_is_refused_in_any_field_and_either_encoding(forms):
    for shown in forms:
        others = [name for name in shown.form.values if name not in shown.form.hidden]
        for names in [others, *[[name] for name in shown.form.hidden]]:
            answer = post_multipart(shown, b"a\0b", names)
            assert answer.status_code < 500, (shown.form.action, names)
        assert post_multipart(shown, b"a\xed\xb2\x80b", others).status_code < 500, shown.form.action
        with undone():
            assert shown.client.post(shown.form.action, "a=%00", content_type=URLENCODED).status_code == 400


def test_a_body_of_ten_megabytes_is_refused(forms):
    for shown in forms[:5]:
        with undone():
            answer = shown.client.post(shown.form.action, "a=" + 10_000_000 * "x", content_type=URLENCODED)
        assert answer.status_code == 413, shown.form.action
        assert "That is more than we can take at once" in answer.content.decode()
    upload = next(shown for shown in forms if shown.form.action.endswith("/upload/"))
    assert post(upload, note=10_000_000 * "x").status_code in (400, 413)


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(forms):
    for shown in forms:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = shown.client.cookies
        with undone():
            answer = strict.post(shown.form.action, {name: v for name, v in shown.form.values.items() if name != "csrfmiddlewaretoken"})
        assert answer.status_code == 403, shown.form.action
        assert "Please send that form again" in answer.content.decode(), shown.form.action


def test_a_form_sent_after_signing_out_leads_back_to_its_page(forms, world):
    for shown in [shown for shown in forms if not shown.page.startswith("/accounts/")]:
        browser = Client()
        answer = browser.post(shown.form.action, shown.form.values, headers={"Referer": f"http://testserver{shown.page}"})
        assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={shown.page}"), shown.form.action
        assert "what you sent was not taken" in browser.get(answer.url).content.decode()
    browser, check = Client(), f"/request/{world.cases['draft'].uid}/check/"
    answer = browser.post(check.replace("check", "submit"), headers={"Referer": f"http://testserver{check}"})
    person = {"login": "patient@demo.example", "password": DEMO_PASSWORD, "next": check}
    with undone():
        signed_in = browser.post(answer.url, person, follow=True)
    assert (signed_in.status_code, signed_in.redirect_chain[-1][0]) == (200, check)


def test_a_page_elsewhere_is_not_gone_back_to(world):
    answer = Client().post(f"/request/{world.cases['draft'].uid}/submit/", headers={"Referer": "https://evil.example/page/"})
    assert answer.url == "/accounts/login/?next=/me/"
    script = Client().post(f"/request/{world.cases['draft'].uid}/autosave/who/", headers={"Sec-Fetch-Mode": "cors"})
    assert "messages" not in script.cookies


@pytest.fixture
def no_redis() -> Iterator[None]:
    """This process's broker is a Redis that refuses."""
    kept = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    away = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}

    def use(changes: dict[str, Any]) -> None:
        app.conf.update(changes)
        app._pool = None
        app.__dict__.pop("amqp", None)

    use({"broker_url": f"redis://127.0.0.1:{free_port()}/0", "broker_transport_options": away})
    yield
    use(kept)


def test_no_form_fails_while_the_broker_refuses(forms, no_redis, caplog):
    taken = 0
    for shown in forms:
        with undone(), TestCase.captureOnCommitCallbacks(execute=True):
            answer = shown.client.post(shown.form.action, {**shown.form.values, **dict.fromkeys(shown.form.typed, "Plain words.")})
        assert answer.status_code < 500, shown.form.action
        taken += answer.status_code == 302
    assert taken > 20
    said = [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert sum("was not sent" in line for line in said) > 10
    assert not [line for line in said if "on_commit" in line], "what was not sent is no fault of the request"


@pytest.fixture
def silent_mail_server(settings) -> Iterator[MailServer]:
    """A mail server that takes connections and never says a word; all mail goes the way it goes in production."""
    settings.EMAIL_BACKEND, settings.MAIL_TRANSPORT = (
        "secondop.notices.backends.OutboxBackend",
        "django.core.mail.backends.smtp.EmailBackend",
    )
    with MailServer() as server:
        server.stall_at.add(b"")
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 2
        yield server


NEW = {"full_name": "Ann New", "password1": "a-long-sentence-of-no-meaning"}
MAILING = {  # forms of others than us that send a mail: who sends them, and what
    "a new account": ("anonymous", "account_signup", {**NEW, "email": "ann@example.org"}),
    "an account that exists": ("anonymous", "account_signup", {**NEW, "email": "patient@demo.example"}),
    "a lost password": ("anonymous", "account_reset_password", {"email": "patient@demo.example"}),
    "a lost password of nobody": ("anonymous", "account_reset_password", {"email": "nobody@example.org"}),
    "another address": ("patient", "account_email", {"action_add": "", "email": "second@example.org"}),
    "another password": (
        "patient",
        "account_change_password",
        {"oldpassword": DEMO_PASSWORD, **dict.fromkeys(("password1", "password2"), NEW["password1"])},
    ),
    "an invitation": ("administrator", "admin:accounts_invitation_add", {"email": "ann@example.org", "full_name": "Ann", "role": "lead"}),
}


@pytest.mark.parametrize(("who", "name", "form"), MAILING.values(), ids=MAILING)
def test_no_form_of_an_account_waits_for_the_mail_server(world, silent_mail_server, no_redis, who, name, form):
    browser = Client() if who == "anonymous" else world.clients[who]
    with undone(), TestCase.captureOnCommitCallbacks(execute=True):
        if who != "anonymous":
            browser.post(reverse("account_reauthenticate"), {"password": DEMO_PASSWORD})
        known = set(Notice.objects.values_list("uid", flat=True))
        answer = browser.post(reverse(name), form)
        assert answer.status_code == 302
        assert [notice.status for notice in Notice.objects.exclude(uid__in=known)] == [Status.QUEUED]
    assert silent_mail_server.connections == 0


def test_no_form_waits_for_the_mail_server(forms, silent_mail_server, no_redis):
    told = 0
    for shown in forms:
        with undone(), TestCase.captureOnCommitCallbacks(execute=True):
            known = Notice.objects.filter(status=Status.QUEUED).count()
            answer = shown.client.post(shown.form.action, {**shown.form.values, **dict.fromkeys(shown.form.typed, "Plain words.")})
            told += Notice.objects.filter(status=Status.QUEUED).count() > known
        assert answer.status_code < 500, shown.form.action
    assert told > 10
    assert silent_mail_server.connections == 0
