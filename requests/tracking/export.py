"""What a copy of a case holds of its people: who works on it, and whom the patient let in."""

from typing import Any

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.exports.parts import Part

from .family.pages import may, members, waiting
from .models import Helper
from .pages import people as people_of

INVITED = Helper.Status.INVITED


def people(case: Case, reader: User) -> Part:
    """The people as the case's page names them, and family and helpers: for the patient every invitation, without its link.

    Others get what the page about family shows them: who has access now, and the last invitations that nobody has accepted.
    """
    if case.patient_id == reader.pk:
        family = [invitation(helper) for helper in case.helpers.order_by("created_at", "pk")]
    else:
        family = [{"name": str(one.user), "may": one.text, "since": one.since, "until": one.until} for one in members(case)]
        family += [invitation(helper, may_see_email=helper.status == INVITED) for helper in waiting(case).order_by("created_at", "pk")]
    return Part({"people": people_of(case), "family_and_helpers": family})


def invitation(helper: Helper, *, may_see_email: bool = True) -> dict[str, Any]:
    """Whom somebody invited to do what, and what became of it."""
    return {
        "name": helper.full_name,
        "email": helper.email if may_see_email else "",
        "may": may(helper.rights),
        "until": helper.until,
        "stands_at": helper.get_status_display(),
        "invited_at": helper.created_at,
        "ended_at": helper.ended_at,
    }
