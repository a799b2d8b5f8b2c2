"""The pages of images: studies and series, the files of a series; and whose files are that name somebody."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from records.display import Row, back_of, file_row, in_series
from records.gate import refused
from records.models import Purpose
from records.removing import last_used
from secondop.accounts.signed_in import SignedIn
from secondop.cases.access import Right, rights_of
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.models.brief import ForWhom
from secondop.cases.verbs import attempt

from . import pages, verbs
from .forms import AnswerForm, DecideForm
from .models import Answer, Decision, Identity, Series, Verdict


@login_required
@require_safe
def tree(request: SignedIn, uid: UUID) -> HttpResponse:
    """The studies of a case and their series."""
    case = case_or_404(request, uid, Right.RECORDS, action="record.list")
    return render(request, "records/imaging/tree.html", pages.tree(case, request.user, last_used(case, Purpose.MEDICAL)))


@login_required
@require_safe
def series(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """The files of one series."""
    case = case_or_404(request, uid, Right.RECORDS, action="record.list")
    found = series_or_404(request, case, series_uid)
    reader = pages.Reader(request.user, rights_of(request.user, case), last_used(case, Purpose.MEDICAL))
    page = pages.files_of(found, case.records.readable_by(request.user), request.GET.get("page"))
    rows = [in_series(file_row(record, case, reader)) for record in page]
    return render(
        request,
        "records/imaging/series.html",
        {"case": case, "page": page, "rows": rows, "row": pages.rows_of(case, [found.pk], reader)[found.pk]},
    )


@login_required
@require_POST
def remove_series(request: SignedIn, uid: UUID, series_uid: UUID) -> HttpResponse:
    """Take a whole series out of the case."""
    case = case_or_404(request, uid, Right.UPLOAD, action="series.remove")
    found = case.series.filter(uid=series_uid, records__in=case.records.listed_to(request.user)).first()
    if found is None:
        raise refused(request, uid, series_uid)
    back = reverse("records:list", args=[uid])
    return attempt(request, verbs.remove_series, case, series=found, back=back, done="The series is removed.")


@login_required
@require_safe
def identity(request: SignedIn, uid: UUID, identity_uid: UUID) -> HttpResponse:
    """Whom a header names, and whether that is the patient: asked of the patient's side, settled by a coordinator."""
    case, found = identity_or_404(request, uid, identity_uid)
    decides = Right.COORDINATE in rights_of(request.user, case)
    return whose(request, case, found, DecideForm(identity=found) if decides else AnswerForm(is_self=is_self(case)))


def whose(request: SignedIn, case: Case, found: Identity, form: AnswerForm | DecideForm, status: int = 200) -> HttpResponse:
    """The page of the question, with ``form`` as it was sent, if it was."""
    rights = rights_of(request.user, case)
    reader = pages.Reader(request.user, rights, None)
    shown = {
        "case": case,
        "form": form,
        "decides": Right.COORDINATE in rights,
        "person": pages.person_of(case, found, rights),
        "rows": pages.named(case, found, reader) + documents_of(case, found, reader),
        "back": back_of(case, rights),
    }
    return render(request, "records/imaging/identity.html", shown, status=status)


def documents_of(case: Case, found: Identity, reader: pages.Reader) -> list[Row]:
    """The health documents that name this person."""
    listed = case.records.listed_to(reader.user).filter(identity=found).select_related("preview", "identity")
    return [file_row(record, case, reader) for record in listed]


@login_required
@require_POST
def answer(request: SignedIn, uid: UUID, identity_uid: UUID) -> HttpResponse:
    """The patient's side answers."""
    case, found = identity_or_404(request, uid, identity_uid, Right.DECIDE)
    form = AnswerForm(request.POST, is_self=is_self(case))
    if not form.is_valid():
        return whose(request, case, found, form, status=422)
    is_own = form.cleaned_data["answer"] == Answer.YES
    back = back_of(case, rights_of(request.user, case))[0]
    done = "Thank you. That is noted." if is_own else "Thank you. The files are kept from the specialist."
    words = {"is_own": is_own, "reason": form.cleaned_data["reason"] if is_own else ""}
    return attempt(request, verbs.answer, case, identity=found, back=back, done=done, **words)


@login_required
@require_POST
def decide(request: SignedIn, uid: UUID, identity_uid: UUID) -> HttpResponse:
    """A coordinator settles it."""
    case, found = identity_or_404(request, uid, identity_uid, Right.COORDINATE)
    form = DecideForm(request.POST, identity=found)
    if not form.is_valid():
        return whose(request, case, found, form, status=422)
    accept = form.cleaned_data["decision"] == Decision.ACCEPTED
    back = reverse("routing:case", args=[uid])
    words = {"accept": accept, "note": form.cleaned_data["note"]}
    return attempt(request, verbs.decide, case, identity=found, back=back, done="That is settled.", **words)


def identity_or_404(request: HttpRequest, uid: UUID, identity_uid: UUID, right: Right | None = None) -> tuple[Case, Identity]:
    """The case and one of the people whom its headers name, for those who answer or decide. Raises ``Http404``."""
    decides = Case.objects.visible_to(request.user, Right.DECIDE).filter(uid=uid).exists()
    case = case_or_404(request, uid, right or (Right.DECIDE if decides else Right.COORDINATE), action="identity.read")
    found = case.identities.filter(uid=identity_uid, verdict=Verdict.DIFFERS).first()
    if found is None:
        raise refused(request, uid, identity_uid)
    return case, found


def series_or_404(request: HttpRequest, case: Case, series_uid: UUID) -> Series:
    """A series of ``case`` that the signed-in person may read. Raises ``Http404``; a refusal is in the audit log."""
    found = case.series.readable_by(request.user).filter(uid=series_uid).first()
    if found is None:
        raise refused(request, case.uid, series_uid)
    return found


def is_self(case: Case) -> bool:
    """Whether whoever asks is the patient."""
    return case.brief.for_whom != ForWhom.OTHER
