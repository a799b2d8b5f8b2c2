"""The opinion as its patient meets it: a cover first, then the short answer, then all of it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from opinions.models import ROWS, Opinion
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.verbs import attempt
from secondop.documents.files import pdf_response

from . import services
from .forms import CloseForm
from .reading import context_of, version_of


@login_required
@require_safe
def opinion(request: SignedIn, uid: UUID) -> HttpResponse:
    """The newest version, or an earlier one by its number: its cover until the reader has chosen to open it, then the text."""
    case = case_or_404(request, uid, Right.READ_OPINION, action="opinion.read", related=("erasure",))
    versions, chosen = found(case, request.GET.get("version"))
    reader = services.is_reader(case, request.user)
    is_open = not reader or chosen != versions[0] or chosen.openings.filter(user=request.user).exists()
    context = {"case": case, "versions": versions, "newest": versions[0], "reader": reader, **context_of(chosen)}
    if is_open:
        context["may_close"] = not reader and case.state == State.DELIVERED
    return render(request, "delivery/opinion.html" if is_open else "delivery/cover.html", context)


@login_required
@require_POST
def open_(request: SignedIn, uid: UUID) -> HttpResponse:
    """Open the newest version."""
    case = case_or_404(request, uid, Right.READ_OPINION, action="opinion.read")
    found(case, None)
    return attempt(request, services.open_opinion, case, back=reverse("delivery:opinion", args=[uid]))


@login_required
@require_safe
def pdf(request: SignedIn, uid: UUID) -> HttpResponseBase:
    """The letter as a download."""
    case = case_or_404(request, uid, Right.READ_OPINION, action="opinion.read")
    back = reverse("delivery:opinion", args=[uid])
    _, chosen = found(case, request.GET.get("version"))
    return pdf_response(request, chosen.document, back=back, back_label="The opinion")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedIn, uid: UUID) -> HttpResponse:
    """Close a delivered case early, with a reason."""
    case = case_or_404(request, uid, Right.COORDINATE, action="case.close")
    form = CloseForm(request.POST if request.method == "POST" else None)

    def again(status: int) -> HttpResponse:
        return render(request, "delivery/close.html", {"case": case, "form": form}, status=status)

    if request.method == "GET" or not form.is_valid():
        return again(422 if form.is_bound else 200)
    back = reverse("opinions:check", args=[uid])
    return attempt(request, services.close, case, back=back, done="Closed.", form=form, again=again, **form.cleaned_data)


def found(case: Case, wanted: str | None) -> tuple[list[Opinion], Opinion]:
    """The versions the patient was given, and the one asked for with all its rows. Raises ``Http404`` where there is none."""
    versions = services.versions(case)
    chosen = version_of(versions, wanted)
    if chosen is None:
        raise Http404
    prefetch_related_objects([chosen], *ROWS)
    return versions, chosen
