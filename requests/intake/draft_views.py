"""Keeping a request that was not sent, and deleting it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.states import State
from secondop.cases.verbs import attempt

from . import drafts


@require_POST
@login_required
def keep(request: SignedIn, uid: UUID) -> HttpResponse:
    """Keep the request as it is."""
    case = case_or_404(request, uid, Right.DECIDE, action="case.draft", is_logged_by_verb=True)
    return attempt(request, drafts.keep, case, back=reverse("intake:hub", args=[uid]), done="Kept. Nothing will be deleted for now.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: SignedIn, uid: UUID) -> HttpResponse:
    """What is lost with the request, and deleting it."""
    is_post = request.method == "POST"
    case = case_or_404(request, uid, Right.OWN, action="case.draft", is_logged_by_verb=is_post)
    back = reverse("intake:hub", args=[uid])
    if is_post:
        return attempt(request, drafts.delete, case, back=back, to=reverse("tracking:list"), done="Your request is deleted.")
    if case.state != State.DRAFT:
        return redirect(back)
    context = {"case": case, "files": case.records.kept().count(), "shared": len(drafts.workers(case)) > 1}
    return render(request, "intake/delete.html", context)
