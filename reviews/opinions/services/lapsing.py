"""Questions of specialists that stay without an answer: the review goes on, and its limits say so."""

from django.db import transaction

from secondop.cases.asks import lapse_ask
from secondop.cases.models import Ask

from .drafts import unanswered
from .fitting import fitting
from .versions import draft_of


def lapse_asks() -> int:
    """Let every overdue ask of a specialist lapse, and write what stayed open into the limits of the draft; returns how many."""
    lapsed = 0
    for overdue in Ask.objects.overdue().select_related("case"):
        with transaction.atomic():
            if ask := lapse_ask(overdue):
                write_limit(ask)
                lapsed += 1
    return lapsed


def write_limit(ask: Ask) -> None:
    """Add to the limits of the asker's draft what ``ask`` left open. It counts as a save: an open page cannot overwrite it."""
    draft, lines = draft_of(ask.case, ask.opened_by), unanswered(ask)
    if draft is None or not lines:
        return
    draft.limits = fitting([text for text in (draft.limits, *lines) if text], "limits")
    draft.edits, draft.writer = draft.edits + 1, ""
    draft.save(update_fields=["limits", "edits", "writer"])
