"""Pages about accounts that allauth does not have."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import kept
from .forms import JoinForm, ProfileForm
from .models import Invitation, User
from .services import InvitationUsed, accept_invitation, find_invitation
from .signed_in import SignedIn

PAGE = "accounts/invitation.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link in an invitation: name and password for a new account, one button for an old one.

    Whoever is signed in with another account is told to sign out first.
    """
    try:
        found = find_invitation(secret)
    except InvitationUsed:
        return render(request, "accounts/invitation_used.html", status=410)
    known = User.objects.filter(email__iexact=found.email).first()
    if request.user.is_authenticated and request.user != known:
        return render(request, "accounts/other_account.html", status=403)
    if known is None:
        return join_new(request, secret, found)
    if not request.user.is_authenticated:
        return render(request, "accounts/invitation_sign_in.html", {"invitation": found})
    return join(request, secret, known, {}) if request.method == "POST" else render(request, PAGE, {"invitation": found})


def join_new(request: HttpRequest, secret: str, found: Invitation) -> HttpResponse:
    """The form for a new account, and the account once it is filled in."""
    form = JoinForm(request.POST or None, email=found.email, initial={"full_name": found.full_name})
    if form.is_valid():
        return join(request, secret, None, form.cleaned_data)
    return render(request, PAGE, {"invitation": found, "form": form}, status=422 if form.is_bound else 200)


def join(request: HttpRequest, secret: str, known: User | None, data: dict[str, str]) -> HttpResponse:
    """Accept the invitation for the account ``known``, or for a new one made of ``data``."""
    try:
        accept_invitation(secret, by=known, **data)
    except InvitationUsed:
        return render(request, "accounts/invitation_used.html", status=410)
    if known:
        messages.success(request, "Your account has its new role.")
        return redirect("home_for_me")
    messages.success(request, "Welcome. Please sign in.")
    return redirect("account_login")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone of the signed-in person."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stay(request: SignedIn) -> HttpResponse:
    """When the session ends, as a page or for the script that warns of it; to send the form is to do something, which moves the end."""
    end = request.session_end
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"seconds": end.seconds, "is_last": end.is_last, "who": end.who})
    if request.method == "POST":
        if not end.is_last:
            messages.success(request, "You stay signed in.")
        return redirect("accounts:stay")
    return render(request, "accounts/stay.html", {"end": end, "longest_hours": settings.SESSION_COOKIE_AGE // 3600})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kept_words(request: SignedIn) -> HttpResponse:
    """What this person had typed into a form that they sent after their session ended; sent back, the page forgets it."""
    if request.method == "POST":
        kept.forget(request)
    found = kept.kept_for(request, request.user)
    if found is None:
        return redirect("home_for_me")
    return render(request, "accounts/kept.html", {"typed": found["words"], "page": found["page"]})
