"""The pages about the consents of a case: reading them and their signed copies, taking one back, giving one later."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.models import ConsentCopy
from intake.services import Origin
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import client_address
from secondop.cases.access import CaseQuerySet, Moment, Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.verbs import attempt
from secondop.documents.files import pdf_response

from . import consents, services
from .family.forms import AgreeForm


def load(request: SignedIn, uid: UUID, right: Right = Right.DECIDE) -> Case:
    """The case, once it was sent, for those who decide on it; what is agreed to in a draft stands on its last screen."""
    return case_or_404(request, uid, right, action="consent.read", within=sent_cases)


def sent_cases(at: Moment) -> CaseQuerySet:
    """All but drafts."""
    return Case.objects.exclude(state=State.DRAFT)


def load_to_read(request: SignedIn, uid: UUID) -> tuple[Case, bool]:
    """The case for those who decide on it, or for the care team; and whether the reader decides."""
    decides = Case.objects.visible_to(request.user, Right.DECIDE).filter(uid=uid).exists()
    return load(request, uid, Right.DECIDE if decides else Right.COORDINATE), decides


def home(uid: UUID) -> str:
    """The address of the page with all consents."""
    return reverse("tracking:consents", args=[uid])


@login_required
@require_safe
def consent_list(request: SignedIn, uid: UUID) -> HttpResponse:
    """What was agreed to and what not, word for word, with the signed copies; the care team changes nothing here."""
    case, decides = load_to_read(request, uid)
    entries, never_asked = consents.entries(case, request.user if decides else None)
    waiting = consents.waiting_for_copies(entries)
    context = {"case": case, "decides": decides, "entries": entries, "never_asked": never_asked, "waiting": waiting}
    return render(request, "tracking/consents/list.html", context)


@login_required
@require_safe
def download_copy(request: SignedIn, uid: UUID, copy_id: int) -> HttpResponseBase:
    """A signed copy as a PDF."""
    case, _ = load_to_read(request, uid)
    copy = get_object_or_404(ConsentCopy.objects.select_related("case", "stored"), case=case, pk=copy_id)
    return pdf_response(request, copy, back=home(uid), back_label="The consents")


@login_required
@require_POST
def remake_copy(request: SignedIn, uid: UUID, copy_id: int) -> HttpResponse:
    """Try again to make a signed copy that could not be made."""
    case, _ = load_to_read(request, uid)
    copy = get_object_or_404(ConsentCopy, case=case, pk=copy_id)
    return attempt(request, services.remake_copy, case, back=home(uid), done="We are trying again.", copy=copy)


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
