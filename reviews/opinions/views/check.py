"""The coordinator's check of a signed opinion: read it as the patient will, then release or return it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import moves_for
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.verbs import attempt

from ..forms import ReturnForm, SecondAskForm
from ..models import Opinion
from ..services import checking, second_looks
from ..services.versions import current


@login_required
@require_safe
def check(request: SignedIn, uid: UUID) -> HttpResponse:
    """The signed text, the state of its PDF, the second look, and what can be done now."""
    return show(request, case_or_404(request, uid, Right.COORDINATE, action="opinion.read"))


@login_required
@require_POST
def return_(request: SignedIn, uid: UUID) -> HttpResponse:
    """Send the opinion back to its author with a query."""
    case = case_or_404(request, uid, Right.COORDINATE, action="opinion.return")
    form = ReturnForm(request.POST)

    def again(status: int) -> HttpResponse:
        return show(request, case, status=status, return_form=form)

    if not form.is_valid():
        return again(422)
    verb, back, done = checking.return_to_specialist, page(uid), "Returned. The specialist has been told, and has 24 hours."
    return attempt(request, verb, case, back=back, done=done, form=form, again=again, **form.cleaned_data)


@login_required
@require_POST
def release(request: SignedIn, uid: UUID) -> HttpResponse:
    """Give the opinion to the patient."""
    case = case_or_404(request, uid, Right.COORDINATE, action="opinion.release")
    return attempt(request, checking.release, case, back=page(uid), done="Released. The patient has been told.")


@login_required
@require_POST
def second_ask(request: SignedIn, uid: UUID) -> HttpResponse:
    """Ask a second specialist to look."""
    case = case_or_404(request, uid, Right.COORDINATE, action="second.ask")
    opinion = current(case)
    form = SecondAskForm(request.POST, candidates=second_looks.candidates(case, opinion) if opinion else [])

    def again(status: int) -> HttpResponse:
        return show(request, case, status=status, second_form=form)

    if not form.is_valid():
        return again(422)
    chosen, back = form.cleaned_data["specialist"], page(uid)
    return attempt(request, second_looks.ask, case, back=back, done="Asked.", form=form, again=again, specialist_id=chosen)


@login_required
@require_POST
def second_recall(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take the request for a second look back."""
    case = case_or_404(request, uid, Right.COORDINATE, action="second.recall")
    return attempt(request, second_looks.recall, case, back=page(uid), done="Taken back. You can ask somebody else now.")


def page(uid: UUID) -> str:
    """The page that every verb of the check returns to."""
    return reverse("opinions:check", args=[uid])


def show(request: SignedIn, case: Case, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the check of the newest signed version, whoever wrote it; only the present specialist's can be released."""
    opinion = Opinion.objects.signed().whole().select_related("document", "author").filter(case=case).first()
    mine = current(case)
    needed = opinion is not None and second_looks.is_needed(opinion)
    candidates = second_looks.candidates(case, opinion) if needed and case.state == State.CHECKING else []
    context = {
        "case": case,
        "opinion": opinion,
        "is_current": opinion is not None and opinion == mine,
        "moves": moves_for(case, request.user),
        "second_needed": needed,
        "second_done": needed and second_looks.is_confirmed(opinion),
        "second_waits": needed and opinion.second_looks.open().exists(),
        "looks": opinion.second_looks.select_related("specialist") if opinion else [],
        "candidates": candidates,
        "return_form": ReturnForm(),
        "second_form": SecondAskForm(candidates=candidates),
        **forms,
    }
    return render(request, "opinions/check.html", context, status=status)
