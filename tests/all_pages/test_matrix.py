"""Every address × every person × every method, generated from the URLconf."""

import re
import uuid

from django.test import Client

from tests.all_pages.conftest import REFUSED, may
from tests.matrix import EVERYBODY, MATRIX, NO_CASE, Row
from tests.world import PARTS, addresses, arguments, patterns, send, undone

ANSWERED = {200, 201, 204, 302, 303, 409, 422}
STRANGERS = ("stranger", "other")  # without any part in the cases, the second one in spite of a role
WORDS = {"status": "waived", "reason": "Not needed.", "note": "It does not matter."}  # fills the forms of the parts of a case


def test_every_address_has_a_row_and_every_row_an_address():
    names = [name for name, _ in addresses() if not name.startswith(NO_CASE)]
    assert sorted(names) == sorted(MATRIX), "one row each; two addresses never share a name, and none is without"


def verdict(status: int, location: str, person: str, allowed: str | None) -> str:
    """What is wrong with an answer; empty when nothing is."""
    is_sent_to_sign_in = status == 302 and "/login/" in location
    if allowed is None:
        is_refused = status == 405 or (person == "anonymous" and (is_sent_to_sign_in or status in REFUSED))
        return "" if is_refused else f"unknown method answered {status}"
    if may(person, allowed):
        return "" if status in ANSWERED and not is_sent_to_sign_in else f"should be answered, got {status} {location}"
    if person == "anonymous":
        return "" if is_sent_to_sign_in or status in {*REFUSED, 401} else f"signed out, got {status} {location}"
    return "" if status in REFUSED else f"should be refused, got {status}"


def test_every_address_for_every_person(tried):
    found = [(one, verdict(one.status, one.location, one.person, one.allowed) or one.lack) for one in tried]
    wrong = [f"{one.method.upper()} {one.name} ({one.state}) as {one.person}: {problem}" for one, problem in found if problem]
    assert len(tried) > 2000
    assert not wrong, "\n" + "\n".join(wrong)


def said(client: Client, name: str, method: str, address: str, data: dict[str, str] | None = None) -> tuple[int, str, str, bytes]:
    """What is answered to a request that is undone, with its message, without what differs every time: token, time stamp, time left."""
    with undone():
        answer = send(client, name, method, address, data)
    message = client.cookies.pop("messages", None)
    text = re.sub(rb'value="[A-Za-z0-9]{64}"|data-seconds="[0-9]+"', b"", answer.content)
    return answer.status_code, answer.headers.get("Location", ""), message.value.split(":")[0] if message else "", text


def test_whoever_may_open_an_address_may_ask_for_its_head(world):
    for name, route in patterns().items():
        row = MATRIX.get(name)
        if not row or not row.get:
            continue
        person = "patient" if row.get == EVERYBODY else row.get.split()[0]
        with undone():
            assert world.clients[person].head(world.address(name, route, row)).status_code in ANSWERED, name


def methods(row: Row) -> dict[str, str]:
    """The methods that an address knows, each with whom it answers."""
    return {method: allowed for method, allowed in row._asdict().items() if method != "state" and allowed is not None}


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
                answers = [said(world.clients[person], name, method, address) for address in (theirs, nobodys)]
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
                answers = [said(world.clients[person], name, method, address, WORDS) for address in tries]
                assert answers[0] == answers[1], (method, name, person)
                tried.add(key)
    assert tried == set(PARTS)
