"""Every address × every person × every method, generated from the URLconf."""

import re
import uuid

import pytest
from django.http import HttpResponse
from django.test import Client
from lxml import html

from secondop.audit.models import Entry, Outcome
from tests.matrix import ELSEWHERE, EVERYBODY, MATRIX, NO_CASE, PEOPLE, Row
from tests.world import PARTS, World, addresses, arguments, patterns, undone

pytestmark = pytest.mark.django_db
ANSWERED = {200, 201, 204, 302, 303, 409, 422}
REFUSED = {404, 403}
STRANGERS = ("stranger", "other")  # without any part in the cases, the second one in spite of a role
WORDS = {"status": "waived", "reason": "Not needed.", "note": "It does not matter."}  # fills the forms of the parts of a case


def test_every_address_has_a_row_and_every_row_an_address():
    names = [name for name, _ in addresses() if not name.startswith(NO_CASE)]
    assert sorted(names) == sorted(MATRIX), "one row each; two addresses never share a name, and none is without"


def may(person: str, allowed: str | None) -> bool:
    """Whether a cell of the matrix names ``person``."""
    return allowed is not None and (allowed == EVERYBODY or person in allowed.split())


def verdict(status: int, location: str, person: str, allowed: str | None) -> str:
    """What is wrong with an answer; empty when nothing is."""
    is_sent_to_sign_in = status == 302 and "/login/" in location
    if allowed is None:
        is_refused = status == 405 or (person == "anonymous" and (is_sent_to_sign_in or status in REFUSED))
        return "" if is_refused else f"unknown method answered {status}"
    if may(person, allowed):
        return "" if status in ANSWERED and not is_sent_to_sign_in else f"should be answered, got {status} {location}"
    if person == "anonymous":
        return "" if is_sent_to_sign_in or status in REFUSED else f"signed out, got {status} {location}"
    return "" if status in REFUSED else f"should be refused, got {status}"


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


def test_every_address_for_every_person(world):
    wrong = []
    routes = patterns()
    for name, row in (*MATRIX.items(), *ELSEWHERE):
        route = routes[name]
        address = world.address(name, route, row)
        insiders = [person for person in PEOPLE[1:] if may(person, row.get) or may(person, row.post)]
        for method, allowed in (("get", row.get), ("post", row.post), ("put", None), ("delete", None)):
            for person in ("anonymous", *insiders[:1]) if allowed is None else PEOPLE:
                with undone():
                    since = Entry.objects.order_by("seq").values_list("seq", flat=True).last() or 0
                    answer = getattr(world.clients[person], method)(address)
                    problem = verdict(answer.status_code, answer.headers.get("Location", ""), person, allowed)
                    problem = problem or unlogged(world, person, row, route, answer, since)
                if problem:
                    wrong.append(f"{method.upper()} {name} ({row.state}) as {person}: {problem}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_an_address_that_only_takes_forms_leads_to_the_page_with_the_form(world):
    wrong, routes = [], patterns()
    for name, row in MATRIX.items():
        if row.get is not None:
            continue
        for person in (row.post or "").split():
            client, address = world.clients[person], world.address(name, routes[name], row)
            with undone():
                page = client.get(address)
                there = html.fromstring(page.content).xpath("//main//a[contains(@class, 'button-primary')]/@href")[0]
                found = client.get(there, follow=True)
            is_page = found.status_code == 200 and b"<form" in found.content
            if (page.status_code, page.headers["Allow"], is_page) != (405, "POST", True):
                wrong.append(f"{name} as {person}: {page.status_code} {there} {found.status_code}")
            assert client.get(address, headers={"Sec-Fetch-Mode": "cors"}).content == b"", "a script needs no page"
    assert not wrong, "\n" + "\n".join(wrong)


def said(client: Client, method: str, address: str, data: dict[str, str] | None = None) -> tuple[int, str, str, bytes]:
    """What is answered to a request that is undone, with its message, without what differs every time: token and time stamp."""
    with undone():
        answer = getattr(client, method)(address, data)
    message = client.cookies.pop("messages", None)
    text = re.sub(rb'value="[A-Za-z0-9]{64}"', b"", answer.content)
    return answer.status_code, answer.headers.get("Location", ""), message.value.split(":")[0] if message else "", text


def methods(row: Row) -> dict[str, str]:
    """The methods that an address knows, each with whom it answers."""
    return {method: allowed for method, allowed in (("get", row.get), ("post", row.post)) if allowed is not None}


def test_unknown_cases_and_strangers_cases_are_answered_alike(world):
    tried = 0
    for name, route in patterns().items():
        keys = [key for key in arguments(route) if key in ("uid", "offer_uid")][:1]
        if name not in MATRIX or not keys:
            continue
        row = MATRIX[name]
        theirs, nobodys = (world.address(name, route, row, **more) for more in ({}, {keys[0]: uuid.uuid4()}))
        for method in methods(row):
            for person in STRANGERS:
                answers = [said(world.clients[person], method, address) for address in (theirs, nobodys)]
                assert answers[0] == answers[1], (method, name, person)
                assert answers[0][0] in REFUSED, (method, name, person)
                tried += 1
    assert tried > 150


def test_a_part_of_another_case_is_answered_like_none(world):
    unknown, tried = {"_uid": uuid.uuid4(), "_id": 2**31 - 1}, set()
    for name, route in patterns().items():
        keys = [key for key in arguments(route)[1:] if key in PARTS]
        if name not in MATRIX or not keys:
            continue
        row, key = MATRIX[name], keys[0]
        foreign = world.part(key, world.cases["question" if row.state != "question" else "asked"])
        missing = unknown[key[key.rindex("_") :]]
        for method, allowed in methods(row).items():
            for person in allowed.split():
                tries = [world.address(name, route, row, **{key: part}) for part in (foreign, missing)]
                answers = [said(world.clients[person], method, address, WORDS) for address in tries]
                assert answers[0] == answers[1], (method, name, person)
                tried.add(key)
    assert tried == set(PARTS)
