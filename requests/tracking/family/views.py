"""Pages about family and helpers: the patient's, and the one behind the link of an invitation."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from intake import consents
from intake.services import Origin
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import client_address, record
from secondop.cases.access import Right
from secondop.cases.consents import in_force
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Refused
from secondop.cases.models import Case
from secondop.cases.verbs import attempt

from ..models import Helper
from . import pages, rules, services
from .forms import AgreeForm, InviteForm


def load(request: SignedIn, uid: UUID) -> Case:
    """The case, sent or not, for those who decide on it."""
    return case_or_404(request, uid, Right.DECIDE, action="case.family")


def home(uid: UUID) -> str:
    """The address of the page."""
    return reverse("tracking:family", args=[uid])


def page(request: SignedIn, case: Case, form: InviteForm | AgreeForm, status: int = 200) -> HttpResponse:
    """The page with one of its two forms."""
    return render(request, "tracking/family/page.html", pages.of_page(case, request.user, form), status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: SignedIn, uid: UUID) -> HttpResponse:
    """Who may see the case, and inviting somebody; the consent to share it comes first."""
    case = load(request, uid)
    if in_force(case, consents.Kind.FAMILY) is None:
        wording = consents.wording_of(case, request.user, consents.Kind.FAMILY)
        if request.method == "POST":
            messages.warning(request, "Your invitation was not sent. Please sign the consent first, then invite again.")
        agreeing = AgreeForm(initial={"read": wording.sha256 if wording else ""})
        return page(request, case, agreeing, 409 if request.method == "POST" else 200)
    form = InviteForm(request.POST if request.method == "POST" else None, givable=rules.givable(case, request.user))
    if request.method != "POST" or not form.is_valid():
        return page(request, case, form, 422 if form.errors else 200)

    def again(status: int) -> HttpResponse:
        return page(request, case, form, status)

    done = "The invitation is on its way."
    return attempt(request, services.invite, case, back=home(uid), done=done, form=form, again=again, **form.invitation())


@require_POST
@login_required
def agree(request: SignedIn, uid: UUID) -> HttpResponse:
    """Sign the consent to share the case with family."""
    case = load(request, uid)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        return page(request, case, form, 422)
    origin = Origin(client_address(request), request.headers.get("User-Agent", ""))
    signed = {"typed_name": form.cleaned_data["typed_name"], "sha256": form.cleaned_data["read"], "origin": origin}
    return attempt(request, services.agree, case, back=home(uid), done="Signed. Now you can invite people.", **signed)


@require_POST
@login_required
def invite_again(request: SignedIn, uid: UUID, helper_uid: UUID) -> HttpResponse:
    """Send an invitation anew."""
    case = load(request, uid)
    helper = get_object_or_404(case.helpers, uid=helper_uid)
    return attempt(request, services.invite_again, case, back=home(uid), done="A new invitation is on its way.", helper=helper)


@require_POST
@login_required
def cancel(request: SignedIn, uid: UUID, helper_uid: UUID) -> HttpResponse:
    """Take an invitation back."""
    case = load(request, uid)
    helper = get_object_or_404(case.helpers, uid=helper_uid)
    return attempt(request, services.cancel, case, back=home(uid), done="The invitation does not work any more.", helper=helper)


@require_POST
@login_required
def end(request: SignedIn, uid: UUID, person_id: int) -> HttpResponse:
    """End what one person may do with the case."""
    case = load(request, uid)
    person = get_object_or_404(pages.ever_let_in(case), pk=person_id)
    to = reverse("tracking:list") if person == request.user else home(uid)
    done = f"{person} can no longer see this case."
    return attempt(request, services.end, case, back=home(uid), to=to, done=done, person=person)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedIn, helper_secret: str) -> HttpResponse:
    """The page behind the link of an invitation: for the invited person alone who asks, what it allows, and a yes or no."""
    try:
        helper = services.find(helper_secret)
        if not request.user.is_authenticated:
            return signed_out(request)
        services.check_account(helper, request.user)
        if request.method == "POST":
            return answer(request, helper, helper_secret)
    except services.LinkUsed:
        return render(request, "tracking/family/used.html", status=410)
    except services.WrongAccount:
        record("family.refused", by=request.user, case_uid=helper.case.uid, outcome="refused", request=request)
        return render(request, "accounts/other_account.html", status=403)
    return render(request, "tracking/family/invitation.html", pages.of_invitation(helper))


def signed_out(request: SignedIn) -> HttpResponse:
    """Sign in or sign up, and come back."""
    return redirect_to_login(request.path) if request.method == "POST" else render(request, "tracking/family/sign_in.html")


def answer(request: SignedIn, helper: Helper, secret: str) -> HttpResponse:
    """Accept or decline as the button says, and ask again where none was pressed. Raises ``LinkUsed`` and ``WrongAccount``."""
    said = request.POST.get("answer")
    if said not in ("yes", "no"):
        return render(request, "tracking/family/invitation.html", pages.of_invitation(helper), status=422)
    if said == "no":
        services.decline(secret, by=request.user)
        messages.success(request, "You said no to the invitation. Nothing was shared with you.")
        return redirect("home_for_me")
    try:
        services.accept(secret, by=request.user)
    except Refused as refused:
        return render(request, "tracking/family/invitation.html", pages.of_invitation(helper) | {"refused": str(refused)}, status=422)
    messages.success(request, "Thank you. You find the case in your list from now on.")
    return redirect("tracking:list")
