"""The page behind the link by which a patient who is an adult now takes over the case that a parent began."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases import handover as services
from secondop.cases.lifecycle import Refused

from .services import take_over


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: SignedIn, handover_secret: str) -> HttpResponse:
    """For the invited person alone: what taking over means, and doing it."""
    page = "tracking/handover/invitation.html"
    try:
        found = services.find(handover_secret)
        if not request.user.is_authenticated:
            return redirect_to_login(request.path) if request.method == "POST" else render(request, "tracking/handover/sign_in.html")
        services.check_account(found, request.user)
        if request.method != "POST":
            return render(request, page, {"handover": found})
        case = take_over(handover_secret, by=request.user)
    except services.LinkUsed:
        return render(request, "tracking/handover/used.html", status=410)
    except services.WrongAccount:
        record("handover.refused", by=request.user, case_uid=found.case.uid, outcome="refused", request=request)
        return render(request, "accounts/other_account.html", status=403)
    except Refused as refused:
        return render(request, page, {"handover": found, "refused": str(refused)}, status=422)
    messages.success(request, "The request is yours now.")
    return redirect(reverse("tracking:case", args=[case.uid]))
