"""Links that are none, counted for each network address: who tries many of them is answered no more for a while, whatever they try."""

from allauth.core.internal.ratelimit import consume, get_ip
from django.core.cache import cache
from django.http import HttpRequest

MOST = {"drop": "20/10m/ip"}  # more than an office needs that types from a fax
REST = 600  # seconds


def are_over(request: HttpRequest) -> bool:
    """Whether the address of ``request`` has tried too many."""
    return bool(cache.get(_key(request)))


def count(request: HttpRequest) -> None:
    """Count one that was none. Holds for tries at the same time."""
    if not consume(request, app="records", action="drop", config=MOST, limit_get=True):
        cache.set(_key(request), True, REST)


def _key(request: HttpRequest) -> str:
    return f"drop:tried:{get_ip(request)}"
