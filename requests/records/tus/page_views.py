"""The pages beside tus: files that are not finished, and programs that may send files."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Refused

from ..gate import refused
from ..models import Purpose
from . import pages, services, tokens
from .forms import TokenForm

MOST_ASKED = 500


@login_required
@require_POST
def known(request: SignedIn, uid: UUID) -> HttpResponse:
    """For each fingerprint of a file that is here: nothing, or the address where the rest of it goes."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.list")
    found = pages.known(case, request.user, request.POST.getlist("fingerprint")[:MOST_ASKED])
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


@login_required
@require_POST
def discard(request: SignedIn, uid: UUID, upload_uid: UUID) -> HttpResponse:
    """Give up a file that did not come whole."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.upload", is_logged_by_verb=True)
    upload = case.uploads.of(request.user).filter(uid=upload_uid).first()
    if upload is None:
        raise refused(request, uid, upload_uid)
    upload.case = case
    services.discard(upload, by=request.user)
    return redirect("records:list" if upload.purpose == Purpose.MEDICAL else "records:papers", uid)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programs(request: SignedIn, uid: UUID) -> HttpResponse:
    """The programs that may send files; a new one's token is shown once."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.list")
    form = TokenForm(request.POST if request.method == "POST" else None)
    new: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        try:
            token, secret = tokens.make(case, by=request.user, purpose=Purpose.MEDICAL, **form.cleaned_data)
            new, form = {"token": token, "secret": secret, "address": request.build_absolute_uri(address(uid))}, TokenForm()
        except Refused as error:
            form.add_error(None, str(error))
    page = {**pages.of_programs(case, request.user), "form": form, "new": new}
    return render(request, "records/tus/programs.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: SignedIn, uid: UUID, token_uid: UUID) -> HttpResponse:
    """Take a program's token back."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.list")
    if not case.upload_tokens.filter(uid=token_uid, made_by=request.user).exists():
        raise refused(request, uid, token_uid)
    tokens.revoke(case, by=request.user, uid=token_uid)
    return redirect("records:programs", uid)


def address(uid: UUID) -> str:
    """Where a program begins its uploads."""
    return reverse("records:upload_begin", args=[uid])
