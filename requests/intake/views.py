"""Pages of the intake. A request that was sent already leads to its case page from everywhere."""

from collections.abc import Callable
from functools import partial, wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import client_address, record
from secondop.cases.access import Right
from secondop.cases.answers import title
from secondop.cases.forecast import expected_in_words
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Conflict, Erased, NotAllowed, Refused
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.cases.verbs import attempt, not_taken

from . import pages, services
from .forms import FORMS, PlaceForm, ScreenForm, stamp_of
from .screens import MINUTES, SCREENS

View = Callable[..., HttpResponse]


def load(request: SignedIn, uid: UUID, name: str = "who") -> Case:
    """The case for those who decide on it. Raises ``Http404`` for others, and for a screen ``name`` that there is not."""
    if name not in SCREENS:
        raise Http404
    return case_or_404(request, uid, Right.DECIDE, action="case.draft")


def draft_page(view: View) -> View:
    """Load the unsent case for ``view``; one that was sent is shown on its case page instead, after what was typed for it."""

    @wraps(view)
    def wrapped(request: SignedIn, uid: UUID, **kwargs: str) -> HttpResponse:
        case = load(request, uid, **kwargs)
        if case.state != State.DRAFT:
            return sent_already(request, case)
        return view(request, case, **kwargs)

    return login_required(wrapped)


def sent_already(request: SignedIn, case: Case) -> HttpResponse:
    """The way to the page of a case that was sent, in another tab perhaps; whatever was posted for it is given back first."""
    there = reverse("tracking:case", args=[case.uid])
    if request.method != "POST":
        return redirect(there)
    return not_taken(request, Conflict(case, "Your request was sent already, so this was not saved."), there)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedIn) -> HttpResponse:
    """What a second opinion takes; the place of residence first, so that nobody works for nothing."""
    form = PlaceForm(request.POST if request.method == "POST" else None, initial={"country": "US"})
    if request.method == "POST" and form.is_valid():
        try:
            case = services.start(by=request.user, **form.cleaned_data)
            return redirect("intake:hub", uid=case.uid)
        except services.TooManyUnsent as refused:
            form.add_error(None, str(refused))
        except Refused as refused:
            form.add_error("country", str(refused))
    drafts = pages.drafts(request.user)
    context = {"form": form, "drafts": [(draft, title(draft)) for draft in drafts], "screens": SCREENS.values(), "minutes": MINUTES}
    return render(request, "intake/start.html", context, status=422 if form.errors else 200)


@require_safe
@draft_page
def hub(request: SignedIn, case: Case) -> HttpResponse:
    """The four screens with their states."""
    if services.stopped(case.brief):
        return redirect("intake:stop", uid=case.uid)
    return render(request, "intake/hub.html", pages.of_hub(case, request.user))


@require_safe
@draft_page
def stop(request: SignedIn, case: Case) -> HttpResponse:
    """Why the request cannot go on: an emergency, or a place we may not serve."""
    why = services.stopped(case.brief)
    if not why:
        return redirect("intake:hub", uid=case.uid)
    return render(request, f"intake/stop_{why}.html", {"case": case, **pages.of_stop(case.brief)})


@require_http_methods(["GET", "HEAD", "POST"])
@draft_page
def screen(request: SignedIn, case: Case, name: str) -> HttpResponse:
    """One screen: shown, or saved and then left, added to, or shown again."""
    if name != "who" and services.stopped(case.brief):
        return redirect("intake:stop", uid=case.uid)
    if request.method != "POST":
        form = FORMS[name](case=case, user=request.user)
        form.saved = request.GET.get("saved", "")
        return screen_page(request, case, form)
    act = request.POST.get("act", "continue")
    form = FORMS[name](pages.without_row(request.POST, act), case=case, user=request.user, complete=act == "continue")
    try:
        saved = save(request, case, form)
    except services.Stale as stale:
        return stale_page(request, stale, form)
    except Erased as erased:
        return not_taken(request, erased)
    except Conflict:
        return sent_already(request, case)
    case.brief.refresh_from_db()
    if services.stopped(case.brief):
        return redirect("intake:stop", uid=case.uid)
    if not saved:
        return screen_page(request, case, form, status=422)
    return redirect(pages.next_url(case, name, act))


