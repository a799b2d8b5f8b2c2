"""What every request of a signed-in person passes."""

import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from secondop.web.typed import typed

from . import kept
from .limits import HEALTH
from .models import User
from .signed_in import Asked

OPEN_TO_ALL = {"account_logout", "account_reauthenticate", "account_login", "home", "accounts:stay"}


class StaffNeedMfa:
    """Staff meet no page before they have set up a second factor; times are shown in the zone that the person has chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and leave no person's time zone to the next one."""
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Set the time zone that the signed-in person has chosen; send staff without a second factor to the page that sets one up."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in HEALTH or not request.session.session_key or not request.user.is_authenticated:
            return None
        if request.user.time_zone:
            timezone.activate(zoneinfo.ZoneInfo(request.user.time_zone))
        if lacks_factor(request.user) and name not in OPEN_TO_ALL and not name.startswith("mfa_"):
            return self.refused(request)
        return None

    @staticmethod
    def refused(request: HttpRequest) -> HttpResponse:
        """The way to the second factor; first what was typed, for whoever sent a form."""
        if words := typed(request):
            return render(request, "accounts/needs_factor.html", {"typed": words}, status=HTTPStatus.FORBIDDEN)
        messages.info(request, "Please set up a second factor first. It protects your patients' records.")
        return redirect("mfa_index")


def lacks_factor(user: User) -> bool:
    """Whether ``user`` is of the staff and has not set up the second factor that staff need here."""
    return bool(settings.REQUIRE_STAFF_MFA and user.roles and not is_mfa_enabled(user))


class SignedOutMeanwhile:
    """Whoever sent a form after they were signed out meets its page again once they have signed in, not the verb's own address.

    That address answers forms only, so that there is nothing to go on with there. The page is the one that the browser
    names as the sender. What was typed is given back at once, and again once they have signed in (kept.py). htmx, which would follow to the
    sign-in page and put it into the page that asked, is answered with 401: then it changes nothing, and what was typed or chosen
    there stays. Other scripts see to it themselves and get the answer as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Asked) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        there = response.headers.get("Location", "")
        if not there or not there.startswith(f"{resolve_url('account_login')}?"):
            return response
        if request.htmx:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        is_person = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if request.method != "POST" or not is_person:
            if is_person and request.session.ended:
                messages.info(request, "You were signed out: nothing was done here for a while, or you had been signed in for very long.")
            return response
        if words := typed(request):
            is_kept = kept.keep(request, words, self.page(request))
            then = resolve_url("accounts:kept") if is_kept else self.page(request)
            context = {"typed": words, "is_kept": is_kept, "sign_in": redirect_to_login(then).url}
            return render(request, "accounts/signed_out.html", context, status=HTTPStatus.UNAUTHORIZED)
        messages.warning(request, "You had been signed out, so what you sent was not taken. Sign in, then send it again.")
        return redirect_to_login(self.page(request))

    @staticmethod
    def page(request: HttpRequest) -> str:
        """The path of our own page that the form was on, or the start page of whoever signs in."""
        referer = request.headers.get("Referer", "")
        path = urlsplit(referer).path if url_has_allowed_host_and_scheme(referer, {request.get_host()}) else ""
        # A path that begins with two slashes would be an address elsewhere.
        return path if url_has_allowed_host_and_scheme(path, None) else resolve_url(settings.LOGIN_REDIRECT_URL)
