"""The workflow table is the truth: in ``move()``, in the database, and in who may do what."""

import ast
import itertools
from pathlib import Path

import pytest
from django.db import Error, connection, transaction

from secondop.accounts.models import Role
from secondop.audit.models import Entry
from secondop.cases.access import Access, Right, grant
from secondop.cases.lifecycle import Conflict, NotAllowed, move, moves_for
from secondop.cases.models import Case
from secondop.cases.states import MOVES, Party, State
from secondop.notices.models import Notice
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
RIGHT_OF = {
    Party.PATIENT: Right.OWN,
    Party.PROXY: Right.DECIDE,
    Party.OFFERED: Right.SUMMARY,
    Party.SPECIALIST: Right.WRITE,
    Party.COORDINATOR: Right.COORDINATE,
}

ROLE_OF = {Party.LEAD: Role.LEAD, Party.OFFERED: Role.SPECIALIST, Party.SPECIALIST: Role.SPECIALIST}


def person_as(case, party):
    """Somebody who is ``party`` on ``case``, by a row of rights alone; the system is nobody."""
    if party == Party.SYSTEM:
        return None
    if party == Party.PATIENT:
        return case.patient
    person = make_user(ROLE_OF.get(party))
    if party in RIGHT_OF:
        Access.objects.active().filter(case=case, role=Role.COORDINATOR).update(until=case.created_at)
        grant(case, person, RIGHT_OF[party], "test")
    if party == Party.LEAD:
        grant(case, person, Right.COORDINATE, "test")
    return person


ACTORS = (Party.PATIENT, Party.PROXY, Party.OFFERED, Party.SPECIALIST, Party.COORDINATOR, Party.LEAD, Party.SYSTEM, Party.NOBODY)


@pytest.mark.parametrize("state", list(State))
def test_every_move_of_every_state_by_every_role(state):
    case = make_case(state)
    for name, party in itertools.product(MOVES, ACTORS):
        rule = MOVES[name]
        with transaction.atomic():
            person = person_as(case, party)
            acting = {party, Party.COORDINATOR} if party == Party.LEAD else {party}
            may = bool(acting & set(rule.by))
            before = (case.journal.count(), Entry.objects.count())
            if state in rule.sources and may:
                moved = move(case, name, by=person)
                assert Case.objects.get(pk=case.pk).state == moved.state == rule.target
                assert moved.journal.count() == before[0] + 1
                assert Entry.objects.count() == before[1] + 1
                assert all(getattr(moved, stamp) for stamp in rule.stamps)
            else:
                expected = Conflict if state not in rule.sources else NotAllowed
                with pytest.raises(expected):
                    move(case, name, by=person)
                assert (case.journal.count(), Entry.objects.count()) == before
                assert Case.objects.get(pk=case.pk).state == state
            if person:
                assert (name in moves_for(case, person)) == (state in rule.sources and may)
            transaction.set_rollback(True)


def test_the_database_refuses_every_pair_the_table_does_not_have():
    allowed = {(s, m.target) for m in MOVES.values() for s in m.sources}
    for source in State:
        case = make_case(source)
        for target in State:
            if source == target:
                continue
            sql = "UPDATE cases_case SET state = %s WHERE id = %s"
            with transaction.atomic(), connection.cursor() as cursor:
                if (source, target) in allowed:
                    cursor.execute(sql, [target, case.pk])
                else:
                    with pytest.raises(Error), transaction.atomic():
                        cursor.execute(sql, [target, case.pk])
                transaction.set_rollback(True)


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_a_case_cannot_be_born_anywhere_but_as_a_draft(state):
    with pytest.raises(Error), transaction.atomic():
        Case.objects.create(patient=make_user(), state=state)


def test_the_journal_cannot_be_rewritten():
    case = make_case(State.READY)
    for change in (lambda: case.journal.update(reason="x"), lambda: case.journal.all().delete()):
        with pytest.raises(Error), transaction.atomic():
            change()


@pytest.mark.parametrize("name", MOVES)
def test_a_move_tells_whom_the_table_says_and_not_the_one_who_made_it(name):
    rule = MOVES[name]
    case = make_case(rule.sources[0])
    Notice.objects.all().delete()
    by = next(person_as(case, party) for party in rule.by)
    move(case, name, by=by)
    told = {(n.kind, n.recipient) for n in Notice.objects.select_related("recipient")}
    people = {Party.PATIENT: case.patient, Party.COORDINATOR: case.owner, Party.SPECIALIST: case.specialist}
    wanted = {(kind, people[party]) for party, kind in rule.tells.items() if people[party] and people[party] != by}
    assert wanted <= told
    assert by is None or by not in {person for _, person in told}


def test_an_ended_case_is_closed_to_its_specialist():
    case = make_case(State.DELIVERED)
    assert Case.objects.visible_to(case.specialist, Right.RECORDS).exists()
    move(case, "close", by=None)
    assert not Case.objects.visible_to(case.specialist, Right.RECORDS).exists()


def calls_of_move():
    """Every ``move(case, "name", …)`` in the code, or ``move_locked(…)``: (module path with the function's name, name of the move)."""
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] not in ("secondop", "requests", "reviews") or path.name == "lifecycle.py":
            continue
        module = ".".join(parts if parts[0] == "secondop" else parts[1:]).removesuffix(".py")
        for function in [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]:
            for call in [n for n in ast.walk(function) if isinstance(n, ast.Call)]:
                if getattr(call.func, "id", getattr(call.func, "attr", "")) in ("move", "move_locked") and len(call.args) > 1:
                    yield f"{module}.{function.name}", ast.literal_eval(call.args[1])


def test_each_move_has_one_caller_and_it_is_the_owner_the_table_names():
    found = sorted(calls_of_move(), key=lambda pair: pair[1])
    assert [name for _, name in found] == sorted(MOVES)
    assert {name: owner.removeprefix("secondop.").replace(".__init__", "") for owner, name in found} == {
        name: rule.owner.removeprefix("secondop.") for name, rule in MOVES.items()
    }
