"""The coordinator's side of offers: choosing a specialist, recalling, waiving a conflict, agreeing to a date."""

from typing import Any

from django.shortcuts import get_object_or_404

from routing import forms
from routing.services import offers
from routing.services.eligibility import candidates
from secondop.accounts.models import Role
from secondop.cases.models import Case
from secondop.cases.states import State

from .common import Verb, VerbPage


class ChooseSpecialist(VerbPage):
    """All candidates with what speaks for and against them; each eligible one has a button."""

    verb = staticmethod(offers.send_offer)
    form_class = forms.OfferForm
    template = "routing/offer_choose.html"
    states = (State.READY,)
    done = "The offer is sent. The specialist has 12 hours to answer."

    def context(self, case: Case) -> dict[str, Any]:
        """The candidates, ranked."""
        found = candidates(case)
        eligible = [candidate for candidate in found if candidate.eligible]
        return {
            "eligible": eligible,
            "none_eligible": not eligible,
            "barred": [c for c in found if not c.eligible],
            "waiting": case.declines.filter(status="waiting").exists(),
        }


class Recall(VerbPage):
    """Take an offer back."""

    verb = staticmethod(offers.recall)
    form_class = forms.RecallForm
    states = (State.READY,)
    title = "Recall the offer"
    lead = "The specialist is told, and no longer sees the summary."
    submit = "Recall the offer"
    done = "The offer is recalled."


class Waive(VerbPage):
    """A lead lets a declared conflict stand."""

    role = Role.LEAD
    verb = staticmethod(offers.waive_conflict)
    form_class = forms.WaiveForm
    states = (State.READY,)
    title = "Waive a declared conflict"
    submit = "Waive it"
    done = "The specialist may accept now, and is told."

    def context(self, case: Case) -> dict[str, Any]:
        """What was declared."""
        offer = get_object_or_404(case.offers.select_related("specialist"), uid=self.kwargs["offer_uid"])
        return {"lead": f"{offer.specialist}: {', '.join(offer.conflict_words)}. {offer.conflict_text}"}


class AnswerDue(Verb):
    """Agree to the proposed date, or keep 48 hours."""

    verb = staticmethod(offers.answer_due)
    form_class = forms.DueForm
    done = "The specialist is told."
