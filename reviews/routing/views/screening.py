"""The coordinator's verbs on a case, each a form or a button of the case page."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.timezone import localtime

from routing import forms
from routing.services import authority, offers, screening
from secondop.accounts.models import Role, User
from secondop.cases import asks, handover
from secondop.cases.models import Ask, Case
from secondop.cases.services import reopen
from secondop.cases.states import MOVES, State

from .common import Verb, VerbPage


class Claim(Verb):
    """Become the case's owner."""

    verb = staticmethod(screening.claim)
    form_class = forms.ClaimForm
    done = "The case is yours."


class Facts(VerbPage):
    """Specialty and decision date."""

    verb = staticmethod(screening.set_facts)
    form_class = forms.FactsForm
    states = screening.BEFORE_REVIEW
    title = "Specialty and decision date"
    done = "Saved."


class CheckItem(VerbPage):
    """One item of the checklist."""

    verb = staticmethod(screening.check_item)
    form_class = forms.ItemForm
    states = (State.SCREENING,)
    title = "Checklist"
    done = "The checklist is up to date."

    def context(self, case: Case) -> dict:
        """The item's own words."""
        return {"lead": get_object_or_404(case.checklist, pk=self.kwargs["item_id"]).text}

    def back(self, case: Case) -> str:
        """The checklist on the case page."""
        return super().back(case) + "#checklist"


class AskPatient(VerbPage):
    """Something needed from the patient."""

    verb = staticmethod(asks.open_ask)
    form_class = forms.AskForm
    title = "Ask the patient"
    submit = "Send to the patient"
    done = "The patient has been asked."


def ask_of(case: Case, ask_id: int) -> Ask:
    """The case's own ask ``ask_id``. Raises ``Refused`` when it has none of this number."""
    ask = case.asks.filter(pk=ask_id).first()
    if ask is None:
        raise screening.Refused("This question is not part of the case.")
    return ask


class AskCancel(Verb):
    """Close an ask that is no longer needed."""

    done = "The question is closed."

    @staticmethod
    def verb(case: Case, *, by: User, ask_id: int) -> None:
        """Close the ask ``ask_id``."""
        asks.cancel_ask(ask_of(case, ask_id), by=by)

    def back(self, case: Case) -> str:
        """The questions on the case page."""
        return super().back(case) + "#asks"


class AskExtend(VerbPage):
    """Give the patient more time to answer."""

    form_class = forms.ExtendForm
    title = "Give the patient more time"
    submit = "Set the new date"
    done = "The patient has more time, and is told."

    @staticmethod
    def verb(case: Case, *, by: User, ask_id: int, due_at: datetime, reason: str) -> None:
        """Extend the ask ``ask_id``."""
        asks.extend_ask(ask_of(case, ask_id), by=by, due_at=due_at, reason=reason)

    def context(self, case: Case) -> dict[str, Any]:
        """The date that stands now."""
        ask = get_object_or_404(case.asks, pk=self.kwargs["ask_id"])
        return {"lead": f"Now they have until {localtime(ask.due_at):%A, %B} {localtime(ask.due_at).day}. Reminders move along."}

    def back(self, case: Case) -> str:
        """The questions on the case page."""
        return super().back(case) + "#asks"


class SeeProof(Verb):
    """The paper that shows the right to ask has been looked at."""

    verb = staticmethod(authority.see_proof)
    done = "Noted: you have seen the paper."

    def back(self, case: Case) -> str:
        """Its card on the case page."""
        return super().back(case) + "#authority"


class WaiveProof(VerbPage):
    """Going on without that paper."""

    verb = staticmethod(authority.waive_proof)
    form_class = forms.WaiveProofForm
    title = "Go on without proof of authority"
    lead = "Your reason stays with the case. The patient’s side does not read it."
    submit = "Go on without it"
    done = "Noted. The case can go on."

    def back(self, case: Case) -> str:
        """Its card on the case page."""
        return super().back(case) + "#authority"


class HandOver(VerbPage):
    """Inviting a patient who is an adult now to take the case over."""

    verb = staticmethod(handover.invite)
    form_class = forms.HandOverForm
    states = tuple(state for state in State if state != State.DRAFT)
    title = "Invite the patient to take the case over"
    lead = "The link goes to the patient alone. It works once, for 14 days. A link that you sent before stops working."
    submit = "Send the link"
    done = "The invitation is on its way."

    def back(self, case: Case) -> str:
        """The card about authority."""
        return super().back(case) + "#authority"


class MakeReady(VerbPage):
    """Mark as complete."""

    verb = staticmethod(screening.make_ready)
    form_class = forms.ReadyForm
    states = MOVES["make_ready"].sources
    title = "Mark the case as complete"
    submit = MOVES["make_ready"].label
    done = "The case is complete. Choose a specialist next."


class SendBack(VerbPage):
    """Back to collecting records."""

    verb = staticmethod(screening.send_back)
    form_class = forms.SendBackForm
    states = MOVES["send_back"].sources
    title = submit = MOVES["send_back"].label
    lead = "Open offers are recalled. The patient is told that we need more."
    done = "The case is back to collecting records."


class Decline(VerbPage):
    """Decline the request."""

    verb = staticmethod(screening.decline)
    form_class = forms.DeclineForm
    states = MOVES["decline"].sources
    title = "Decline this request"
    lead = "The patient is told at once, except on clinical grounds, where a lead has to agree first. It can be reopened."
    submit, kind = "Decline the request", "danger"
    done = "Done. The case page says how it stands."


class DeclineConfirm(Verb):
    """A lead agrees to decline."""

    role = Role.LEAD
    verb = staticmethod(screening.confirm_decline)
    done = "The request is declined, and the patient is told."


class DeclineReject(VerbPage):
    """A lead does not agree to decline."""

    role = Role.LEAD
    verb = staticmethod(screening.reject_decline)
    form_class = forms.RejectForm
    states = MOVES["decline"].sources
    title = "Let the case go on"
    submit = "Reject the proposal"
    done = "Your colleague is told. The case goes on."


class Reassign(VerbPage):
    """Take the case from its specialist."""

    verb = staticmethod(offers.reassign)
    form_class = forms.ReasonForm
    states = MOVES["reassign"].sources
    title = submit = MOVES["reassign"].label
    lead = "The records close to the present specialist at once. What they have written is sealed, and the next one does not see it."
    kind = "danger"
    done = "The case is back at the desk. Choose another specialist."


class Reopen(VerbPage):
    """Start again."""

    verb = staticmethod(reopen)
    form_class = forms.ReopenForm
    states = MOVES["reopen"].sources
    title = "Reopen this case"
    lead = "The case goes back to collecting records. The specialist who knows it is asked first."
    submit = "Reopen the case"
    done = "The case is open again."
