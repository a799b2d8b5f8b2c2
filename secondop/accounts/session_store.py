"""The store of sessions: Django's in the database, but for when one ends: only ``end_at()`` moves that, whatever else is saved."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils import timezone

from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot


class SessionEnd(NamedTuple):
    """When a session ends, if its person does nothing; ``is_last``: whatever they do. ``who`` tells its person from others."""

    seconds: int
    at: datetime
    is_last: bool
    last: datetime
    who: str
    idle_minutes: int
    warning: int

    @property
    def minutes_of_warning(self) -> int:
        """How long before the end it is said, in minutes."""
        return self.warning // 60


@cache
def session_by_key() -> Prepared[Session]:
    """Asks for the session ``key`` if it has not ended ``at`` a moment."""
    return Prepared(Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("at")))


class SessionStore(db.SessionStore):
    """A session that knows when it ends; ``ended`` is the key of one that has, and that the browser still names."""

    ends_at: datetime | None = None
    ended = ""
    is_new = False

    def end_at(self, moment: datetime) -> None:
        """Let the session end at ``moment``; one that has ended stays ended."""
        self.ends_at = moment
        if self.session_key:
            self.model.objects.filter(session_key=self.session_key, expire_date__gt=now()).update(expire_date=moment)

    def exists(self, session_key: str) -> bool:
        """Whether the session is there and has not ended."""
        return self.model.objects.filter(session_key=session_key, expire_date__gt=now()).exists()

    def create(self) -> None:
        """Give the session a new key and a row of its own."""
        self.is_new = True
        super().create()
        self.is_new = False

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to write: what is there already ends when it would have."""
        row = super().create_model_instance(data)
        if not self.is_new:
            row.expire_date = F("expire_date")
        elif self.ends_at:
            row.expire_date = self.ends_at
        return row

    def flush(self) -> None:
        """Delete the session."""
        self.ends_at, self.ended = None, ""
        super().flush()

    def is_empty(self) -> bool:
        """Whether the browser is to forget its session: not while a form may still come that was begun in it."""
        return super().is_empty() and not self.ended

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = self.session_key
        row = session_by_key().first(key=key, at=timezone.now())  # noqa: TID251 -- Django's own clock, which nobody shifts
        if row is None:
            self._session_key = None
        self.ends_at = row.expire_date if row else None
        if key and not row and self.model.objects.filter(session_key=key).exists():
            self.ended = key
        return row
