"""Counters of failed sign-ins and marks of used codes stay until they run out, and not for longer."""

import pytest
from django.core.cache import cache
from django.db import connection

from secondop.web.tasks import forget_expired

pytestmark = pytest.mark.django_db


def rows() -> int:
    """How many rows the cache's table has, those that ran out included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return cursor.fetchone()[0]


def test_many_counters_push_none_out():
    keys = [f"counter-{number}" for number in range(400)]
    for key in keys:
        cache.set(key, 1, 3600)
    assert len(cache.get_many(keys)) == 400


def test_what_ran_out_is_forgotten_and_nothing_else():
    cache.clear()  # of what tests against a running site have left there
    cache.set("counter", 1, 3600)
    cache.set("used-code", 1, -5)
    assert rows() == 2
    forget_expired()
    assert rows() == 1
    assert cache.get("counter") == 1
