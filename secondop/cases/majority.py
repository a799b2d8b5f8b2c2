"""A minor's case: until when somebody else asks for the child, and what ends on the day the child is an adult."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
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
from .states import Party

MINORS = (AgeBand.INFANT, AgeBand.CHILD, AgeBand.TEEN)
TOLD_BEFORE = timedelta(days=30)
FOR_A_CHILD = (Authority.PARENTAL, Authority.GUARDIAN)


def majority_of(answers: Mapping[str, Any]) -> Majority:
    """When people become adults where the patient lives."""
    return JurisdictionRule.majority_in(answers.get("country") or "", answers.get("region") or "")


def may_be_minor(age_band: str, majority: Majority) -> bool:
    """Whether a patient of this age may be a minor where they live: in some places people of 18 still are."""
    return age_band in MINORS or (age_band == AgeBand.ADULT and majority.age > 18)


def ends_at(case: Case, place: Callable[[str, str], Majority] = JurisdictionRule.majority_in) -> datetime | None:
    """The moment at which the right of a parent or guardian ends by itself; ``None`` where nobody asks for a minor.

    A court may appoint a guardian for an adult: that right has no such end. Nor has a draft, which cannot be sent once the child is an
    adult: whoever wrote it, or mistyped a year, has to be able to mend or delete it. ``place`` gives the majority of a country and region.
    """
    brief = case.brief
    if not case.submitted_at or brief.for_whom != ForWhom.OTHER or brief.authority not in FOR_A_CHILD or not brief.birth_date:
        return None
    moment = place(brief.country, brief.region).begins(brief.birth_date)
    return moment if brief.authority == Authority.PARENTAL or moment > case.submitted_at else None


def set_end(case: Case) -> None:
    """Write into the rights of ``case`` when those of parent and family end by themselves."""
    limit(case, ends_at(case))


@transaction.atomic
def note_end(pk: int) -> None:
    """Write once that the child is an adult, and tell the parent and the desk."""
    case = Case.objects.select_for_update(of=("self",)).select_related("patient").get(pk=pk)
    if case.journal.filter(event="came_of_age").exists():
        return
    journal(case, "came_of_age", None)
    tell(case.patient, "of_age", case=case, key=f"of-age:{case.uid}")
    tell_desk(case, "of_age_desk")


def tell_desk(case: Case, kind: str) -> None:
    """Tell the coordinator, once."""
    for person in recipients(case, Party.COORDINATOR):
        tell(person, kind, case=case, key=f"{kind}:{case.uid}:{person.pk}")


def follow_rules() -> None:
    """Move the ends that a changed rule moves, of whoever still asks for a child; each place is looked up once."""
    place = cache(JurisdictionRule.majority_in)
    asked = Q(case__brief__for_whom=ForWhom.OTHER, case__brief__authority__in=FOR_A_CHILD, case__brief__birth_date__isnull=False)
    sent = Q(case__submitted_at__isnull=False, case__taken_over_at=None)
    for row in Access.objects.active().filter(asked, sent, right=Right.OWN).select_related("case__brief").iterator():
        end = ends_at(row.case, place)
        if end != row.until:
            limit(row.case, end)


def watch() -> None:
    """Follow changed rules, tell of an end that is near, and note those that have come; each once."""
    follow_rules()
    sent = Access.objects.filter(right=Right.OWN, case__submitted_at__isnull=False, case__taken_over_at=None)
    held = sent.filter(until__isnull=False).select_related("case__patient")
    for row in held.filter(until__gt=now(), until__lte=now() + TOLD_BEFORE):
        tell(row.case.patient, "of_age_soon", case=row.case, key=f"of_age_soon:{row.case.uid}")
        tell_desk(row.case, "of_age_soon_desk")
    noted = JournalEntry.objects.filter(case=OuterRef("case"), event="came_of_age")
    for pk in held.filter(~Exists(noted), until__lte=now()).values_list("case", flat=True):
        note_end(pk)
