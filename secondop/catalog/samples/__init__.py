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
    for rule in PLACES:
        JurisdictionRule.objects.get_or_create(country=rule.country, region=rule.region, defaults=rule.columns())
    for text in TEXTS:
        ConsentText.objects.get_or_create(kind=text.kind, version=1, defaults=text.columns())
    this_year = now().year
    days = holidays.country_holidays("US", years=[this_year, this_year + 1], language="en_US")
    for day, name in days.items():
        Holiday.objects.get_or_create(day=day, defaults={"name": name[:80]})


def load_specialties() -> None:
    """Specialties with the things that a complete case of each holds."""
    add_checklist(None, EVERY_CASE)
    for sample in SPECIALTIES:
        specialty, _ = Specialty.objects.get_or_create(
            name=sample.name, defaults={"nucc_code": sample.code, "prompts": list(sample.prompts)}
        )
        add_checklist(specialty, sample.checklist)


def load_questions() -> None:
    """Questions to ask for each reason, and for each reason in a field of medicine, unless there are some already."""
    known = {specialty.name: specialty for specialty in Specialty.objects.all()}
    for sample in QUESTIONS:
        place = {"reason": sample.reason, "specialty": known.get(sample.specialty)}
        if (sample.specialty and sample.specialty not in known) or QuestionPrompt.objects.filter(**place).exists():
            continue
        QuestionPrompt.objects.bulk_create(
            QuestionPrompt(**place, text=text, source=sample.source, sample=True, position=position)
            for position, text in enumerate(sample.texts)
        )


def add_checklist(specialty: Specialty | None, items: dict[str, bool]) -> None:
    """The checklist of ``specialty`` (of every case without one), unless it has one already."""
    if ChecklistTemplate.objects.filter(specialty=specialty).exists():
        return
    ChecklistTemplate.objects.bulk_create(
        ChecklistTemplate(specialty=specialty, text=text, required=required, ticks=list(TICKS.get(text, ())), position=position)
        for position, (text, required) in enumerate(items.items())
    )
