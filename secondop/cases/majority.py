"""A minor's case: until when somebody else asks for the child, and what ends on the day the child is an adult."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from secondop.catalog.majority import Majority
from secondop.catalog.models import JurisdictionRule
from secondop.notices.services import tell
from secondop.web.clock import now

from .access import Access, Right, limit
from .lifecycle import journal, recipients
from .models import Case, JournalEntry
from .models.brief import AgeBand, Authority, ForWhom
from .states import Party, State

MINORS = (AgeBand.INFANT, AgeBand.CHILD, AgeBand.TEEN)
TOLD_BEFORE = timedelta(days=30)
FOR_A_CHILD = (Authority.PARENTAL, Authority.GUARDIAN)


def majority_of(answers: Mapping[str, Any]) -> Majority:
    """When people become adults where the patient lives."""
    return JurisdictionRule.majority_in(answers.get("country") or "", answers.get("region") or "")


def may_be_minor(age_band: str, majority: Majority) -> bool:
    """Whether a patient of this age may be a minor where they live: in some places people of 18 still are."""
    return age_band in MINORS or (age_band == AgeBand.ADULT and majority.age > 18)


def ends_at(case: Case) -> datetime | None:
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


def set_end(case: Case) -> None:
    """Write into the rights of ``case`` when those of parent and family end by themselves."""
    limit(case, ends_at(case))


@transaction.atomic
def note_end(pk: int) -> None:
    """Write once that the child is an adult, and tell the parent and, of a request that was sent, the desk."""
    case = Case.objects.select_for_update(of=("self",)).select_related("patient").get(pk=pk)
    if case.journal.filter(event="came_of_age").exists():
        return
    journal(case, "came_of_age", None)
    tell(case.patient, "of_age", case=case, key=f"of-age:{case.uid}")
    tell_desk(case, "of_age_desk")


def tell_desk(case: Case, kind: str) -> None:
    """Tell the coordinator, once; a draft is nothing to the desk."""
    for person in recipients(case, Party.COORDINATOR) if case.state != State.DRAFT else []:
        tell(person, kind, case=case, key=f"{kind}:{case.uid}:{person.pk}")


def watch() -> None:
    """Follow changed rules, tell of an end that is near, and note those that have come; each once."""
    held = Access.objects.filter(right=Right.OWN, until__isnull=False, case__taken_over_at=None).select_related("case__patient")
    asked = Q(brief__for_whom=ForWhom.OTHER, brief__authority__in=FOR_A_CHILD, brief__birth_date__isnull=False)
    for case in Case.objects.filter(asked, submitted_at__isnull=False, taken_over_at=None).select_related("brief").iterator():
        set_end(case)
    for row in held.filter(until__gt=now(), until__lte=now() + TOLD_BEFORE, case__submitted_at__isnull=False):
        tell(row.case.patient, "of_age_soon", case=row.case, key=f"of_age_soon:{row.case.uid}")
        tell_desk(row.case, "of_age_soon_desk")
    noted = JournalEntry.objects.filter(case=OuterRef("case"), event="came_of_age")
    for pk in held.filter(~Exists(noted), until__lte=now()).values_list("case", flat=True):
        note_end(pk)
