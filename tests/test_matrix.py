"""Every address × every person × every method, generated from the URLconf."""

import re
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from secondop.accounts.models import Role, User
from secondop.accounts.services import invite
from secondop.cases.access import Right, grant
from secondop.catalog.samples import load
from secondop.demo.people import add, add_everybody
from secondop.demo.seed import PATHS, stories
from secondop.demo.walk import Walk
from secondop.notices.models import Notice
from tests.matrix import EVERYBODY, MATRIX, NO_CASE, PEOPLE, Row

pytestmark = pytest.mark.django_db
ANSWERED = {200, 201, 204, 302, 303, 409, 422, 400, 411}
REFUSED = {404, 403}


def patterns(resolver: URLResolver | None = None, prefix: str = "", namespace: str = "") -> dict[str, str]:
    """Every named address of the site with its route."""
    found = {}
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found[f"{namespace}{entry.name}"] = route
        else:
            found |= patterns(entry, route, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
    return found


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """That staff need one is another test's."""
    settings.REQUIRE_STAFF_MFA = False


class World:
    """One patient's case in every state that the matrix needs, and everybody who could want to look at it."""

    def __init__(self) -> None:
        load()
        self.people: dict[str, Any] = add_everybody()
        main, major = stories()[0], next(story for story in stories() if story["until"] == "second_look")
        self.people |= {name: add(name, name.title()) for name in ("stranger", "watcher", "reader", "proxy")}
        self.people["other"] = self.people["specialist4"]
        self.people["author"] = self.people["specialist3"]
        self.people["second"] = self.people["specialist5"]
        self.people["administrator"] = self.people["admin"]
        self.cases = {state: self.walk({**main, "until": state}) for state in ("draft", "screening", "clinical", "offered")}
        self.cases |= {state: self.walk({**main, "until": state}) for state in ("in_review", "question", "delivered")}
        self.cases["second_look"] = self.walk({**major, "patient": "patient", "specialist": "specialist3"})
        User.objects.update(is_demo=False)
        self.clients = {name: Client() for name in PEOPLE}
        for name in PEOPLE[1:]:
            self.clients[name].force_login(User.objects.get(pk=self.people[name].pk))

    def walk(self, story: dict[str, Any]) -> Any:
        """Walk the patient's case to where the story ends, and let the family in."""
        walk = Walk(story, self.people, self.people["patient"])
        for step in PATHS[story["until"]]:
            getattr(walk, step)()
        if story["until"] == "clinical":
            walk.claimed()
            walk.declined("clinical")
        for name, right in (("watcher", Right.STATUS), ("reader", Right.READ_OPINION), ("proxy", Right.DECIDE)):
            grant(walk.case, self.people[name], right, "family")
        return walk.case

    def address(self, name: str, route: str, row: Row) -> str:
        """The address of ``name`` for the row's case."""
        case = self.cases.get(row.state)
        related = {"record_uid": "records", "offer_uid": "offers", "ask_id": "asks", "item_id": "checklist", "consent_id": "consents"}
        kwargs: dict[str, Any] = {}
        for key in [part.split(":")[1] for part in route.replace(">", "<").split("<") if ":" in part]:
            if key == "uid":
                kwargs[key] = case.uid
            elif key in related:
                rows = getattr(case, related[key])
                first = rows.first()
                kwargs[key] = first.uid if key.endswith("uid") else first.pk
            else:
                notice = Notice.objects.filter(case_uid=self.cases["question"].uid).first()
                kwargs[key] = {"version": 1, "name": "who", "notice_id": notice.uid, "secret": self.secret()}[key]
        return reverse(name, kwargs=kwargs)

    def secret(self) -> str:
        """The secret of a fresh invitation."""
        _, link = invite("new@example.org", "New", Role.COORDINATOR, by=None)
        return link.rstrip("/").rsplit("/", 1)[1]


def test_every_address_has_a_row_and_every_row_an_address():
    names = {name for name in patterns() if not name.startswith(NO_CASE) and name != "admin:None"}
    assert {name for name in names if not name.endswith("None")} == set(MATRIX)


def test_the_admin_knows_no_case_record_or_opinion():
    closed = {"cases", "records", "opinions", "intake", "tracking", "delivery", "audit", "notices", "vault"}
    shown = {model._meta.label for model in admin.site._registry}
    assert {label for label in shown if label.split(".")[0] in closed or label in ("routing.Offer", "routing.Decline")} == set()


def verdict(status: int, location: str, may: bool, person: str, known: bool) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if not known:
        return "" if status in {405, *REFUSED} or (person == "anonymous" and status == 302) else f"unknown method answered {status}"
    if may:
        return "" if status in ANSWERED and "/login/" not in location else f"should be answered, got {status} {location}"
    if person == "anonymous":
        return "" if (status == 302 and "/login/" in location) or status in REFUSED else f"signed out, got {status} {location}"
    return "" if status in REFUSED else f"should be refused, got {status}"


def test_every_address_for_every_person():
    world = World()
    wrong = []
    for name, route in patterns().items():
        if name not in MATRIX:
            continue
        row = MATRIX[name]
        address = world.address(name, route, row)
        for person in PEOPLE:
            for method, allowed in (("get", row.get), ("post", row.post), ("put", None), ("delete", None)):
                with transaction.atomic():
                    answer = getattr(world.clients[person], method)(address)
                    transaction.set_rollback(True)
                may = allowed is not None and (allowed == EVERYBODY or person in allowed.split())
                problem = verdict(answer.status_code, answer.headers.get("Location", ""), may, person, allowed is not None)
                if problem:
                    wrong.append(f"{method.upper()} {name} ({row.state}) as {person}: {problem}")
    assert not wrong, "\n" + "\n".join(wrong)


def same(answer: Any) -> bytes:
    """The body without what differs on every answer: the masked CSRF token."""
    return re.sub(rb'value="[A-Za-z0-9]{64}"', b"", answer.content)


def test_unknown_cases_and_strangers_cases_are_answered_alike():
    world = World()
    client, case = world.clients["stranger"], world.cases["in_review"]
    for name, route in patterns().items():
        if "<uuid:uid>" not in route or MATRIX[name].get is None or "other" in (MATRIX[name].get or ""):
            continue
        address = world.address(name, route, MATRIX[name]._replace(state="in_review")) if "_uid" not in route else None
        if address is None or "ask_id" in route or "consent_id" in route:
            continue
        theirs, nobodys = client.get(address), client.get(address.replace(str(case.uid), str(uuid.uuid4())))
        assert (theirs.status_code, same(theirs)) == (nobodys.status_code, same(nobodys)), name
