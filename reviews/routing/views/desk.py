"""The coordinator's queue and case page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from routing.casepage import read_page
from routing.problems import problems, stuck_notices
from routing.queue import WHOSE, Filters, read_queue
from secondop.accounts.models import Role
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import Party
from secondop.cases.thread import thread_page
from secondop.notices.models import Notice
from secondop.notices.services import retry

from .common import role_needed

THREAD = "With the patient and, while they have the case, its specialist. The patient reads all you write."


@require_safe
@role_needed(Role.COORDINATOR)
def queue(request: SignedIn) -> HttpResponse:
    """All cases of the desk: what needs the reader now is on top."""
    filters = Filters.read(request.GET)
    found = read_queue(request.user, filters, request.GET.get("page"))
    record("queue.read", by=request.user, request=request)
    context = {
        "queue": found,
        "filters": filters,
        "whose": WHOSE,
        "problems": problems(request.user),
        "stuck": stuck_notices(request.user),
    }
    return render(request, "routing/queue.html", context)


@require_safe
@login_required
def case(request: SignedIn, uid: UUID) -> HttpResponse:
    """One case as its coordinator sees it."""
    found = case_or_404(request, uid, Right.COORDINATE)
    return render(request, "routing/case.html", {"case": found, **read_page(found, request.user)})


@require_safe
@login_required
def brief(request: SignedIn, uid: UUID) -> HttpResponse:
    """What the patient told us: the part of the case page that is fetched by itself, and a page where nothing can be fetched."""
    found = case_or_404(request, uid, Right.COORDINATE, action="case.brief")
    is_part = bool(request.htmx)
    return render(request, "cases/brief.html" if is_part else "routing/brief.html", {"case": found, "level": 3 if is_part else 2})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def thread(request: SignedIn, uid: UUID) -> HttpResponse:
    """All messages of the case, and writing one."""
    found = case_or_404(request, uid, Right.COORDINATE, action="message.read")
    here, back = (reverse(f"routing:{name}", args=[uid]) for name in ("messages", "case"))
    return thread_page(request, found, Party.COORDINATOR, here=here, back=back, back_label="The case", lead=THREAD)


@require_POST
@role_needed(Role.COORDINATOR)
def notice_retry(request: SignedIn, notice_id: UUID) -> HttpResponse:
    """Try a stuck mail or text again: one about an account, or about a case that the person coordinates."""
    notice = Notice.objects.stuck().filter(pk=notice_id).first()
    mine = Case.objects.visible_to(request.user, Right.COORDINATE)
    if notice is None or (notice.case_uid and not mine.filter(uid=notice.case_uid).exists()):
        raise Http404
    if retry(notice.pk):
        messages.success(request, "It is on its way again.")
    else:
        messages.info(request, "It has been sent meanwhile, or is being sent right now.")
    record("notice.retry", by=request.user, case_uid=notice.case_uid, target=str(notice.pk), request=request)
    return redirect("routing:queue")
