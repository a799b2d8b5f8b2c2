"""The list of notices, what a person chooses about them, and the page behind the last link of a mail."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.notices.choices import choices_of, choose, zone_of
from secondop.notices.groups import DIGEST, GROUPS
from secondop.notices.models import Notice
from secondop.notices.phones import can_text, phone_of
from secondop.notices.stopping import NoSuchLink, group_of, stop_by
from secondop.web.clock import now

from . import services
from .forms import ChoicesForm, SeenForm
from .lines import lines_of
from .numbers import spelled

PAGE = 20


@login_required
@require_safe
def notices(request: SignedIn) -> HttpResponse:
    """All notices of the signed-in person, the newest first."""
    asked_at = now()
    page = Paginator(services.visible(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "inbox/list.html", {"page": page, "lines": lines_of(page), "asked_at": asked_at.isoformat()})


@login_required
@require_POST
def open_one(request: SignedIn, told_uid: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    try:
        return redirect(services.open_notice(request.user, told_uid))
    except Notice.DoesNotExist as error:
        raise Http404 from error


@login_required
@require_POST
def read_all(request: SignedIn) -> HttpResponse:
    """Mark all notices as read that were there when the list was shown: nobody has seen what came since."""
    form = SeenForm(request.POST)
    services.read_all(request.user, (form.is_valid() and form.cleaned_data["until"]) or now())
    return redirect("inbox:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: SignedIn) -> HttpResponse:
    """How the signed-in person wants to be told."""
    phone = phone_of(request.user)
    can_be_texted = can_text() and bool(phone.number)
    form = ChoicesForm(request.POST or None, roles=request.user.roles, choices=choices_of(request.user), can_text=can_be_texted)
    if request.method == "POST" and form.is_valid():
        choose(request.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("inbox:choices")
    context = {"form": form, "zone": zone_of(request.user).key.replace("_", " "), "number": spelled(phone.number)}
    return render(request, "inbox/choices.html", context, status=422 if form.errors else 200)


@never_cache
@csrf_exempt  # mail programs post here without a page and without a cookie (RFC 8058); the secret of the address is what counts
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, stop_secret: str) -> HttpResponse:
    """Ask whether mails of a sort are to end, and end them; says nothing about whom they went to."""
    is_done = request.method == "POST"
    try:
        group = stop_by(stop_secret) if is_done else group_of(stop_secret)
    except NoSuchLink as error:
        raise Http404 from error
    about = "Your summary of the day" if group == DIGEST else GROUPS[group].label
    return render(request, "inbox/stop.html", {"about": about, "is_done": is_done})
