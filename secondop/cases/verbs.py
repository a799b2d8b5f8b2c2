"""How views carry out a verb: one place that turns our errors into answers for a person."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from secondop.audit.services import record

from .lifecycle import Conflict, NotAllowed, Refused
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

    Done: redirect to ``to`` (or ``back``) with the message ``done``. Moved on meanwhile (``Conflict``): redirect to ``back``
    and say so. ``Refused``: the reason goes onto ``form`` and ``again(status=422)`` shows the page with what was typed;
    without a form it is a message on ``back``. ``NotAllowed``: 403, and a refusal in the audit log.
    """
    try:
        verb(case, by=request.user, **kwargs)
    except Conflict as conflict:
        messages.warning(request, f"{conflict} Here is how it stands now.")
        return redirect(back)
    except Refused as refused:
        if form is not None and again is not None:
            form.add_error(None, str(refused))
            return again(status=422)
        messages.error(request, str(refused))
        return redirect(back)
    except NotAllowed as error:
        name = f"{verb.__module__}.{verb.__name__}"
        record("case.refused", by=request.user, case_uid=case.uid, outcome="refused", request=request, target=name)
        raise PermissionDenied from error
    if done:
        messages.success(request, done)
    return redirect(to or back)
