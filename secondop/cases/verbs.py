"""How views carry out a verb: one place that turns our errors into answers for a person."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url

from secondop.audit.services import record
from secondop.web.typed import typed

from .lifecycle import Conflict, Erased, NotAllowed, Refused
from .models import Case


def attempt(
    request: HttpRequest,
    verb: Callable[..., Any],
    case: Case,
    *,
    back: str,
    done: str = "",
    to: str = "",
    form: Form | None = None,
    again: Callable[..., HttpResponse] | None = None,
    **kwargs: Any,
) -> HttpResponse:
    """Run ``verb(case, by=the signed-in person, **kwargs)`` and answer the request.

    Done: redirect to ``to`` (or ``back``) with the message ``done``. Moved on meanwhile (``Conflict``): as ``not_taken()``.
    ``Refused``: the reason goes onto ``form`` and ``again(status=422)`` shows the page with what was typed; without a form as
    ``not_taken()``. ``NotAllowed``: 403, and a refusal in the audit log.
    """
    try:
        verb(case, by=request.user, **kwargs)
    except Conflict as conflict:
        return not_taken(request, conflict, back)
    except Refused as refused:
        if form is not None and again is not None:
            form.add_error(None, str(refused))
            return again(status=422)
        return not_taken(request, refused, back)
    except NotAllowed as error:
        name = f"{verb.__module__}.{verb.__name__}"
        record("case.refused", by=request.user, case_uid=case.uid, outcome="refused", request=request, target=name)
        raise PermissionDenied from error
    if done:
        messages.success(request, done)
    return redirect(to or back)


def not_taken(request: HttpRequest, error: Conflict | Refused, back: str = "") -> HttpResponse:
    """The answer to what came too late: a page (409) with the texts that were sent, for their author to copy.

    Where nothing was typed that is a message on ``back``. Of a case that was erased no page is left: the person's first one serves.
    """
    if isinstance(error, Erased):
        back = resolve_url(settings.LOGIN_REDIRECT_URL)
    if words := typed(request):
        return render(request, "cases/not_taken.html", {"why": str(error), "back": back, "typed": words}, status=409)
    if isinstance(error, Conflict) and not isinstance(error, Erased):
        messages.warning(request, f"{error} Here is how it stands now.")
    else:
        messages.error(request, str(error))
    return redirect(back)
