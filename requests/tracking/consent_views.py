"""The pages about the consents of a case: reading them, taking one back, giving one later."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from intake.services import Origin
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import client_address
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.verbs import attempt

from . import consents, services
from .family.forms import AgreeForm


def load(request: SignedIn, uid: UUID) -> Case:
    """The case, once it was sent, for those who decide on it; what is agreed to in a draft stands on its last screen."""
    sent = Case.objects.exclude(state=State.DRAFT)
    return case_or_404(request, uid, Right.DECIDE, action="consent.read", within=sent)


def home(uid: UUID) -> str:
    """The address of the page with all consents."""
    return reverse("tracking:consents", args=[uid])


@login_required
@require_safe
def consent_list(request: SignedIn, uid: UUID) -> HttpResponse:
    """What was agreed to and what not, word for word."""
    case = load(request, uid)
    entries, never_asked = consents.entries(case, request.user)
    return render(request, "tracking/consents/list.html", {"case": case, "entries": entries, "never_asked": never_asked})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: SignedIn, uid: UUID, consent_id: int) -> HttpResponse:
    """What taking one consent back means, and doing it."""
    case = load(request, uid)
    consent = get_object_or_404(case.consents.select_related("text", "source", "case"), pk=consent_id)
    if request.method == "POST":
        to = reverse("tracking:list") if consents.ends_own_rights(consent, request.user) else home(uid)
        done = "You took back this consent."
        return attempt(request, services.revoke_consent, case, back=home(uid), to=to, done=done, consent=consent)
    if not consents.may_revoke(case, consent):
        messages.info(request, services.NOT_IN_FORCE)
        return redirect(home(uid))
    return render(request, "tracking/consents/revoke.html", consents.revoking(case, consent, request.user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: SignedIn, uid: UUID, consent_key: str) -> HttpResponse:
    """The words of a consent that is not in force, and signing them."""
    case = load(request, uid)
    wording = consents.wording(case, request.user, consent_key)
    if wording is None:
        messages.info(request, services.NOT_OFFERED)
        return redirect(home(uid))
    form = AgreeForm(request.POST if request.method == "POST" else None, initial={"read": wording.sha256})

    def page(status: int) -> HttpResponse:
        return render(request, "tracking/consents/give.html", {"case": case, "wording": wording, "form": form}, status=status)

    if request.method != "POST" or not form.is_valid():
        return page(422 if form.errors else 200)
    origin = Origin(client_address(request), request.headers.get("User-Agent", ""))
    signed = {"typed_name": form.cleaned_data["typed_name"], "sha256": form.cleaned_data["read"], "origin": origin}
    verb = services.give_consent
    return attempt(request, verb, case, back=home(uid), done="Signed.", form=form, again=page, key=consent_key, **signed)
