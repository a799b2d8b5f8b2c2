"""An answer that comes at the moment a silent case ends, on real PostgreSQL with a session of its own."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from secondop.cases import asks, services
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import shifted
from tests.factories import make_case

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"  # not pg_stat_activity, which stands still within a transaction


def until_somebody_waits_for_a_lock():
    """Return once another session does; raise ``AssertionError`` when none does."""
    limit = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < limit:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_an_answer_in_the_last_moment_counts():
    case = make_case(State.SCREENING)
    ask = asks.open_ask(case, by=case.owner, items=["x"])
    case.asks.update(reminded=len(asks.REMINDER_DAYS))
    ended = []

    def end():
        try:
            with shifted(timedelta(days=31)):
                ended.append(services.expire(case))
        except Refused as error:
            ended.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=end)
    with transaction.atomic(), shifted(timedelta(days=31)):
        asks.answer_ask(ask, by=case.patient, answers={ask.items.get().pk: "y"})
        other.start()
        until_somebody_waits_for_a_lock()
    other.join(timeout=10)
    assert isinstance(ended[0], Refused)
    assert Case.objects.get(pk=case.pk).state == State.SCREENING
