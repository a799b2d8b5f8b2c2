"""The specialist's pages before a review: the worklist, an offer, and handing a case back."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from routing import forms
from routing.models import Offer
from routing.services import offers
from routing.words import how_it_ended, is_theirs
from routing.worklist import read_worklist
from secondop.accounts.models import Role
from secondop.accounts.signed_in import SignedIn
from secondop.audit.services import record
from secondop.cases.access import Right
from secondop.cases.gate import case_or_404
from secondop.cases.models import Case
from secondop.cases.states import MOVES
from secondop.cases.verbs import attempt

from .common import VerbPage, role_needed
from .screening import AskCancel, AskExtend


@require_safe
@role_needed(Role.SPECIALIST)
def worklist(request: SignedIn) -> HttpResponse:
    """What waits for the specialist: offers, reviews, second looks; and what they signed."""
    record("worklist.read", by=request.user, request=request)
    return render(request, "routing/worklist.html", read_worklist(request.user))


def own_offer(request: SignedIn, uid: UUID) -> Offer:
    """The offer ``uid`` if it was made to the signed-in person; anybody else's is as if it did not exist."""
    offer = Offer.objects.filter(uid=uid, specialist=request.user).select_related("case").first()
    if offer is None:
        record("offer.refused", by=request.user, outcome="refused", target=str(uid), request=request)
        raise Http404
    return offer


def show_offer(
    request: SignedIn,
    offer: Offer,
    *,
    accept: forms.AcceptForm | None = None,
    decline: forms.DeclineOfferForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an offer: the summary and the two answers while it is open, afterwards what became of it."""
    if not Offer.objects.open().filter(pk=offer.pk).exists():
        title, words = how_it_ended(offer)
        context = {"case": offer.case, "title": title, "words": words, "is_theirs": is_theirs(offer)}
        return render(request, "routing/offer_ended.html", context)
    case = case_or_404(request, offer.case.uid, Right.SUMMARY, action="offer.read")
    context = {
        "offer": offer,
        "case": case,
        "accept": accept or forms.AcceptForm(case=case, declared=bool(offer.conflict)),
        "decline": decline or forms.DeclineOfferForm(case=case),
        "decline_open": decline is not None,
    }
    return render(request, "routing/offer.html", context, status=status)


@require_safe
@login_required
def offer_page(request: SignedIn, offer_uid: UUID) -> HttpResponse:
    """One offer, for the specialist it was made to."""
    return show_offer(request, own_offer(request, offer_uid))


@require_POST
@login_required
def accept(request: SignedIn, offer_uid: UUID) -> HttpResponse:
    """Accept, or declare a conflict, which goes to a lead first."""
    offer = own_offer(request, offer_uid)
    form = forms.AcceptForm(request.POST, case=offer.case, declared=bool(offer.conflict))
    again = partial(show_offer, request, offer, accept=form)
    if not form.is_valid():
        return again(status=422)
    answer = partial(attempt, request, case=offer.case, back=reverse("routing:offer_page", args=[offer.uid]), form=form, again=again)
    if form.conflicts():
        done = "Thank you. A lead looks at what you declared, and we will tell you."
        return answer(offers.declare_conflict, done=done, kinds=form.conflicts(), text=form.cleaned_data["conflict_text"])
    to, due = reverse("opinions:write", args=[offer.case.uid]), form.cleaned_data["proposed_due"]
    return answer(offers.accept, to=to, done="The case is yours. Thank you.", proposed_due=due)


@require_POST
@login_required
def decline_offer(request: SignedIn, offer_uid: UUID) -> HttpResponse:
    """Say no, with a reason."""
    offer = own_offer(request, offer_uid)
    form = forms.DeclineOfferForm(request.POST, case=offer.case)
    again = partial(show_offer, request, offer, decline=form)
    if not form.is_valid():
        return again(status=422)
    back, to = reverse("routing:offer_page", args=[offer.uid]), reverse("routing:worklist")
    done = "Thank you for answering. We will ask a colleague."
    return attempt(request, offers.decline_offer, offer.case, back=back, to=to, done=done, form=form, again=again, **form.cleaned_data)


class HandBack(VerbPage):
    """Give a case back during the review."""

    right = Right.WRITE
    verb = staticmethod(offers.hand_back)
    form_class = forms.ReasonForm
    states = MOVES["hand_back"].sources
    title = submit = MOVES["hand_back"].label
    lead = "The records close to you at once. What you have written is sealed, and the next specialist does not see it."
    kind = "danger"
    done = "The case is back at the desk. Thank you for telling us."

    def post(self, request: HttpRequest, uid: UUID, **ids: Any) -> HttpResponse:
        """Hand it back; whoever clicks twice learns that it is done, although the case is closed to them by then."""
        if request.user.is_authenticated and Offer.objects.is_given_back(uid, request.user):
            messages.info(request, "The case is back at the desk already.")
            return redirect("routing:worklist")
        return super().post(request, uid, **ids)

    def back(self, case: Case) -> str:
        """Where the review goes on."""
        return reverse("routing:worklist")


class OwnAsk:
    """A verb of the case's specialist on what they asked the patient themselves."""

    right = Right.WRITE

    def back(self, case: Case) -> str:
        """The questions beside the write-up."""
        return reverse("opinions:write", args=[case.uid]) + "#asks"


class OwnAskCancel(OwnAsk, AskCancel):
    """Close an own ask."""


class OwnAskExtend(OwnAsk, AskExtend):
    """Give the patient more time for an own ask."""
