"""Cases in every state with everybody who could look at them, and every address as each of them: made once for this folder."""

from collections.abc import Iterator
from typing import NamedTuple
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings

from secondop.audit.models import Entry, Outcome
from tests.matrix import ELSEWHERE, EVERYBODY, MATRIX, PEOPLE, Row
from tests.world import AT_LEISURE, World, patterns, send, undone

REFUSED = {404, 403}


class Tried(NamedTuple):
    """A request that somebody made: to whom its method is allowed, what was answered, and what the audit log lacks of it."""

    method: str
    name: str
    state: str
    person: str
    allowed: str | None
    status: int
    location: str
    page: str
    lack: str


def may(person: str, allowed: str | None) -> bool:
    """Whether a cell of the matrix names ``person``."""
    return allowed is not None and (allowed == EVERYBODY or person in allowed.split())


def unlogged(world: World, person: str, row: Row, route: str, answer: HttpResponse, since: int) -> str:
    """What the audit log lacks of a request about a case by somebody who is signed in; empty when nothing."""
    status, came_too_late = answer.status_code, answer.status_code == 409 and not answer.content  # nothing shown, nothing stored
    if row.state == "-" or person == "anonymous" or status == 405 or came_too_late:
        return ""
    rows = Entry.objects.filter(seq__gt=since, actor=world.people[person])
    if status not in REFUSED:
        rows = rows.filter(case_uid=world.cases[row.state].uid, patient_id=world.people["patient"].pk, outcome=Outcome.ALLOWED)
        return "" if rows.exists() else "leaves no row in the audit log"
    if "<uuid:uid>" in route:
        rows = rows.filter(case_uid=world.cases[row.state].uid)
    return "" if rows.filter(outcome=Outcome.REFUSED).exists() else "leaves no row of the refusal in the audit log"


def is_more(method: str, answer: HttpResponse) -> bool:
    """Whether an answer is about more bytes of an upload: the log has its beginning, and the record it becomes."""
    return method == "patch" and answer.status_code == 204


def is_page(answer: HttpResponse) -> bool:
    """Whether an answer is a page that was found."""
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")


def walk(world: World) -> Iterator[Tried]:
    """Every address × every person × every method; what a request does is undone."""
    routes = patterns()
    for name, row in (*MATRIX.items(), *ELSEWHERE):
        route = routes[name]
        address = world.address(name, route, row)
        insiders = [person for person in PEOPLE[1:] if any(may(person, allowed) for allowed in row[1:])]
        for method, allowed in list(row._asdict().items())[1:]:
            for person in ("anonymous", *insiders[:1]) if allowed is None else PEOPLE:
                with undone():
                    since = Entry.objects.order_by("seq").values_list("seq", flat=True).last() or 0
                    answer = send(world.clients[person], name, method, address)
                    lack = "" if is_more(method, answer) else unlogged(world, person, row, route, answer, since)
                page = answer.content.decode() if method == "get" and is_page(answer) else ""
                yield Tried(method, name, row.state, person, allowed, answer.status_code, answer.headers.get("Location", ""), page, lack)


@pytest.fixture(scope="package")
def transactional_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The database, emptied after this folder and not after each test.

    What these tests try is rolled back thousands of times: within one transaction each would have to look past all before it.
    The name is pytest-django's own, which by it knows that a database is needed.
    """
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="package")
def world(transactional_db: None) -> Iterator[World]:
    """Everybody and their cases. Their second factor is another test's.

    Their browsers keep no copy of what each part of a page was made with, which nobody here asks for.
    """
    with override_settings(**AT_LEISURE), patch("django.test.client.store_rendered_templates", lambda *_, **__: None):
        made = World()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield made


@pytest.fixture(scope="package")
def tried(world) -> list[Tried]:
    """What came of every request."""
    return list(walk(world))
