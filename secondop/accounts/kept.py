"""What somebody had typed into a form that they sent after their session ended: kept until they have signed in again.

It lies sealed in the new session of their browser, and is shown to the person whose session had ended, to nobody else.
"""

import json
from typing import TypedDict

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from secondop.vault import keys
from secondop.vault.errors import MasterKeyMissing

from .models import User
from .signed_in import Asked

KEPT = "typed_too_late"
PURPOSE = b"typed too late"


class Kept(TypedDict):
    """What was typed, as ``typed()`` gives it, and the path of the page with the form."""

    words: list[dict[str, str]]
    page: str


def keep(request: Asked, words: list[dict[str, str]], page: str) -> bool:
    """Keep ``words`` for the person whose session has ended, once for each session; whether that could be done."""
    owner = owner_of(request.session.ended)
    if not owner:
        return False
    try:
        sealed = keys.seal(json.dumps(Kept(words=words, page=page)), PURPOSE)
    except MasterKeyMissing:
        return False
    if not Session.objects.filter(session_key=request.session.ended).delete()[0]:
        return False  # another form of that browser was quicker
    request.session[KEPT] = {"owner": owner, "sealed": sealed}
    return True


def owner_of(session_key: str) -> str:
    """The account of a session that may have ended a while ago, empty for one that is not known."""
    row = Session.objects.filter(session_key=session_key).first()
    return str(row.get_decoded().get(SESSION_KEY, "")) if row else ""


def kept_for(request: HttpRequest, user: User) -> Kept | None:
    """What ``user`` had typed. Raises ``MasterKeyMissing`` when it cannot be opened."""
    return json.loads(keys.unseal(request.session[KEPT]["sealed"], PURPOSE)) if is_kept_for(request, user) else None


def is_kept_for(request: HttpRequest, user: User) -> bool:
    """Whether something that ``user`` had typed is kept."""
    return request.session.get(KEPT, {}).get("owner") == str(user.pk)


def forget(request: HttpRequest) -> None:
    """Keep it no longer."""
    request.session.pop(KEPT, None)
