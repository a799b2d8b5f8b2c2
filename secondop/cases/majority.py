"""A minor's case: until when somebody else asks for the child, and what ends on the day the child is an adult."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from secondop.catalog.majority import Majority
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import now

from .access import limit
from .models.brief import AgeBand, Authority, ForWhom

if TYPE_CHECKING:
    from .models import Case

MINORS = (AgeBand.INFANT, AgeBand.CHILD, AgeBand.TEEN)
FOR_A_CHILD = (Authority.PARENTAL, Authority.GUARDIAN)


def majority_of(answers: Mapping[str, Any]) -> Majority:
    """When people become adults where the patient lives."""
    return JurisdictionRule.majority_in(answers.get("country") or "", answers.get("region") or "")


def may_be_minor(age_band: str, majority: Majority) -> bool:
    """Whether a patient of this age may be a minor where they live: in some places people of 18 still are."""
    return age_band in MINORS or (age_band == AgeBand.ADULT and majority.age > 18)


def ends_at(case: "Case") -> datetime | None:
    """The moment at which the right of a parent or guardian ends by itself; ``None`` where nobody asks for a minor.

    A court may appoint a guardian for an adult: that right has no such end. In a draft a date in the past counts for nothing, because
    it cannot be sent, and whoever mistyped a year has to be able to mend it.
    """
    brief = case.brief
    if brief.for_whom != ForWhom.OTHER or brief.authority not in FOR_A_CHILD or not brief.birth_date:
        return None
    moment = JurisdictionRule.majority_in(brief.country, brief.region).begins(brief.birth_date)
    always = brief.authority == Authority.PARENTAL and case.submitted_at
    return moment if always or moment > (case.submitted_at or now()) else None


def set_end(case: "Case") -> None:
    """Write into the rights of ``case`` when those of parent and family end by themselves."""
    limit(case, ends_at(case))
