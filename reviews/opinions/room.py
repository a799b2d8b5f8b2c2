"""What the pages of the reading room show."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from secondop.accounts.models import User
from secondop.accounts.signed_in import SignedIn
from secondop.cases.asks import SPECIALIST_ROUNDS, rounds
from secondop.cases.lifecycle import Conflict, NotAllowed
from secondop.cases.messages import attachable
from secondop.cases.models import Case
from secondop.cases.models.brief import Prognosis
from secondop.cases.states import Party
from secondop.cases.thread import thread_part
from secondop.cases.verbs import not_taken
from secondop.web.text import clean

from .models import Opinion
from .services.materials import news
from .services.writing import Stamp, is_blind

View = Callable[[SignedIn, UUID], HttpResponse]


def still_there(view: View) -> View:
    """Wrap a page of the reading room: when the case moves on while it is made, say so, and give back what was typed."""

    @wraps(view)
    def inner(request: SignedIn, uid: UUID) -> HttpResponse:
        try:
            return view(request, uid)
        except Conflict as conflict:
            return not_taken(request, conflict, reverse("opinions:write", args=[uid]))
        except NotAllowed as error:
            raise PermissionDenied from error

    return inner


def posted_stamp(data: QueryDict) -> Stamp:
    """What the posted page was based on; nonsense counts as a page that has seen nothing."""
    version = data.get("version", "")
    return Stamp(int(version) if version.isdecimal() and len(version) < 9 else -1, clean(data.get("window", ""), 32))


def fresh_stamp(draft: Opinion) -> Stamp:
    """The stamp of a page that shows ``draft`` as it is stored now, in a window of its own."""
    return Stamp(draft.edits, secrets.token_hex(8))


def room_context(case: Case, draft: Opinion, user: User, **more: Any) -> dict[str, Any]:
    """The reading room of ``user``: the case on the left, what is being written on the right."""
    asks = case.asks.filter(by_specialist=True).prefetch_related("items", Prefetch("records", attachable(case, user)))
    query = case.journal.filter(event="return", at__gte=case.accepted_at).last()
    blind = is_blind(case, draft)
    return {
        "case": case,
        "draft": draft,
        "news": [] if blind else news(draft),
        "stamp": fresh_stamp(draft),
        "blind": blind,
        "questions": case.questions.all(),
        "values": case.brief.what_matters,
        "asks": asks,
        "may_ask": rounds(case, user).count() < SPECIALIST_ROUNDS,
        "query": query,
        "thread": thread_part(case, user, Party.SPECIALIST),
        "no_prognosis": case.brief.prognosis in (Prognosis.NO, Prognosis.ASK),
        **more,
    }


def signed_context(case: Case, user: User) -> dict[str, Any]:
    """What ``user`` has signed on a case that is no longer being written: the last version, or none."""
    opinion = Opinion.objects.signed().whole().select_related("document").filter(case=case, author=user).first()
    return {"case": case, "opinion": opinion, "thread": thread_part(case, user, Party.SPECIALIST)}
