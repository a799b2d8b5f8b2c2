"""The second specialist's page: first the declaration, then the opinion to read, then the answer."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from routing.models import SpecialistProfile
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.verbs import attempt

from ..forms import SecondAnswerForm, SecondDeclineForm
from ..models import Opinion, SecondLook
from ..services import second_looks


@login_required
@require_safe
def second(request: SignedIn, uid: UUID) -> HttpResponse:
    """What the asked specialist may see now: before accepting the field and the names only, then the whole opinion."""
    return show(request, look_or_404(request, uid))


@login_required
@require_POST
def accept(request: SignedIn, uid: UUID) -> HttpResponse:
    """Declare that there is no conflict of interest, and begin."""
    look = look_or_404(request, uid)
    return attempt(request, second_looks.accept, look.opinion.case, back=page(uid))


@login_required
@require_POST
def decline(request: SignedIn, uid: UUID) -> HttpResponse:
    """Say no."""
    look = look_or_404(request, uid)
    form = SecondDeclineForm(request.POST)

    def again(status: int) -> HttpResponse:
        return show(request, look, status=status, decline_form=form)

    if not form.is_valid():
        return again(422)
    done = "Thank you for saying so. We will ask somebody else."
    return attempt(request, second_looks.decline, look.opinion.case, back=page(uid), done=done, **form.cleaned_data)


@login_required
@require_POST
def answer(request: SignedIn, uid: UUID) -> HttpResponse:
    """Confirm the opinion, or not."""
    look = look_or_404(request, uid)
    form = SecondAnswerForm(request.POST)

    def again(status: int) -> HttpResponse:
        return show(request, look, status=status, answer_form=form)

    if not form.is_valid():
        return again(422)
    confirm, note = form.cleaned_data["verdict"] == "confirm", form.cleaned_data["note"]
    verb, case = second_looks.answer, look.opinion.case
    return attempt(request, verb, case, back=page(uid), done="Thank you.", form=form, again=again, confirm=confirm, note=note)


def look_or_404(request: SignedIn, uid: UUID) -> SecondLook:
    """The last look on the case that the signed-in specialist was asked for; what of the case it opens depends on its status.

    Raises ``Http404`` for anybody else, and for somebody who is no longer a verified specialist.
    """
    looks = SecondLook.objects.filter(opinion__case__uid=uid, specialist__in=SpecialistProfile.objects.verified().values("user"))
    mine = looks.filter(specialist=request.user)
    look = mine.select_related("opinion__case__specialty", "opinion__case__patient", "opinion__case__brief").last()
    if look is None:
        record("case.refused", by=request.user, case_uid=uid, outcome="refused", request=request, target="second.read")
        raise Http404
    record("second.read", by=request.user, case_uid=uid, patient_id=look.opinion.case.patient_id, request=request)
    return look


def page(uid: UUID) -> str:
    """The page that every answer returns to."""
    return reverse("opinions:second", args=[uid])


def show(request: SignedIn, look: SecondLook, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the look as far as it has come; the text only to somebody who holds the right to the records."""
    case = look.opinion.case
    waits = second_looks.is_waited_for(case, look)
    context: dict[str, Any] = {"look": look, "case": case, "waits": waits}
    context |= {"decline_form": SecondDeclineForm(), "answer_form": SecondAnswerForm(), **forms}
    if waits and look.status == SecondLook.Status.ACCEPTED:
        context["case"] = case_or_404(request, case.uid, Right.RECORDS, action="opinion.read")
        context["opinion"] = Opinion.objects.whole().get(pk=look.opinion_id)
    return render(request, "opinions/second.html", context, status=status)
