"""What waits for a specialist. Reads only."""

from functools import cache
from typing import Any

from routing.models import Offer
from secondop.accounts.models import Role, User
from secondop.cases.access import Anybody, Right, deciding_roles
from secondop.cases.messages import with_unread
from secondop.cases.models import Case
from secondop.cases.states import State
from secondop.web.clock import now
from secondop.web.prepared import Prepared, Slot

SIGNED_SHOWN = 20


@cache
def cases_of_specialist(roles: frozenset[Role], *states: State, order: str, most: int | None = None) -> Prepared[Any]:
    """Asks for cases in ``states`` that the person ``who``, who has ``roles``, reviews ``at`` a moment."""
    anybody, at = Anybody(roles), Slot("at")
    mine = Case.objects.visible_to(anybody, Right.WRITE, at=at).filter(specialist=anybody.pk, state__in=states)
    return Prepared(with_unread(mine, anybody, as_specialist=True).select_related("specialty").order_by(order, "pk")[:most])


def read_worklist(user: User) -> dict[str, Any]:
    """Open offers by the time that is left, reviews by due date, second looks, and the last signed opinions; one query each.

    A second look shows the case's reference only: nothing of the case is open before it is accepted.
    """
    roles, asked = deciding_roles(user), {"who": user.pk, "at": now()}
    reviews = cases_of_specialist(roles, State.IN_REVIEW, order="due_at")
    signed = cases_of_specialist(roles, State.CHECKING, State.DELIVERED, order="-signed_at", most=SIGNED_SHOWN)
    offers = Offer.objects.open().filter(specialist=user).select_related("case__specialty", "case__brief")
    looks = Case.objects.filter(
        state=State.CHECKING, opinions__second_looks__specialist=user, opinions__second_looks__status__in=["asked", "accepted"]
    )
    return {
        "offers": list(offers.order_by("expires_at")),
        "reviews": reviews.all(**asked),
        "second_looks": list(looks.distinct()),
        "signed": signed.all(**asked),
    }
