"""What is missing from a screen, or cannot stand as it is: pure functions from answers to messages by field.

The forms call them when somebody says "continue", and the check page and ``submit`` call them on what is stored, so that
no request can be sent with less than a screen asks for.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from secondop.cases.majority import FOR_A_CHILD, MINORS, majority_of, may_be_minor
from secondop.cases.models.brief import AgeBand, Authority, Channel, ForWhom, HealthKind, ListState, Value
from secondop.catalog.majority import Majority
from secondop.catalog.models import JurisdictionRule
from secondop.web.clock import today

from .residence import NO_DOCTOR, lacks_region
from .screens import MAX_VALUES, SCREENS

Answers = Mapping[str, Any]
PARENT = Authority.PARENTAL
YEARS = {AgeBand.INFANT: (0, 1), AgeBand.CHILD: (2, 11), AgeBand.TEEN: (12, 17), AgeBand.ADULT: (18, 39)}
FARTHEST_DECISION = timedelta(days=5 * 365)


def gaps(name: str, answers: Answers) -> dict[str, str]:
    """What stands against calling the screen ``name`` done, by field; empty when nothing does. Consents: see ``consents``."""
    found = {field: message for field, message in SCREENS[name].required.items() if not answers.get(field)}
    for rule in RULES.get(name, ()):
        found.update(rule(answers))
    return found


def prohibited(country: str, region: str) -> JurisdictionRule | None:
    """The rule that keeps us from serving people who live there, if there is one."""
    rule = JurisdictionRule.for_place(country, region) if country else None
    return rule if rule and rule.verdict == JurisdictionRule.Verdict.PROHIBITED else None


def not_served(rule: JurisdictionRule) -> str:
    """What a person is told who lives in a place that ``rule`` excludes."""
    return f"We cannot take requests from people who live there. {rule.note}".strip()


def emergency(answers: Answers) -> dict[str, str]:
    """A second opinion is not the way to help in an emergency."""
    if answers.get("emergency") == "yes":
        return {"emergency": "Call your emergency number now. A second opinion takes days."}
    return {}


def residence(answers: Answers) -> dict[str, str]:
    """A place that cannot be served; and a state wherever the answer hangs on it."""
    country, region = answers.get("country", ""), answers.get("region", "")
    rule = prohibited(country, region)
    if rule:
        return {"region" if rule.region else "country": not_served(rule)}
    if lacks_region(country, region):
        return {"region": "Write the state or province."}
    return {}


def person(answers: Answers) -> dict[str, str]:
    """Whoever asks for somebody else says who they are and by what right; a minor cannot ask alone."""
    if answers.get("for_whom") == ForWhom.OTHER:
        needed = {
            "subject_name": "Write the name of the patient.",
            "relationship": "Choose how you are related to the patient.",
            "authority": "Choose what allows you to ask for them.",
        }
        found = {field: message for field, message in needed.items() if not answers.get(field)}
        return {**found, **authority(answers)} if answers.get("age_band") and answers.get("authority") else found
    if answers.get("age_band") in MINORS and answers.get("for_whom"):
        return {"for_whom": "A person under 18 needs a parent or guardian to ask for them. Please ask one of them to sign up."}
    return {}


def authority(answers: Answers) -> dict[str, str]:
    """Parents and guardians ask for a child, until a birthday that the law sets; nobody else does."""
    there, said, age = majority_of(answers), answers["authority"], answers["age_band"]
    if said not in FOR_A_CHILD:
        return {"authority": "For a child, this is a parent or a guardian. Please choose one of these."} if age in MINORS else {}
    if may_be_minor(age, there):
        return birth(answers.get("birth_date"), answers, there)
    if said == PARENT:
        return {"authority": f"Parents can ask for a child under {there.age}. For an adult, choose another reason."}
    return {}


def birth(born: date | None, answers: Answers, there: Majority) -> dict[str, str]:
    """The day of birth fits the age that was chosen, and a child of parents is not of age yet."""
    if born is None:
        return {"birth_date": "Write the date of birth of the patient."}
    years = there.years(born)
    if years < 0:
        return {"birth_date": "This day lies ahead. Please check it."}
    if years >= there.age and (answers["authority"] == PARENT or answers["age_band"] in MINORS):
        return {"birth_date": f"From the age of {there.age} on a person asks alone. Please check the date, or choose another reason above."}
    first, last = YEARS[answers["age_band"]]
    return {} if first <= years <= last else {"birth_date": "This date does not fit the age of the patient. Please check both."}


def contact(answers: Answers) -> dict[str, str]:
    """A number to call where a call is wanted, and both ends of the quiet hours."""
    found = {}
    if answers.get("channel") == Channel.PHONE and not answers.get("phone"):
        found["phone"] = "Write the number we may call."
    start, end = answers.get("quiet_from"), answers.get("quiet_to")
    if (start is None) != (end is None):
        found["quiet_to" if end is None else "quiet_from"] = "Give both times, or none."
    return found


def decision(answers: Answers) -> dict[str, str]:
    """A decision lies ahead, and not many years ahead."""
    on: date | None = answers.get("decision_date")
    if on and on < today():
        return {"decision_date": "This day has passed. Give a day to come, or leave it empty."}
    if on and on > today() + FARTHEST_DECISION:
        return {"decision_date": "Please check the year."}
    return {}


def diagnosis(answers: Answers) -> dict[str, str]:
    """What the patient was told, or that they do not know."""
    if answers.get("diagnosis") or answers.get("diagnosis_unknown"):
        return {}
    return {"diagnosis": "Write what you were told, or tick “I don’t know”."}


def first_opinion(answers: Answers) -> dict[str, str]:
    """A first opinion was given before today; where the patient is, today may be our tomorrow."""
    on: date | None = answers.get("first_opinion_on")
    return {"first_opinion_on": "This day lies ahead. Please check it."} if on and on > today() + timedelta(days=1) else {}


def what_matters(answers: Answers) -> dict[str, str]:
    """One to three things that matter most, own words counting as one; or that the patient does not know yet."""
    chosen = answers.get("values") or []
    own = bool(answers.get("values_own"))
    count = len([value for value in chosen if value != Value.UNSURE]) + own
    if count > MAX_VALUES:
        counted = f"{count}, with your own words" if own else str(count)
        return {"values": f"You chose {counted}. All of them matter. Which {MAX_VALUES} come first? Please take the others off."}
    if not count and not chosen:
        return {"values": "Choose at least one, use your own words, or choose “I don’t know yet”."}
    return {}


def lists(answers: Answers) -> dict[str, str]:
    """Each list holds something, or the patient says that there is nothing or that they do not know."""
    found = {}
    for kind in HealthKind:
        rows, said = answers.get(kind.value), answers.get(f"{kind.value}_state")
        if rows and said in (ListState.NONE, ListState.UNKNOWN):
            answer = ListState(said).label
            found[f"{kind.value}_state"] = f"You chose “{answer}” but wrote something below. Clear the lines or change the answer."
        elif not rows and said == ListState.LISTED:
            found[f"{kind.value}_state"] = "Write at least one line below, or choose another answer."
        elif not rows and not said:
            found[f"{kind.value}_state"] = "Choose one of these answers."
    return found


def sources(answers: Answers) -> dict[str, str]:
    """Somewhere there are records, or some are here already."""
    if answers.get("sources") or answers.get("has_records"):
        return {}
    return {"sources": "Name at least one place that has records, or upload some."}


def local_doctor(answers: Answers) -> dict[str, str]:
    """Where the patient's place asks for a doctor near them, one is named."""
    if not answers.get("doctors") and JurisdictionRule.wants_physician(answers.get("country", ""), answers.get("region", "")):
        return {"doctors": NO_DOCTOR}
    return {}


RULES = {
    "who": (emergency, residence, person, contact, decision),
    "question": (diagnosis, first_opinion, what_matters),
    "health": (lists, sources, local_doctor),
}
