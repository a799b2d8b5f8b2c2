"""The PDF for staff, and another try where it could not be made."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.verbs import attempt
from secondop.documents.files import pdf_response

from ..models import Opinion
from ..services.checking import remake


@login_required
@require_safe
def pdf(request: SignedIn, uid: UUID, version: int) -> HttpResponseBase:
    """A signed version's PDF: any for the care team, their own for its author, who may be of the care team as well."""
    writes = Case.objects.visible_to(request.user, Right.WRITE).filter(uid=uid).exists()
    case = case_or_404(request, uid, Right.WRITE if writes else Right.COORDINATE, action="opinion.read")
    versions = Opinion.objects.signed().select_related("document").filter(case=case)
    opinion = get_object_or_404(versions.filter(author=request.user) if writes else versions, version=version)
    back = reverse("opinions:write" if writes else "opinions:check", args=[uid])
    return pdf_response(request, opinion.document, back=back, back_label="The opinion")


@login_required
@require_POST
def rerender(request: SignedIn, uid: UUID, version: int) -> HttpResponseBase:
    """Try again to make a PDF that failed."""
    case = case_or_404(request, uid, Right.COORDINATE, action="opinion.rerender")
    back = reverse("opinions:check", args=[uid])
    return attempt(request, remake, case, back=back, done="We are trying again.", version=version)
