"""Comparing what a header says of its patient with the patient of the case."""

from datetime import date
from typing import NamedTuple

from secondop.cases.models import Brief, Case
from secondop.cases.models.brief import AgeBand, ForWhom

from . import names
from .models import Verdict

AGES = {
    AgeBand.INFANT: (0, 1),
    AgeBand.CHILD: (2, 11),
    AgeBand.TEEN: (12, 17),
    AgeBand.ADULT: (18, 39),
    AgeBand.MIDDLE: (40, 64),
    AgeBand.OLDER: (65, 79),
    AgeBand.OLDEST: (80, 130),
}
YEAR = 365.25
SEXES = ("F", "M")  # what a header says besides tells nothing


class Person(NamedTuple):
    """Somebody by name, birth date in ISO form, and sex; empty where it is not known. The case's own also by the range of age."""

    name: str
    birth_date: str
    sex: str
    ages: tuple[int, int] | None = None
    asked_on: date | None = None


class Compared(NamedTuple):
    """The outcome, and which of ``name``, ``birth_date``, ``age`` and ``sex`` are not the patient's."""

    verdict: Verdict
    differs: list[str]


def patient_of(case: Case) -> Person:
    """Who the case is about, so far as it says; a draft that does not say yet for whom it is, nothing."""
    brief = Brief.objects.filter(case=case).first()
    if brief is None or not brief.for_whom:
        return Person("", "", "")
    name = brief.subject if brief.for_whom == ForWhom.OTHER else case.patient.full_name
    born = brief.birth_date.isoformat() if brief.birth_date else ""
    ages = AGES.get(AgeBand(brief.age_band)) if brief.age_band else None
    return Person(name, born, "", ages, case.first_asked_at.date())


def compare(ours: Person, theirs: Person) -> Compared:
    """Whether two can be one. A birth date that agrees settles a name that cannot tell; one that does not differs by itself."""
    verdicts = {
        "name": names.compare(ours.name, theirs.name),
        "birth_date": exact(ours.birth_date, theirs.birth_date),
        "age": of_age(ours, theirs.birth_date),
        "sex": exact(ours.sex, theirs.sex if theirs.sex in SEXES else ""),
    }
    differs = [what for what, verdict in verdicts.items() if verdict == Verdict.DIFFERS]
    if differs:
        return Compared(Verdict.DIFFERS, differs)
    if verdicts["name"] == Verdict.MATCHES or (verdicts["birth_date"] == Verdict.MATCHES and theirs.name):
        return Compared(Verdict.MATCHES, [])
    return Compared(Verdict.UNCLEAR, [])


def exact(ours: str, theirs: str) -> Verdict:
    """Whether two values are the same, so far as both are known."""
    if not ours or not theirs:
        return Verdict.UNCLEAR
    return Verdict.MATCHES if ours == theirs else Verdict.DIFFERS


def of_age(ours: Person, birth_date: str) -> Verdict:
    """Whether somebody born on ``birth_date`` is as old as the case says, a year more or less; where it names a birth date that counts."""
    if ours.birth_date or not birth_date or ours.ages is None or ours.asked_on is None:
        return Verdict.UNCLEAR
    age = (ours.asked_on - date.fromisoformat(birth_date)).days / YEAR
    return Verdict.UNCLEAR if ours.ages[0] - 1 <= age < ours.ages[1] + 2 else Verdict.DIFFERS
