"""The page about copies of one's own data, and the way a copy goes out."""

import logging
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from secondop.accounts import identity
from secondop.accounts.signed_in import SignedIn, still_signed_in
from secondop.audit.services import record
from secondop.cases.lifecycle import Refused
from secondop.vault.services import VaultError
from secondop.vault.serving import respond

from . import services
from .forms import AskForm, as_uid
from .log import note
from .models import Export

logger = logging.getLogger(__name__)


@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedIn) -> HttpResponse:
    """The copy that was asked for last, how far it is, and asking for another."""
    posted = request.POST if request.method == "POST" else None
    form = AskForm(posted, user=request.user, wanted=as_uid(request.GET.get("case", "")))
    status = 200
    if posted is not None:
        status = carry_out(request, form) if form.is_valid() else 422
        if status == 200:
            return redirect("exports:page")
    return render(request, "exports/page.html", {**shown(request), "form": form}, status=status)


def carry_out(request: SignedIn, form: AskForm) -> int:
    """Ask for the copy; where that is refused, put the reason on the form. Returns the status of the answer."""
    try:
        services.ask(by=request.user, password=form.cleaned_data["password"], case=form.case())
    except (identity.WrongPasswordGiven, identity.TooManyTries, identity.NoPassword) as error:
        return identity.put_on(form, error)
    except services.Running as running:
        messages.info(request, str(running))  # a double click: the page shows the copy that the first one asked for
    except Refused as refused:
        form.add_error(None, str(refused))
        return 422
    return 200


def shown(request: SignedIn) -> dict[str, object]:
    """What the page shows of the last copy."""
    export = services.latest(request.user)
    is_there = bool(export and services.is_there(export, request.user))
    label = f"{export.files_done} of {export.files_total} files are in it" if export and export.files_total else ""
    return {"export": export, "is_there": is_there, "running": bool(export and export.is_running), "label": label}


@login_required
@require_safe
def progress(request: SignedIn) -> HttpResponse:
    """How far the copy is, for a page that asks again and again; once it is made, the page loads anew."""
    context = shown(request)
    if context["running"]:
        return render(request, "exports/progress.html", context)
    return HttpResponse(headers={"HX-Refresh": "true"}) if request.htmx else redirect("exports:page")


@login_required
@require_safe
def download(request: SignedIn, export_uid: UUID) -> HttpResponseBase:
    """The file, to its owner only, with a line in the audit log of each case that is in it before a byte goes out."""
    export = own_or_404(request, export_uid)
    if not services.is_there(export, request.user) or export.stored is None:
        return render(request, "exports/gone.html", {"export": export}, status=HTTPStatus.GONE)
    may_go_on = partial(may_still_take, request, export)
    try:
        response = respond(request, export.stored, filename=filename(export), media_type="application/zip", may_go_on=may_go_on)
    except VaultError:
        logger.exception("copy %s cannot be read", export.uid)
        return render(request, "exports/unavailable.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    note(export, "download", request.user, request)
    return response


@login_required
@require_POST
def retry(request: SignedIn, export_uid: UUID) -> HttpResponse:
    """Try again to make a copy that failed."""
    try:
        services.retry(own_or_404(request, export_uid), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("exports:page")


@login_required
@require_POST
def discard(request: SignedIn, export_uid: UUID) -> HttpResponse:
    """Throw a copy away, or stop making it."""
    if services.discard(own_or_404(request, export_uid), by=request.user):
        messages.success(request, "The copy is deleted.")
    return redirect("exports:page")


def own_or_404(request: SignedIn, uid: UUID) -> Export:
    """The copy ``uid`` of the signed-in person. Raises ``Http404`` for anybody else's and an unknown one alike."""
    export = Export.objects.filter(uid=uid, owner=request.user).select_related("stored").first()
    if export is None:
        record("export.refused", by=request.user, target=str(uid), outcome="refused", request=request)
        raise Http404
    return export


def may_still_take(request: HttpRequest, export: Export) -> bool:
    """Whether whoever made this request could make it again now."""
    user = still_signed_in(request)
    return bool(user and services.is_there(export, user))


def filename(export: Export) -> str:
    """What the file is called on the reader's machine; it says nothing about anybody's health."""
    return f"secondop-copy-{export.created_at:%Y-%m-%d}.zip"
