"""A first catalog: specialties, checklists, consent wordings, sample rules and the holidays of two years.

An installation starts from it and makes it its own in the Django admin. The rules about places are samples, and say so.
"""

import holidays
from django.db import transaction

from secondop.web.clock import now

from ..models import ChecklistTemplate, ConsentText, Holiday, JurisdictionRule, QuestionPrompt, Specialty
from .consents import TEXTS
from .places import PLACES
from .questions import QUESTIONS
from .specialties import EVERY_CASE, SPECIALTIES
from .ticks import TICKS


@transaction.atomic
def load() -> None:
    """Add what is missing; rows that exist already, edited by an administrator or not, stay as they are."""
    load_specialties()
    load_questions()
    places = set(JurisdictionRule.objects.values_list("country", "region"))
    JurisdictionRule.objects.bulk_create(
        JurisdictionRule(country=rule.country, region=rule.region, **rule.columns())
        for rule in PLACES
        if (rule.country, rule.region) not in places
    )
    kinds = set(ConsentText.objects.filter(version=1).values_list("kind", flat=True))
    ConsentText.objects.bulk_create(ConsentText(kind=text.kind, version=1, **text.columns()) for text in TEXTS if text.kind not in kinds)
    this_year = now().year
    days = holidays.country_holidays("US", years=[this_year, this_year + 1], language="en_US")
    Holiday.objects.bulk_create((Holiday(day=day, name=name[:80]) for day, name in days.items()), ignore_conflicts=True)


def load_specialties() -> None:
    """Specialties with the things that a complete case of each holds, unless it has a list of them already."""
    known = set(Specialty.objects.values_list("name", flat=True))
    Specialty.objects.bulk_create(
        Specialty(name=sample.name, nucc_code=sample.code, prompts=list(sample.prompts))
        for sample in SPECIALTIES
        if sample.name not in known
    )
    ids: dict[str, int] = dict(Specialty.objects.values_list("name", "pk"))
    with_list = set(ChecklistTemplate.objects.values_list("specialty", flat=True))
    lists: dict[int | None, dict[str, bool]] = {None: EVERY_CASE, **{ids[sample.name]: sample.checklist for sample in SPECIALTIES}}
    ChecklistTemplate.objects.bulk_create(
        ChecklistTemplate(specialty_id=specialty, text=text, required=required, ticks=list(TICKS.get(text, ())), position=position)
        for specialty, items in lists.items()
        if specialty not in with_list
        for position, (text, required) in enumerate(items.items())
    )


def load_questions() -> None:
    """Questions to ask for each reason, and for each reason in a field of medicine, unless there are some already."""
    ids: dict[str, int] = dict(Specialty.objects.values_list("name", "pk"))
    asked = set(QuestionPrompt.objects.values_list("reason", "specialty"))
    QuestionPrompt.objects.bulk_create(
        QuestionPrompt(
            reason=sample.reason,
            specialty_id=ids[sample.specialty] if sample.specialty else None,
            text=text,
            source=sample.source,
            sample=True,
            position=position,
        )
        for sample in QUESTIONS
        if (not sample.specialty or sample.specialty in ids) and (sample.reason, ids.get(sample.specialty)) not in asked
        for position, text in enumerate(sample.texts)
    )
