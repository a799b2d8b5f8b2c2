"""The pages of what health documents say: of a case as a whole, and of one file."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from secondop.accounts.models import User
from secondop.cases.access import Right, rights_of
from secondop.cases.gate import case_or_404

from ..display import back_of
from ..gate import record_or_404
from ..imaging.pages import aside_of, people_of, person_of
from ..imaging.words import named_in
from ..kinds import DOCUMENTS
from ..models import Record
from . import pages, reading, wording
from .models import ClinicalEntry

ACTION = "record.health"


@login_required
@require_safe
def health(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The health record of a case, as its files tell it."""
    user = cast(User, request.user)
    case = case_or_404(request, uid, Right.RECORDS, action=ACTION)
    rights = rights_of(user, case)
    page = pages.page_of(request, reading.of_case(case, user), case)
    about = {"people": people_of(case, rights)}
    return render(request, "records/clinical/health.html", {**page, **about, "case": case, "back": back_of(case, rights)})


@login_required
@require_safe
def panel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The newest of the timeline as a fragment: for the desk, the reading room and the patient's page."""
    case = case_or_404(request, uid, Right.RECORDS, action=ACTION)
    return render(request, "records/clinical/panel.html", pages.panel_of(case, cast(User, request.user)))


@login_required
@require_safe
def told(request: HttpRequest, uid: UUID, record_uid: UUID) -> HttpResponse:
    """What one health document says. Other files have no such page."""
    record = record_or_404(request, uid, record_uid, ACTION)
    if record.kind not in DOCUMENTS:
        raise Http404
    rights = rights_of(cast(User, request.user), record.case)
    page = pages.page_of(request, ClinicalEntry.objects.filter(record=record))
    others = ", ".join(f"{number} {name}" for name, number in sorted(record.facts.get("others", {}).items()))
    named = named_in(record.facts) if Right.COORDINATE in rights else ""
    written = wording.day(record.facts.get("written", ""))
    about = {"aside": aside_in(record, rights), "others": others, "written": written, "identity": named}
    back = reverse("records:list", args=[uid]), "Records"
    return render(request, "records/clinical/health.html", {**page, **about, "case": record.case, "record": record, "back": back})


def aside_in(record: Record, rights: set[Right]) -> dict[str, str]:
    """Why specialists do not see a document that names somebody else, and where those who are asked say whose it is."""
    if record.identity is None or not record.identity.set_aside:
        return {}
    person = person_of(record.case, record.identity, rights)
    is_asked = person["is_open"] and rights & {Right.DECIDE, Right.COORDINATE}
    return {"why": aside_of(record.identity), "url": person["url"] if is_asked else ""}
