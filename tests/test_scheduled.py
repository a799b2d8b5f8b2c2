"""What the clock starts by itself: each task does what is due, and started once more it finds nothing left to do."""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings as configured
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from records.models import Record, Upload
from records.services import add_files
from records.sourcing import services as sourcing
from records.viewer.models import Stack
from routing.models import Offer
from secondop.accounts.models import Role
from secondop.audit.models import Seal
from secondop.cases import asks, erasures
from secondop.cases.models import Ask, Case, ErasureRequest, JournalEntry
from secondop.cases.states import State
from secondop.catalog.samples import load
from secondop.celery import app
from secondop.documents.kinds import KINDS
from secondop.documents.models import Document
from secondop.exports import making
from secondop.exports.models import Export
from secondop.exports.services import ask
from secondop.notices.choices import choose
from secondop.notices.models import Notice, Phone
from secondop.notices.services import deliver, tell
from secondop.vault.keys import new_master_key
from secondop.vault.models import Round, StoredFile
from secondop.vault.services import writer
from secondop.web.clock import now, shifted, today
from tests.cases.minors import make_childs_case
from tests.factories import PASSWORD, make_case, make_draft, make_user
from tests.opinions.written import in_review, signed
from tests.records import files
from tests.routing.people import make_specialist, offered, ready_case
from tests.tracking.family import joined, shared
from tests.vault.conftest import folder
from tests.web.test_cache import rows as cache_rows
from tests.world import begin_upload
from tracking.leaving import accounts
from tracking.models import AccountClosure

pytestmark = pytest.mark.django_db
# What holds once a task has done its work on the rows prepared below.
DONE: dict[str, Callable[[], bool]] = {
    "secondop.notices.tasks.sweep": lambda: set(Notice.objects.values_list("status", "attempts")) == {("sent", 1), ("gathered", 0)},
    "secondop.notices.tasks.sweep_texts": lambda: not Phone.objects.exists(),
    "records.tasks.sweep": lambda: not Record.objects.due().exists(),
    "records.tasks.sweep_series": lambda: not Stack.objects.due().exists(),
    "records.tasks.sweep_uploads": lambda: not Upload.objects.exists(),
    "secondop.audit.tasks.seal": lambda: Seal.objects.exists(),
    "routing.tasks.lapse_offers": lambda: Offer.objects.filter(status="lapsed").count() == 1,
    "routing.tasks.watch_unacknowledged": lambda: Notice.objects.filter(kind="unacknowledged").exists(),
    "opinions.tasks.lapse_asks": lambda: Ask.objects.filter(status="lapsed", by_specialist=True).count() == 1,
    "delivery.tasks.close_due": lambda: Case.objects.filter(state=State.CLOSED).count() == 1,
    "secondop.cases.tasks.expire_silent": lambda: Case.objects.filter(state=State.EXPIRED).count() == 1,
    "secondop.cases.tasks.watch_majority": lambda: Notice.objects.filter(kind="of_age").count() == 1,
    "secondop.cases.tasks.note_slips": lambda: JournalEntry.objects.filter(event="slipped").exists(),
    "records.sourcing.tasks.watch": lambda: Notice.objects.filter(kind="own_records_chase").count() == 1,
    "intake.tasks.watch_drafts": lambda: {"draft_reminder", "draft_deleted"} <= set(Notice.objects.values_list("kind", flat=True)),
    "secondop.cases.tasks.erase_due": lambda: not ErasureRequest.objects.exists(),
    "tracking.tasks.close_accounts": lambda: not AccountClosure.objects.exists(),
    "tracking.tasks.watch_family": lambda: Notice.objects.filter(kind="family_ending").count() == 2,
    "secondop.inbox.tasks.send_digests": lambda: Notice.objects.filter(kind="digest").count() == 1,
    "secondop.vault.tasks.inspect": lambda: Round.objects.filter(begun_at__gt=now() - timedelta(days=1), ended_at__isnull=False).exists(),
    "secondop.accounts.tasks.tell_of_damage": lambda: Notice.objects.filter(kind="files_damaged").count() == 1,
    "secondop.vault.tasks.collect_abandoned": lambda: not StoredFile.objects.filter(status="writing").exists(),
    "secondop.accounts.tasks.forget_ended_sessions": lambda: not Session.objects.exists() and not UserSession.objects.exists(),
    "secondop.exports.tasks.sweep": lambda: not Export.objects.over().exists() and Export.objects.filter(status="expired").exists(),
    "secondop.web.tasks.forget_expired": lambda: not cache_rows(),
}
RENDERING = "secondop.documents.tasks.sweep"


