"""What a copy of a case holds of its people: who works on it, and whom the patient let in."""

from secondop.accounts.models import User
from secondop.cases.models import Case
from secondop.exports.parts import Part

from .family.pages import may
from .pages import people as people_of


def people(case: Case, reader: User) -> Part:
    """The people as the case's page names them, and every invitation of family and helpers, without its link."""
    family = [
        {
            "name": helper.full_name,
            "email": helper.email,
            "may": may(helper.rights),
            "until": helper.until,
            "stands_at": helper.get_status_display(),
            "invited_at": helper.created_at,
            "ended_at": helper.ended_at,
        }
        for helper in case.helpers.order_by("created_at", "pk")
    ]
    return Part({"people": people_of(case), "family_and_helpers": family})
