"""The pages of a case's records, the upload, and the way a file goes out again."""

import logging
from functools import partial
from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from secondop.accounts.models import User
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right, rights_of
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Conflict, Erased, NotAllowed
from secondop.cases.models import Case
from secondop.cases.verbs import attempt
from secondop.vault.services import KeyDestroyed, StorageFull, VaultError

from . import downloads, reasons, removing, services
from .admission import TurnedAway, admit
from .arrivals import Arrivals
from .display import page_of
from .gate import case_with_papers_or_404, case_with_records_or_404, listed_record_or_404, may_still_open, record_or_404, refused
from .models import Purpose
from .multipart import Counted, IntoTheVault

logger = logging.getLogger(__name__)
CUT_OFF = "The connection broke off before everything had arrived. Nothing was kept: please send your files again."
NO_ROOM = "We cannot store files just now. Nothing of this upload was kept: please try again later."


@login_required
@require_safe
def listing(request: SignedIn, uid: UUID) -> HttpResponse:
    """The records of a case; htmx gets the part that changes while files are being checked."""
    case = case_with_records_or_404(request, uid)
    is_fragment = bool(request.htmx)
    template = "records/lists.html" if is_fragment else "records/list.html"
    return render(request, template, {**page_of(request, case), "is_fragment": is_fragment})


@login_required
@require_safe
def papers(request: SignedIn, uid: UUID) -> HttpResponse:
    """The papers that show by what right somebody asks for the patient, apart from the records; htmx as for these."""
    case = case_with_papers_or_404(request, uid)
    is_fragment = bool(request.htmx)
    page = {**page_of(request, case, Purpose.AUTHORITY), "is_fragment": is_fragment}
    return render(request, "records/lists.html" if is_fragment else "records/list.html", page)


@login_required
@require_safe
def panel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The same list as a fragment, to read from only: for the desk and the reading room."""
    case = case_or_404(request, uid, Right.RECORDS, action="record.list")
    return render(request, "records/panel.html", page_of(request, case))


@csrf_exempt  # the check reads the whole body: receive() has it, behind admit()
@require_POST
def upload(request: HttpRequest, uid: UUID, purpose: Purpose = Purpose.MEDICAL) -> HttpResponse:
    """Take files into the vault. What the request's head tells is decided before its body is read."""
    case = None
    try:
        case = admit(request, uid, case_for_upload if purpose == Purpose.MEDICAL else case_with_papers_or_404)
        with Arrivals(case.uid, services.room_left(case)) as arrivals:
            request.upload_handlers = [IntoTheVault(request, arrivals)]
            return receive(request, case, arrivals, Counted(request), purpose)
    except TurnedAway as turned:
        return turned_away(request, uid, turned, purpose)
    except TooManyFilesSent:
        return turned_away(request, uid, TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reasons.far_over_count(), case), purpose)
    except (Erased, KeyDestroyed) as over:
        raise Http404 from over
    except VaultError as error:
        logger.exception("the vault did not take an upload")
        status = HTTPStatus.INSUFFICIENT_STORAGE if isinstance(error, StorageFull) else HTTPStatus.SERVICE_UNAVAILABLE
        return turned_away(request, uid, TurnedAway(status, NO_ROOM, case), purpose)


@csrf_protect
def receive(request: HttpRequest, case: Case, arrivals: Arrivals, body: Counted, purpose: Purpose) -> HttpResponse:
    """Make records of what has arrived, once it is certain who sent it and that it is all there."""
    if not body.is_whole():
        raise TurnedAway(HTTPStatus.BAD_REQUEST, CUT_OFF, case)
    if not arrivals.arrived and not arrivals.turned_back:
        raise TurnedAway(HTTPStatus.UNPROCESSABLE_ENTITY, "Please choose at least one file first.", case)
    try:
        added = services.add(case, arrivals, by=cast(User, request.user), purpose=purpose)
    except (NotAllowed, Erased) as error:
        raise Http404 from error
    except Conflict as conflict:
        raise TurnedAway(HTTPStatus.CONFLICT, str(conflict), case) from conflict
    say_what_came(request, added)
    there = home(case.uid, purpose)
    if wants_json(request):
        return JsonResponse({"url": there})
    return redirect(there)


@login_required
@require_safe
def open_record(request: HttpRequest, uid: UUID, record_uid: UUID) -> HttpResponseBase:
    """One file, whole or in part, as it was sent."""
    record = record_or_404(request, uid, record_uid)
    try:
        return downloads.respond(request, record, partial(may_still_open, request, record))
    except VaultError:
        logger.exception("record %s cannot be read", record.uid)
        return render(request, "records/unavailable.html", {"case": record.case}, status=HTTPStatus.SERVICE_UNAVAILABLE)


@login_required
@require_POST
def remove(request: HttpRequest, uid: UUID, record_uid: UUID) -> HttpResponse:
    """Take one file out of the case."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.remove")
    record = listed_record_or_404(request, case, record_uid)
    return attempt(request, removing.remove, case, record=record, back=home(uid, record.purpose), done="The file is removed.")


@login_required
@require_POST
def remove_archive(request: SignedIn, uid: UUID, archive_id: int) -> HttpResponse:
    """Take out what came in one archive."""
    case = case_or_404(request, uid, Right.UPLOAD, action="archive.remove", is_logged_by_verb=True)
    sent = case.archives.known_to(request.user, rights_of(request.user, case)).filter(root=None)
    archive = sent.filter(pk=archive_id).first()
    if archive is None:
        raise refused(request, uid, f"archive:{archive_id}")
    done = "What came in this ZIP archive is removed, but for files that somebody has worked with."
    return attempt(request, removing.remove_archive, case, archive=archive, back=home(uid, archive.purpose), done=done)


@login_required
@require_POST
def clear(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Forget the files that were not taken."""
    case = case_or_404(request, uid, Right.UPLOAD, action="record.clear_refused")
    return attempt(request, removing.clear_refused, case, back=reverse("records:list", args=[uid]))


def turned_away(request: HttpRequest, uid: UUID, turned: TurnedAway, purpose: Purpose) -> HttpResponse:
    """The answer to an upload that is not taken: a message to the script, a page to a browser without one."""
    if wants_json(request):
        return JsonResponse({"message": str(turned)}, status=turned.status)
    if turned.status == HTTPStatus.UNAUTHORIZED:
        return redirect_to_login(home(uid, purpose))
    if turned.case is None:
        raise PermissionDenied(str(turned))
    return render(request, "records/list.html", {**page_of(request, turned.case, purpose), "problem": str(turned)}, status=turned.status)


def case_for_upload(request: HttpRequest, uid: UUID) -> Case:
    """The case for those who may add records. Raises ``Http404``."""
    return case_or_404(request, uid, Right.UPLOAD, action="record.upload")


def home(uid: UUID, purpose: str) -> str:
    """The page that lists files of one purpose."""
    return reverse("records:list" if purpose == Purpose.MEDICAL else "records:papers", args=[uid])


def say_what_came(request: HttpRequest, added: services.Added) -> None:
    """Count what came and what did not; the page itself names the files."""
    came, refused = len(added.records), len(added.turned_back)
    if came:
        messages.success(request, "1 file arrived." if came == 1 else f"{came} files arrived.")
    if refused:
        messages.warning(request, f"{'1 file was' if refused == 1 else f'{refused} files were'} not taken. The list below says why.")


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's script asks, rather than the browser itself."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
