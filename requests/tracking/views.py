"""The patient's pages about cases that are under way."""

from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from records.imaging.models import Identity, Verdict
from records.sourcing.rules import COLLECTING
from secondop.accounts.models import Role
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Anybody, CaseQuerySet, Moment, Right, deciding_roles, holdings, reach
from secondop.cases.gate import case_or_404
from secondop.cases.messages import attachable, offered, with_unread
from secondop.cases.models import Ask, Case, JournalEntry
from secondop.cases.services import is_past_reopening
from secondop.cases.services import reopen as reopen_case
from secondop.cases.states import MOVES, Party, State
from secondop.cases.thread import thread_page
from secondop.cases.verbs import attempt
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot, among

from . import pages, services
from .forms import AnswerForm, ReopenForm, WithdrawForm
from .models import AccountClosure
from .status import know_facts, with_facts, with_offer

PAGE = 20
RELATED = ("patient", "owner", "specialist__specialist_profile", "brief", "erasure")
THREAD = "With your care coordinator and, once your review starts, your specialist. Everybody here reads all you write."
GO_ON = "I would like to go on with my request."


def cases_to_show(at: Moment) -> CaseQuerySet:
    """Every case with what its status needs, and whether somebody else's images were found in it."""
    strangers = Identity.objects.filter(case=OuterRef("pk"), verdict=Verdict.DIFFERS)
    return with_offer(Case.objects.annotate(names_strangers=Exists(strangers)), at)


@cache
def cases_on_list(roles: frozenset[Role]) -> Prepared[Any]:
    """Asks for those cases of the keys ``pks`` that the person ``who``, who has ``roles``, follows ``at`` a moment, the newest first."""
    anybody, at = Anybody(roles), Slot("at")
    shown = with_unread(Case.objects.visible_to(anybody, Right.STATUS, at=at).filter(among("pk", "pks")), anybody)
    return Prepared(with_facts(shown, at).select_related("patient", "brief", "erasure").order_by("-created_at", "-pk"))


def load(request: SignedIn, uid: UUID, right: Right = Right.DECIDE) -> Any:
    """The case with what its status needs and its reader's ``holdings``, for holders of ``right``; a draft is for those who write in it."""

    def may_open(found: Any) -> bool:
        found.holdings = holdings(request.user, found)
        return pages.may_open(found)

    case: Any = case_or_404(request, uid, right, within=cases_to_show, accepts=may_open, related=RELATED)
    held = reach(right for right, _ in case.holdings)
    asks = Ask.objects.select_related("opened_by").prefetch_related("items", Prefetch("records", attachable(case, request.user, held)))
    wanted = [Prefetch("journal", JournalEntry.objects.with_people()), Prefetch("asks", asks)]
    prefetch_related_objects([case], *wanted, *(["record_requests"] if case.state in COLLECTING else []))
    know_facts(case)
    return case


def home(uid: UUID) -> str:
    """The address of the case's page."""
    return reverse("tracking:case", args=[uid])


@login_required
@require_safe
def case_list(request: SignedIn) -> HttpResponse:
    """My cases and those shared with me, the newest first."""
    rights = pages.followed(request.user)
    page = Paginator(list(rights), PAGE).get_page(request.GET.get("page"))
    found = cases_on_list(deciding_roles(request.user)).all(who=request.user.pk, pks=list(page.object_list), at=now())
    prefetch_related_objects(found, "questions")
    items = [pages.of_line(case, request.user, rights[case.pk]) for case in found]
    closure = AccountClosure.objects.filter(user=request.user).first()
    return render(request, "tracking/list.html", {"page": page, "items": items, "closure": closure})


@login_required
@require_safe
def case(request: SignedIn, uid: UUID) -> HttpResponse:
    """One case: where it stands, what we need, what happened, what can be done."""
    found = load(request, uid, Right.STATUS)
    if found.state == State.DRAFT:
        return redirect("intake:hub", uid=uid)
    return render(request, "tracking/case.html", pages.of_case(found, request.user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: SignedIn, uid: UUID) -> HttpResponse:
    """All messages of the case, and writing one."""
    found = case_or_404(request, uid, Right.DECIDE, action="message.read")
    if found.state == State.DRAFT:
        return redirect("intake:hub", uid=uid)
    here = reverse("tracking:messages", args=[uid])
    return thread_page(request, found, Party.PATIENT, here=here, back=home(uid), back_label="Your case", lead=THREAD)


@login_required
@require_safe
def request_sent(request: SignedIn, uid: UUID) -> HttpResponse:
    """All that was sent, word for word."""
    found = load(request, uid)
    if found.state == State.DRAFT:
        return redirect("intake:check", uid=uid)
    return render(request, "tracking/request.html", {"case": found})


@require_POST
@login_required
def answer(request: SignedIn, uid: UUID, ask_id: int) -> HttpResponse:
    """Keep the answers to an ask; those still open may follow."""
    found = load(request, uid)
    ask = get_object_or_404(found.asks.prefetch_related("items"), pk=ask_id)
    form = AnswerForm(request.POST, ask=ask, records=offered(found, request.user))

    def again(status: int) -> HttpResponse:
        page = pages.of_case(found, request.user, form, ask)
        return render(request, "tracking/case.html", page, status=status)

    if not form.is_valid() and ask.status == Ask.Status.OPEN:
        return again(422)
    given: dict[str, Any] = {"ask": ask, "answers": form.answers(), "files": form.picked()}
    if ask.status == Ask.Status.OPEN:
        given |= {"form": form, "again": again}
    return attempt(request, services.answer, found, back=home(uid), done="Saved. Thank you.", **given)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedIn, uid: UUID) -> HttpResponse:
    """What withdrawing means, and doing it."""
    found = load(request, uid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        return attempt(request, services.withdraw, found, back=home(uid), done="Your request is withdrawn.", note=note)
    if found.state not in MOVES["withdraw"].sources:
        return redirect(home(uid))
    context = {"case": found, "form": form}
    return render(request, "tracking/withdraw.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: SignedIn, uid: UUID) -> HttpResponse:
    """Say what is new, and start again; a request that expired goes on with one click."""
    found = load(request, uid)
    form = ReopenForm(request.POST if request.method == "POST" else None)

    def page(status: int = 200) -> HttpResponse:
        return render(request, "tracking/reopen.html", {"case": found, "form": form}, status=status)

    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"] or (GO_ON if found.state == State.EXPIRED else "")
        return attempt(request, reopen_case, found, back=home(uid), done="Your case is open again.", form=form, again=page, note=note)
    if found.state not in MOVES["reopen"].sources or is_past_reopening(found):
        return redirect(home(uid))
    return page(422 if form.errors else 200)
