"""The page on which a patient reads who looked at their case."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.looked import in_words, looks_by_day

ON_A_PAGE = 50


@login_required
@require_safe
def who_looked(request: SignedIn, uid: UUID) -> HttpResponse:
    """Other people's looks and refusals, or with ``?all`` the reader's own too; a line a person, act and day."""
    case = case_or_404(request, uid, Right.OWN, action="case.looked")
    everybody = "all" in request.GET
    page = Paginator(looks_by_day(case, request.user, also_own=everybody), ON_A_PAGE).get_page(request.GET.get("page"))
    here = reverse("tracking:looked", args=[case.uid])
    tabs = [
        {"label": "Other people", "url": here, "current": not everybody},
        {"label": "Everybody", "url": f"{here}?all", "current": everybody},
    ]
    lines = in_words(page, case, request.user)
    return render(request, "tracking/looked.html", {"case": case, "tabs": tabs, "page": page, "lines": lines, "everybody": everybody})
