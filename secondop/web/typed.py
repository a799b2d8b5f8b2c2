"""What somebody had typed into a form that was not taken: the answer gives it back, because a page that is not kept (``no-store``)
comes back empty from the browser's own way back.
"""

import re

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError

from .text import clean

FORM = "application/x-www-form-urlencoded"
OURS = "same-origin"
# What nobody should meet again on a screen, and what the page itself has put in.
SECRET = ("password", "code", "token")
OLD = "initial-"
ROW = re.compile(r"[0-9]{1,3}")


def typed(request: HttpRequest) -> list[dict[str, str]]:
    """The texts of more than one word in the posted form, each with a ``label`` made from its field's name and its ``value``.

    Passwords and codes are not among them, nor what came with files, nor what another site made the browser send. Asks neither
    database nor session.
    """
    is_ours = request.headers.get("Sec-Fetch-Site", OURS) == OURS
    if request.method != "POST" or request.content_type != FORM or not is_ours:
        return []
    try:
        form = request.POST
    except (BadRequest, SuspiciousOperation, UnreadablePostError):
        return []  # what was the matter with it is another's to say
    words = ((name, clean(value).strip()) for name, values in form.lists() for value in values)
    return [{"label": label_of(name), "value": text} for name, text in words if len(text.split()) > 1 and is_shown(name)]


def is_shown(name: str) -> bool:
    """Whether the field ``name`` holds nothing secret and was typed."""
    return not name.startswith(OLD) and not any(secret in name.lower() for secret in SECRET)


def label_of(name: str) -> str:
    """A field's name as people read it, its rows counted from one: ``answers-0-text`` is "Answers 1 text"."""
    parts = name.replace("_", " ").split("-")
    return " ".join(f"{int(part) + 1}" if ROW.fullmatch(part) else part for part in parts).strip().capitalize()
