"""The page of one record, the pictures on it, the copy without what can act, and the search in the records of a case."""

import logging
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.verbs import attempt
from secondop.vault import serving
from secondop.vault.services import VaultError

from ..downloads import download_name
from ..gate import may_still_open, record_or_404
from ..models import Purpose
from .display import page_of
from .gate import rendition_or_404, shown_record_or_404
from .models import Rendition
from .orders import again
from .search import SearchForm, find

logger = logging.getLogger(__name__)
PICTURE = "image/webp"


@login_required
@require_safe
def view(request: SignedIn, uid: UUID, record_uid: UUID) -> HttpResponse:
    """One page of a record, as a picture of our own and as text; htmx gets the picture, once it is there."""
    record = shown_record_or_404(request, uid, record_uid)
    page = page_of(record, request.GET.get("page", "1"), request.GET.get("zoom", "fit"))
    return render(request, "records/previews/figure.html" if request.htmx else "records/previews/view.html", page)


@login_required
@require_safe
def page_image(request: SignedIn, uid: UUID, record_uid: UUID, page: int) -> HttpResponse:
    """The picture of a page."""
    return picture(request, rendition_or_404(request, uid, record_uid, Rendition.Kind.PAGE, page))


@login_required
@require_safe
def thumbnail(request: SignedIn, uid: UUID, record_uid: UUID) -> HttpResponse:
    """The small picture of a record."""
    return picture(request, rendition_or_404(request, uid, record_uid, Rendition.Kind.THUMBNAIL, 0))


@login_required
@require_safe
def safe_copy(request: SignedIn, uid: UUID, record_uid: UUID) -> HttpResponseBase:
    """The copy of a PDF without what can act, whole or in part."""
    found = rendition_or_404(request, uid, record_uid, Rendition.Kind.SAFE, 0)
    name = f"safe-{download_name(found.record)}"
    may_go_on = partial(may_still_open, request, found.record)
    try:
        return serving.respond(request, found.stored, filename=name, media_type="application/pdf", may_go_on=may_go_on)
    except VaultError:
        logger.exception("the safe copy of record %s cannot be read", record_uid)
        return unavailable(request, found)


@login_required
@require_POST
def make_again(request: SignedIn, uid: UUID, record_uid: UUID) -> HttpResponse:
    """Try again to make the pictures of a record."""
    found = record_or_404(request, uid, record_uid, action="record.preview_again")
    back = reverse("records:papers" if found.purpose == Purpose.AUTHORITY else "records:list", args=[uid])
    return attempt(request, again, found.case, back=back, done="We are making the pictures again.", record=found)


@login_required
@require_POST
def search(request: SignedIn, uid: UUID) -> HttpResponse:
    """Where some words are in the records. By POST, so that no words about health stand in an address."""
    case = case_or_404(request, uid, Right.RECORDS, action="record.search")
    form = SearchForm(request.POST)
    hits = find(case, request.user, form.cleaned_data["words"]) if form.is_valid() else []
    template = "records/previews/hits.html" if request.htmx else "records/previews/search.html"
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, template, {"case": case, "form": form, "hits": hits}, status=status)


def picture(request: SignedIn, found: Rendition) -> HttpResponse:
    """The bytes of a picture, for a page of ours."""
    try:
        return serving.show(request, found.stored, media_type=PICTURE)
    except VaultError:
        logger.exception("a picture of record %s cannot be read", found.record.uid)
        return unavailable(request, found)


def unavailable(request: HttpRequest, found: Rendition) -> HttpResponse:
    """The answer while the vault cannot give what is asked for."""
    return render(request, "records/unavailable.html", {"case": found.record.case}, status=HTTPStatus.SERVICE_UNAVAILABLE)
