"""Pages on which a patient has a case erased, or keeps it after all."""

from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts import identity
from secondop.accounts.signed_in import SignedIn
from secondop.cases import erasures
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.models.erasure import in_a_week
from secondop.cases.states import OPEN, State
from secondop.cases.verbs import attempt

from . import services
from .forms import LeaveForm


def home(case: Case) -> str:
    """The page that the patient of the case comes back to."""
    return reverse("intake:hub" if case.state == State.DRAFT else "tracking:case", args=[case.uid])


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: SignedIn, uid: UUID) -> HttpResponse:
    """What erasing the case means, and asking for it; a request that nobody was sent is deleted at once, on a page of its own."""
    case = case_or_404(request, uid, Right.OWN)
    if erasures.is_asked(case):
        return redirect(home(case))
    if case.state == State.DRAFT:
        return redirect("intake:delete", uid=uid)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return carry_out(request, case, form)
    return show(request, case, form, status=422 if form.errors else 200)


def show(request: SignedIn, case: Case, form: LeaveForm, *, status: int) -> HttpResponse:
    """The page that asks; the password field is always empty."""
    page = {"case": case, "form": form, "day": in_a_week(), "is_open": case.state in OPEN, "back": home(case)}
    return render(request, "tracking/leaving/erase.html", page, status=status)


def carry_out(request: SignedIn, case: Case, form: LeaveForm) -> HttpResponse:
    """Note the wish, or say on the form why not."""
    done, again = f"We will erase it on {erasures.day(in_a_week())}.", partial(show, request, case, form)
    password = form.cleaned_data["password"]
    try:
        return attempt(request, services.ask_to_erase, case, back=home(case), done=done, form=form, again=again, password=password)
    except (identity.WrongPasswordGiven, identity.TooManyTries, identity.NoPassword) as error:
        return again(status=identity.put_on(form, error))


@require_POST
@login_required
def keep(request: SignedIn, uid: UUID) -> HttpResponse:
    """Keep a case that was to be erased; one that goes with the account is kept with it."""
    case = case_or_404(request, uid, Right.OWN)
    if erasures.is_asked(case) and case.erasure.with_account:
        return redirect("tracking:close_account")
    return attempt(request, erasures.keep, case, back=home(case), done="We keep it. Nothing was erased.")
