"""Limits of sessions that nobody could mean."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks

LONGEST = {"SESSION_IDLE_SECONDS": 30 * 60, "SESSION_IDLE_SECONDS_STAFF": 15 * 60}
LONGEST_ABSOLUTE = 12 * 60 * 60
TO_ANSWER = 20  # seconds: whoever cannot press a button at once needs them (WCAG 2.2.1)


@checks.register(checks.Tags.security)
def session_limits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[checks.CheckMessage]:
    """The limits of sessions fit into each other: 0 < warning < idle <= longest."""
    for name in LONGEST:
        idle = getattr(settings, name)
        if not 0 < settings.SESSION_WARNING_SECONDS < idle <= settings.SESSION_COOKIE_AGE:
            hint = "It must be longer than SESSION_WARNING_SECONDS and not longer than SESSION_LONGEST_SECONDS; unset it for the default."
            yield checks.Error(f"{name}={idle} does not fit the other limits of sessions.", hint=hint, id="secondop.E022")


@checks.register(checks.Tags.security, deploy=True)
def safe_session_limits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterator[checks.CheckMessage]:
    """A production installation signs people out no later than is safe, and gives them time to answer the warning."""
    if not settings.PRODUCTION:
        return
    for name, longest in LONGEST.items():
        if getattr(settings, name) > longest:
            yield checks.Warning(f"{name} is above {longest}.", hint="A screen left open is read by others.", id="secondop.W023")
    if settings.SESSION_COOKIE_AGE > LONGEST_ABSOLUTE:
        hint = "A session that somebody has taken over should not last."
        yield checks.Warning(f"SESSION_LONGEST_SECONDS is above {LONGEST_ABSOLUTE}.", hint=hint, id="secondop.W024")
    if settings.SESSION_WARNING_SECONDS < TO_ANSWER:
        hint = "Some people need longer to press a button."
        yield checks.Error(f"SESSION_WARNING_SECONDS is below {TO_ANSWER}.", hint=hint, id="secondop.E025")
