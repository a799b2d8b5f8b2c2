"""Ending offers that nobody will answer any more."""

from routing.models import Offer
from secondop.accounts.models import User
from secondop.cases.access import Right, revoke
from secondop.cases.lifecycle import journal
from secondop.cases.models import Case
from secondop.notices.services import tell
from secondop.web.clock import now


def end(offer: Offer, status: str) -> None:
    """Write how ``offer`` ended; unless it was accepted, the summary closes to its specialist at once."""
    offer.status, offer.answered_at = status, now()
    offer.save()
    revoke(offer.case, Right.SUMMARY, user=offer.specialist)


def recall_offer(offer: Offer, by: User | None, reason: str = "") -> None:
    """Take one offer back: the summary closes, the specialist is told, the journal keeps the ``reason``."""
    end(offer, Offer.Status.RECALLED)
    journal(offer.case, "offer_recalled", by, reason=" ".join(filter(None, [f"From {offer.specialist}.", reason])))
    tell(offer.specialist, "offer_recalled", case=offer.case, key=f"recalled:{offer.uid}")


def recall_open(case: Case, by: User | None, keep: Offer | None = None) -> int:
    """Take back every offer of the locked ``case`` that is still out, but ``keep``; returns how many."""
    out = case.offers.select_for_update(of=("self",)).filter(status=Offer.Status.SENT).select_related("specialist", "case")
    gone = [offer for offer in out if offer != keep]
    for offer in gone:
        recall_offer(offer, by)
    return len(gone)
