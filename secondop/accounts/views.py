"""Pages about accounts that allauth does not have."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .forms import JoinForm, ProfileForm
from .models import User
from .services import InvitationUsed, accept_invitation, find_invitation


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link in an invitation: name and password for a new account, one button for an old one."""
    try:
        found = find_invitation(secret)
    except InvitationUsed:
        return render(request, "accounts/invitation_used.html", status=410)
    known = User.objects.filter(email__iexact=found.email).first()
    if known and request.user != known:
        return render(request, "accounts/invitation_sign_in.html", {"invitation": found})
    form = JoinForm(request.POST or None, email=found.email, initial={"full_name": found.full_name})
    if request.method == "POST" and (known or form.is_valid()):
        data = {} if known else form.cleaned_data
        try:
            accept_invitation(secret, by=known, **data)
        except InvitationUsed:
            return render(request, "accounts/invitation_used.html", status=410)
        messages.success(request, "Welcome. Please sign in." if not known else "Your account has its new role.")
        return redirect("home_for_me" if known else "account_login")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/invitation.html", {"invitation": found, "form": None if known else form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name and time zone of the signed-in person."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
