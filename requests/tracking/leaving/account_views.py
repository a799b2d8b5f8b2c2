"""The page on which a patient closes their account, or keeps it after all."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts import identity
from secondop.accounts.signed_in import SignedIn
from secondop.cases import erasures
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models.erasure import in_a_week
from secondop.cases.states import OPEN

from ..models import AccountClosure, Helper
from . import accounts
from .forgetting import has_worked_here
from .forms import LeaveForm

JUST_CHANGED = "One of your cases has just changed. Please try again."


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedIn) -> HttpResponse:
    """What closing the account means, and asking for it; once asked, until when it can be kept."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return carry_out(request, form)
    return show(request, form, status=422 if form.errors else 200)


def show(request: SignedIn, form: LeaveForm, *, status: int) -> HttpResponse:
    """The page as it is for this person now; the password field is always empty."""
    user = request.user
    closure = AccountClosure.objects.filter(user=user).first()
    cases = [(case, case.state in OPEN) for case in accounts.own_cases(user).select_related("erasure").order_by("-created_at", "-pk")]
    helped = Helper.objects.filter(user=user, status=Helper.Status.ACCEPTED).count()
    work = {"is_staff": bool(user.roles), "has_worked": has_worked_here(user)}
    page = {"form": form, "closure": closure, "cases": cases, "helped": helped, "day": in_a_week(), **work}
    return render(request, "tracking/leaving/account.html", page, status=status)


def carry_out(request: SignedIn, form: LeaveForm) -> HttpResponse:
    """Note the wish, or say on the form why not."""
    try:
        closure = accounts.ask_to_close(by=request.user, password=form.cleaned_data["password"])
    except (identity.WrongPasswordGiven, identity.TooManyTries, identity.NoPassword) as error:
        return show(request, form, status=identity.put_on(form, error))
    except Refused as refused:
        form.add_error(None, str(refused))
        return show(request, form, status=422)
    except (Conflict, NotAllowed):
        form.add_error(None, JUST_CHANGED)
        return show(request, form, status=422)
    messages.success(request, f"We will close your account on {erasures.day(closure.due_at)}.")
    return redirect("tracking:close_account")


@require_POST
@login_required
def keep(request: SignedIn) -> HttpResponse:
    """Keep the account and its cases."""
    try:
        if accounts.keep(by=request.user):
            messages.success(request, "We keep your account. Nothing was erased.")
    except Refused as refused:
        messages.error(request, str(refused))
    except (Conflict, NotAllowed):
        messages.error(request, JUST_CHANGED)
    return redirect("tracking:list")
