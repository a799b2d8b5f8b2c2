"""The reading room: records on the left, the write-up on the right."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.access import Right
from secondop.cases.asks import open_ask
from secondop.cases.gate import case_or_404
from secondop.cases.lifecycle import Conflict, NotAllowed, Refused
from secondop.cases.models import Case
from secondop.cases.states import Party, State
from secondop.cases.thread import thread_page
from secondop.cases.verbs import attempt

from ..forms import AskForm, FirstReadForm, WriteUp
from ..models import Opinion
from ..room import posted_stamp, room_context, signed_context, still_there
from ..services.drafts import start
from ..services.materials import take_in
from ..services.versions import draft_of
from ..services.writing import Overtaken, WrittenText, is_blind, lock_first_read, private_note, save

THREAD = "With the patient and the care coordinator, who read all you write. You see what was written since you accepted the case."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@still_there
def write(request: SignedIn, uid: UUID) -> HttpResponse:
    """The write-up, saved by its button; once the case has moved on, what its author signed."""
    case = case_or_404(request, uid, Right.WRITE, action="opinion.read")
    if case.state != State.IN_REVIEW and request.method == "GET":
        return render(request, "opinions/signed.html", signed_context(case, request.user))
    draft = start(case, by=request.user)
    if is_blind(case, draft):
        form = FirstReadForm(initial={"first_read": draft.first_read})
        return show(request, case, draft, first_read=form, status=409 if request.method == "POST" else 200)
    note = private_note(case, request.user)
    if request.method == "POST":
        return save_draft(request, case, draft, WriteUp(draft, note, request.POST))
    return show(request, case, draft, writeup=WriteUp(draft, note))


def save_draft(request: SignedIn, case: Case, draft: Opinion, writeup: WriteUp) -> HttpResponse:
    """Save what was posted. Invalid: 422; saved by another window meanwhile: 409, with both texts; nothing typed is lost."""
    stamp = posted_stamp(request.POST)
    if not writeup.is_valid():
        return show(request, case, draft, writeup=writeup, stamp=stamp, status=422)
    try:
        save(case, by=request.user, stamp=stamp, text=writeup.written())
    except Overtaken as overtaken:
        both = WriteUp(overtaken.opinion, private_note(case, request.user), request.POST)
        return show(request, case, overtaken.opinion, writeup=both, overtaken=both.differences(), status=409)
    then = request.POST.get("then")
    if then == "sign":
        return redirect("opinions:sign", uid=case.uid)
    if then in ("reviewed", "unreviewed"):
        return name_news(request, case, reviewed=then == "reviewed")
    messages.success(request, "Saved.")
    return redirect("opinions:write", uid=case.uid)


def name_news(request: SignedIn, case: Case, *, reviewed: bool) -> HttpResponse:
    """Take what was ticked of the records that came since into the lists of the draft, which was saved just now."""
    try:
        take_in(case, by=request.user, keys=request.POST.getlist("news"), reviewed=reviewed)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Added to your materials.")
    return redirect(f"{reverse('opinions:write', args=[case.uid])}#materials")


@login_required
@require_POST
def autosave(request: SignedIn, uid: UUID) -> HttpResponse:
    """Save while typing: 204 with the new number of saves, 409 when another window or the case went on, 422 when invalid."""
    case = case_or_404(request, uid, Right.WRITE, action="opinion.write", is_logged_by_verb=True, related=("specialty",))
    answer = save_typed(request, case)
    if answer.status_code != 204:
        by, patient_id = request.user, case.patient_id
        record("opinion.write", by=by, case_uid=case.uid, patient_id=patient_id, target="not saved", request=request)
    return answer


def save_typed(request: SignedIn, case: Case) -> HttpResponse:
    """Save what was posted by a script, and answer it."""
    draft = draft_of(case, request.user, is_whole=False)
    if draft is None:
        return HttpResponse(status=409)
    try:
        form = FirstReadForm(request.POST) if is_blind(case, draft) else WriteUp(draft, "", request.POST)
        if not form.is_valid():
            return HttpResponse(status=422)
        text = form.written() if isinstance(form, WriteUp) else WrittenText(fields=form.cleaned_data)
        saved = save(case, by=request.user, stamp=posted_stamp(request.POST), text=text)
    except (Conflict, NotAllowed, Overtaken):
        return HttpResponse(status=409)
    return HttpResponse(status=204, headers={"X-Autosave-Version": str(saved.edits)})


@login_required
@require_POST
@still_there
def first_read(request: SignedIn, uid: UUID) -> HttpResponse:
    """Lock the first impression; the first opinion is shown from now on. Saved by another window meanwhile: 409, with both texts."""
    case = case_or_404(request, uid, Right.WRITE, action="opinion.write")
    draft = start(case, by=request.user)
    form = FirstReadForm(request.POST)
    stamp, page = posted_stamp(request.POST), redirect("opinions:write", uid=uid).url

    def again(status: int) -> HttpResponse:
        return show(request, case, draft, first_read=form, stamp=stamp, status=status)

    if not form.is_valid():
        return again(422)
    more: dict[str, Any] = {"done": "Locked. You can read the first opinion now.", "form": form, "again": again}
    try:
        return attempt(request, lock_first_read, case, back=page, stamp=stamp, text=form.cleaned_data["first_read"], **more)
    except Overtaken as overtaken:
        both = FirstReadForm(request.POST, initial={"first_read": overtaken.opinion.first_read})
        return show(request, case, overtaken.opinion, first_read=both, overtaken=both.differences(), status=409)


@login_required
@require_POST
@still_there
def ask(request: SignedIn, uid: UUID) -> HttpResponse:
    """Ask the patient for something; the specialist's time stands still until they answer."""
    case = case_or_404(request, uid, Right.WRITE, action="opinion.ask")
    draft = start(case, by=request.user)
    form = AskForm(request.POST)
    page = redirect("opinions:write", uid=uid).url

    def again(status: int) -> HttpResponse:
        writeup = None if is_blind(case, draft) else WriteUp(draft, private_note(case, request.user))
        first = FirstReadForm(initial={"first_read": draft.first_read})
        return show(request, case, draft, ask_form=form, writeup=writeup, first_read=first, status=status)

    if not form.is_valid():
        return again(422)
    done = "The patient has been asked. Your time stands still until they answer."
    return attempt(request, open_ask, case, back=page, done=done, form=form, again=again, items=form.items())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: SignedIn, uid: UUID) -> HttpResponse:
    """The messages since the specialist accepted the case, and writing one."""
    case = case_or_404(request, uid, Right.WRITE, action="message.read")
    here, back = (reverse(f"opinions:{name}", args=[uid]) for name in ("messages", "write"))
    return thread_page(request, case, Party.SPECIALIST, here=here, back=back, back_label="Your opinion", lead=THREAD)


def show(request: SignedIn, case: Case, draft: Opinion, *, status: int = 200, **more: Any) -> HttpResponse:
    """Render the reading room."""
    more.setdefault("ask_form", AskForm())
    return render(request, "opinions/write.html", room_context(case, draft, request.user, **more), status=status)