def save(request: SignedIn, case: Case, form: ScreenForm, *, by_itself: bool = False) -> bool:
    """Store what of the form can be stored; whether all of it could. Raises as ``services.save_screen`` does.

    Where the right to it ended since the gate saw it: ``PermissionDenied``, and a refusal in the audit log.
    """
    valid = form.is_valid()
    origin = services.Origin(client_address(request), request.headers.get("User-Agent", ""))
    done = form.complete and valid
    stamp = stamp_of(form.data)
    try:
        put = partial(services.save_screen, case, form.screen, by_itself=by_itself)
        put(by=request.user, answers=form.given, complete=done, stamp=stamp, origin=origin)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    except NotAllowed as error:
        record("case.refused", by=request.user, case_uid=case.uid, outcome="refused", request=request, target="case.write")
        raise PermissionDenied from error
    return valid


def screen_page(request: SignedIn, case: Case, form: ScreenForm, status: int = 200, **more: object) -> HttpResponse:
    """The page of one screen."""
    return render(request, f"intake/{form.screen}.html", pages.of_screen(case, form) | more, status=status)


def stale_page(request: SignedIn, stale: services.Stale, typed: ScreenForm) -> HttpResponse:
    """What was typed, kept in the form, with what another page has saved meanwhile beside it; saving again is a choice."""
    case = Case.objects.visible_to(request.user, Right.DECIDE).select_related("patient", "specialty", "brief").get(pk=stale.case.pk)
    form = type(typed)(pages.restamped(typed, case), case=case, user=request.user)
    other = pages.differences(form)
    return screen_page(request, case, form, status=409, stale=str(stale), other=other)


@require_POST
@login_required
def autosave(request: SignedIn, uid: UUID, name: str) -> HttpResponse:
    """Store what is valid: 204 all of it, 422 not all of it (with what could not be stored, by field), 409 another page was faster
    or the request was sent."""
    if name not in SCREENS:
        raise Http404
    case = case_or_404(request, uid, Right.DECIDE, action="case.draft", is_logged_by_verb=True, related=())
    if case.state != State.DRAFT:
        return HttpResponse(status=409)
    form = FORMS[name](request.POST, case=case, user=request.user)
    try:
        return HttpResponse(status=204) if save(request, case, form, by_itself=True) else JsonResponse(form.faults(), status=422)
    except (services.Stale, Conflict):
        return HttpResponse(status=409)


@require_safe
@login_required
def told(request: SignedIn, uid: UUID, what: str) -> HttpResponse:
    """A fragment: what is said of the place or of the day that was just saved."""
    case = load(request, uid)
    if case.state != State.DRAFT or what not in pages.TOLD:
        raise Http404
    return render(request, f"intake/told_{what}.html", pages.TOLD[what](case))


@require_safe
@draft_page
def check(request: SignedIn, case: Case) -> HttpResponse:
    """All answers with a link to change each, what is missing, and when to expect the opinion."""
    if services.stopped(case.brief):
        return redirect("intake:stop", uid=case.uid)
    return render(request, "intake/check.html", pages.of_check(case, request.user))


@require_POST
@login_required
def submit(request: SignedIn, uid: UUID) -> HttpResponse:
    """Send the request; a second click lands on the receipt of the first."""
    case = case_or_404(request, uid, Right.DECIDE, action="case.draft", related=())
    if case.state != State.DRAFT:
        messages.info(request, "We have your request already. You do not need to send it again.")
        return redirect("intake:receipt", uid=uid)
    receipt = reverse("intake:receipt", args=[uid])
    if pages.ends_own_rights(case, request.user):
        return attempt(request, services.submit, case, back=receipt, to=reverse("tracking:list"), done="The request is sent.")
    return attempt(request, services.submit, case, back=receipt)


@require_safe
@login_required
def receipt(request: SignedIn, uid: UUID) -> HttpResponse:
    """The reference, who takes care of the case, and what comes next."""
    case = case_or_404(request, uid, Right.DECIDE, action="case.receipt")
    if case.state == State.DRAFT:
        return redirect("intake:check", uid=uid)
    return render(request, "intake/receipt.html", {"case": case, "expected": expected_in_words(case)})
