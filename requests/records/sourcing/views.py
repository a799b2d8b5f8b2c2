"""The pages about records that others hold: all requests of a case, one of them, its letters, and those of all cases."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from secondop.accounts.models import Role
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right, rights_of
from secondop.cases.verbs import attempt
from secondop.documents.files import pdf_response

from . import letters, pages, services
from .acts import ACTS
from .forms import AskForm
from .gate import case_with_requests_or_404, refused, request_or_404
from .rules import is_allowed, runs


@login_required
@require_safe
def listing(request: SignedIn, uid: UUID) -> HttpResponse:
    """Who was asked for records of a case, and how it stands; htmx gets the list alone."""
    case = case_with_requests_or_404(request, uid)
    template = "records/sourcing/rows.html" if request.htmx else "records/sourcing/requests.html"
    return render(request, template, pages.of_case(case, request.user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn, uid: UUID) -> HttpResponse:
    """Ask a place for records: the care team by an authorization, the patient with a letter of their own."""
    case = case_with_requests_or_404(request, uid)
    by_patient = Right.COORDINATE not in rights_of(request.user, case)
    chosen = {"source": request.GET.get("source")}
    form = AskForm(request.POST if request.method == "POST" else None, initial=chosen, sources=pages.sources_to_ask(case, by_patient))

    def again(status: int = 200) -> HttpResponse:
        return render(request, "records/sourcing/new.html", {"case": case, "form": form, "by_patient": by_patient}, status=status)

    if request.method != "POST" or not form.is_valid():
        return again(422 if form.errors else 200)
    back = reverse("records:requests", args=[uid])
    return attempt(request, services.ask, case, back=back, form=form, again=again, by_patient=by_patient, **form.cleaned_data)


@login_required
@require_safe
def one(request: SignedIn, uid: UUID, request_uid: UUID) -> HttpResponse:
    """One request: where it stands, its letters and link, what happened, what can be done."""
    found = request_or_404(request, uid, request_uid)
    return render(request, "records/sourcing/request.html", pages.of_request(found, request.user))


@login_required
@require_POST
def act(request: SignedIn, uid: UUID, request_uid: UUID, request_act: str) -> HttpResponse:
    """Do one of ``ACTS`` about a request."""
    found = request_or_404(request, uid, request_uid)
    if request_act not in ACTS:
        raise Http404
    chosen = ACTS[request_act]
    form = chosen.form(request.POST, request=found, auto_id=f"{request_act}_%s")

    def again(status: int) -> HttpResponse:
        page = pages.of_request(found, request.user)
        page["acts"] = [(name, row, form if name == request_act else empty) for name, row, empty in page["acts"]]
        return render(request, "records/sourcing/request.html", {**page, "open_act": request_act}, status=status)

    if not form.is_valid():
        return again(422)
    back = reverse("records:request", args=[uid, request_uid])
    words = {"done": chosen.done, "form": form, "again": again}
    return attempt(request, chosen.verb, found.case, back=back, asked=found, **words, **form.cleaned_data)


@login_required
@require_safe
def letter(request: SignedIn, uid: UUID, request_uid: UUID, letter_part: str) -> HttpResponseBase:
    """A letter of a request as a PDF, for whoever runs it, and no longer than the patient allows it."""
    found = request_or_404(request, uid, request_uid)
    if not runs(found, rights_of(request.user, found.case)):
        raise refused(request, found)
    document = letters.newest(found).get(letter_part) if is_allowed(found) else None
    back = reverse("records:request", args=[uid, request_uid])
    return pdf_response(request, document, back=back, back_label="The request")


@login_required
@require_safe
def ledger(request: SignedIn) -> HttpResponse:
    """Every open request of all cases, for coordinators: what is late first."""
    if not request.user.has_role(Role.COORDINATOR):
        raise PermissionDenied
    page, due = pages.ledger(request.user, request.GET.get("page"))
    rows = [(found, *pages.standing(found)) for found in page]
    return render(request, "records/sourcing/ledger.html", {"page": page, "rows": rows, "due": due})
