"""Signing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from secondop.accounts import identity
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.cases.states import State

from ..forms import SignForm
from ..room import still_there
from ..services import materials, signing
from ..services.drafts import start


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@still_there
def sign(request: SignedIn, uid: UUID) -> HttpResponse:
    """The text as it will stand, what is still missing, and the password; then the signature."""
    case = case_or_404(request, uid, Right.WRITE, action="opinion.read")
    if case.state != State.IN_REVIEW:
        return redirect("opinions:write", uid=uid)
    form = SignForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return show(request, case, form, status=422 if form.is_bound else 200)
    status = carry_out(request, case, form)
    if status != 200:
        return show(request, case, form, status=status)
    messages.success(request, "Signed. The care coordinator now checks the opinion.")
    return redirect("opinions:write", uid=uid)


def carry_out(request: SignedIn, case: Case, form: SignForm) -> int:
    """Sign; where that is refused, put the reason on the form. Returns the status of the answer."""
    try:
        signing.sign(case, by=request.user, password=form.cleaned_data["password"], version=form.cleaned_data["version"])
    except (identity.WrongPasswordGiven, identity.TooManyTries, identity.NoPassword) as error:
        return identity.put_on(form, error)
    except Refused as refused:
        form.add_error(None, str(refused))
        return 422
    return 200


def show(request: SignedIn, case: Case, form: SignForm, *, status: int) -> HttpResponse:
    """Render the page of the signature; the password field is always empty."""
    draft = start(case, by=request.user)
    context: dict[str, Any] = {"case": case, "opinion": draft, "gaps": signing.gaps(case, draft), "form": form}
    context["unnamed"] = materials.unnamed(draft)
    return render(request, "opinions/sign.html", context, status=status)
