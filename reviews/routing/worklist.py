"""What waits for a specialist. Reads only."""

from typing import Any

from routing.models import Offer
from secondop.accounts.models import User
from secondop.cases.access import Right
from secondop.cases.messages import with_unread
from secondop.cases.models import Case
from secondop.cases.states import State

SIGNED_SHOWN = 20


def read_worklist(user: User) -> dict[str, Any]:
    """Open offers by the time that is left, reviews by due date, second looks, and the last signed opinions; one query each.

    A second look shows the case's reference only: nothing of the case is open before it is accepted.
    """
    mine = with_unread(Case.objects.visible_to(user, Right.WRITE), user, as_specialist=True)
    mine = mine.filter(specialist=user).select_related("specialty")
    offers = Offer.objects.open().filter(specialist=user).select_related("case__specialty", "case__brief")
    looks = Case.objects.filter(
        state=State.CHECKING, opinions__second_looks__specialist=user, opinions__second_looks__status__in=["asked", "accepted"]
    )
    signed = mine.filter(state__in=[State.CHECKING, State.DELIVERED])
    return {
        "offers": list(offers.order_by("expires_at")),
        "reviews": list(mine.filter(state=State.IN_REVIEW).order_by("due_at", "pk")),
        "second_looks": list(looks.distinct()),
        "signed": list(signed.order_by("-signed_at")[:SIGNED_SHOWN]),
    }