@pytest.fixture(scope="module")
def overdue(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Something for every task, as it comes about where nobody was in a hurry; it is gone after the module."""
    folder = tmp_path_factory.mktemp("scheduled")
    places = {"VAULT_DIR": folder / "vault", "VAULT_MASTER_KEY": new_master_key(), "MAIL_DIR": folder / "mail"}
    app.loader.import_default_modules()
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(**places):
        prepare()
        yield
        transaction.set_rollback(True)


def prepare() -> None:
    """Cases, offers, questions and files whose time is over, and what waits to be sent, rendered, checked and sealed."""
    make_user(Role.LEAD)
    make_user(Role.ADMINISTRATOR)
    Round.objects.create(begun_at=now() - timedelta(days=3), ended_at=now() - timedelta(days=2), faults=[{"kind": "damaged"}])
    make_childs_case(born=date(2000, 5, 4))
    with shifted(-timedelta(days=40)):
        make_case(State.DELIVERED)
        silent = make_case(State.SCREENING)
        asks.open_ask(silent, by=silent.owner, items=["Which knee is it?"])
    with shifted(-timedelta(days=31)):
        asks.remind()
    with shifted(-timedelta(days=8)):
        accounts.note(make_user())
        erasures.ask(unwanted := make_case(State.WITHDRAWN), by=unwanted.patient)
        case, specialist, _ = in_review()
        asks.open_ask(case, by=specialist, items=["How long has it hurt?"])
    load()
    make_draft(touched_at=now() - timedelta(days=4))
    make_draft(touched_at=now() - timedelta(days=61), ending_told_at=now() - timedelta(days=8))
    with shifted(-timedelta(days=8)):
        making.make(ask(by=case.patient, password=PASSWORD).pk)
        begin_upload(case)
    with shifted(-timedelta(days=5)):
        joined(shared(), until=now() + timedelta(days=7))
    with shifted(-timedelta(days=3)):
        choose((screened := make_case(State.SCREENING)).owner, only_here=[], digest_hour=8)
        deliver(tell(screened.owner, "ask_answered", case=screened).uid)
        Phone.objects.create(user=screened.owner, wanted="+12025550143", code_until=now())
        asked = sourcing.ask(screened, by=screened.patient, by_patient=True, office="Mercy Hospital")
        sourcing.send(screened, by=screened.patient, asked=asked, sent_on=today(), how="mail")
        offered(ready_case(), make_specialist())
        upload = writer(case.uid)
        upload.write(b"half a file")
    long_ago = (now() - timedelta(days=3)).timestamp()
    os.utime(folder(case.uid, upload.file.uid), (long_ago, long_ago))
    session = SessionStore()
    session.set_expiry(-25 * 3600)
    session.create()
    UserSession.objects.create(user=make_user(), ip="127.0.0.1", session_key=session.session_key, user_agent="A browser")
    cache.clear()  # of what tests against a running site have left there
    cache.set("used-code", 1, -5)
    signed()
    add_files(case, by=case.patient, files=[("report.pdf", files.pdf())])
    Stack.objects.create(case=case)


def everything() -> dict[str, Any]:
    """All rows of all tables, and all files with the moment of their last change."""
    folders = (Path(configured.VAULT_DIR), Path(configured.MAIL_DIR))
    kept: dict[str, Any] = {str(path): path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")}
    return kept | {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def test_every_task_of_the_clock_is_tried():
    assert {*DONE, RENDERING} == {entry["task"] for entry in configured.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.parametrize("name", DONE)
def test_a_task_does_what_is_due_and_a_second_one_nothing(overdue, name, django_capture_on_commit_callbacks):
    assert not DONE[name]()
    app.tasks[name]()
    assert DONE[name]()
    before = everything()
    with django_capture_on_commit_callbacks() as sent:
        app.tasks[name]()
    assert everything() == before
    assert sent == [], "nor is anything handed to a worker once more"


def test_rendering_is_handed_over_until_it_is_done_and_done_once(overdue, django_capture_on_commit_callbacks):
    jobs, before = {job.kind: job.pk for job in Document.objects.due()}, everything()
    assert set(jobs) == {"opinion", "consent", "record_request"}
    with django_capture_on_commit_callbacks() as sent:
        app.tasks[RENDERING]()
        app.tasks[RENDERING]()
    assert (len(sent), everything()) == (2 * len(jobs), before)
    for kind, job in jobs.items():
        app.tasks[KINDS[kind].task](job)
    rendered = everything()
    for kind, job in jobs.items():
        app.tasks[KINDS[kind].task](job)
    with django_capture_on_commit_callbacks() as sent:
        app.tasks[RENDERING]()
    assert (sent, everything()) == ([], rendered)
    assert rendered != before
