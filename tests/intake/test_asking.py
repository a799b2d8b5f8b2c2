"""How the screens ask: why each question is asked, what one may answer who does not know, and how much is asked in all."""

import pytest

from intake.forms import FORMS, ScreenForm
from intake.screens import SCREENS
from secondop.cases.models import Case
from secondop.cases.models.brief import HealthKind

from .filled import HEALTH, QUESTION, WHO, begin, put, signature, signed_in

pytestmark = pytest.mark.django_db
LISTS = [kind.value for kind in HealthKind]
# Fields that need no line of their own that says why, and what says it.
WHY_NOT = {
    "stamp": "not asked of anybody",
    "relationship": "stands with authority, which says why",
    "diagnosis_unknown": "an answer to the question above it",
    "quiet_to": "the other end of quiet_from",
    "intent": "its label says it",
    **dict.fromkeys(LISTS, "the lines of the question above them"),
}
# Required questions to which nobody can truly say that they do not know, or where it is said in another way.
KNOWN = {
    "country": "people know where they live",
    "region": "people know where they live",
    "for_whom": "whoever asks knows",
    "subject_name": "whoever asks for somebody knows their name",
    "relationship": "whoever asks knows, and it has “Other”",
    "authority": "without one nobody may ask",
    "birth_date": "parents know it",
    "age_band": "in bands of years",
    "language": "people know what they speak",
    "interpreter": "left unticked",
    "channel": "one is chosen from the start",
    "phone": "only for those who want a call",
    "diagnosis": "diagnosis_unknown, which stands below it",
    "diagnosis_unknown": "not knowing itself",
    "questions": "questions that others ask stand below",
    "sources": "its hint says what to write then",
    "typed_name": "one’s own name",
    "intent": "a signature is meant or is none",
    **dict.fromkeys(LISTS, "the question above them"),
}
NOT_KNOWING = ("know", "sure", "Ask me")


def screen_forms() -> list[ScreenForm]:
    """The four forms of a request with a place to fetch from, so that every kind of consent is among them."""
    client = signed_in()
    case = begin(client)
    put(client, case, "health", HEALTH, act="later")
    return [form(case=Case.objects.get(pk=case.pk), user=client.user) for form in FORMS.values()]


def is_consent(form: ScreenForm, name: str) -> bool:
    """Whether the field is a decision, whose words stand above it and say all."""
    return form.screen == "consent" and (name.startswith("read_") or name in {wording.key for wording in form.wordings})


def test_every_question_says_why_it_is_asked():
    silent = [
        name
        for form in screen_forms()
        for name, field in form.fields.items()
        if not field.help_text and name not in WHY_NOT and not is_consent(form, name)
    ]
    assert silent == []


def test_not_knowing_is_an_answer_wherever_it_can_be_true():
    found = []
    for form in screen_forms():
        for name, field in form.fields.items():
            if not field.required or name in KNOWN or is_consent(form, name):
                continue
            choices = getattr(field, "choices", [])
            if not any(word in str(label) for _, label in choices for word in NOT_KNOWING):
                found.append(name)
    assert found == []


def required_on(name: str, data: dict, client, case) -> set[str]:
    """The fields that keep a screen from being complete when they are left out, one after the other."""
    found = set()
    for key in {field.partition("-")[0] for field in data}:
        rest = {field: value for field, value in data.items() if field.partition("-")[0] != key}
        form = FORMS[name](rest | {key: "lines"} if data.get(key) == "lines" else rest, case=case, user=client.user, complete=True)
        if not form.is_valid():
            found |= set(form.errors)
    return found


def least(whose: dict[str, str]) -> set[str]:
    """What somebody has to answer at least: all that cannot be left out, and is not chosen already when the screen is opened."""
    client = signed_in()
    case = begin(client)
    plain = {"channel": "email", "phone": "", "quiet_from": "", "quiet_to": ""}
    uploads = {**HEALTH, "sources-0-how": "upload"}
    counted = {"start.region"}
    for name, data in {
        "who": {**WHO, **plain, **whose},
        "question": {**QUESTION, "values_own": ""},
        "health": uploads,
        "consent": {},
    }.items():
        case = Case.objects.select_related("brief").get(pk=case.pk)
        data = data or signature(client, case)
        opened = FORMS[name](case=case, user=client.user)
        needed = {field for field in required_on(name, data, client, case) if not opened[field].value()}
        counted |= {f"{name}.{field}" for field in needed}
        assert put(client, case, name, data).status_code == 302, name
    return counted


ADULT = {"for_whom": "other", "subject_name": "Kim", "relationship": "child", "authority": "attorney"}
CHILD = {**ADULT, "relationship": "parent", "authority": "parental", "age_band": "2-11", "birth_date": "2020-03-04"}


@pytest.mark.parametrize("whose", [{}, ADULT, CHILD], ids=["for me", "for a parent", "for a child"])
def test_a_request_takes_four_screens_and_at_most_25_answers(whose):
    found = least(whose)
    assert len(SCREENS) == len(FORMS) <= 4
    assert {"who.emergency", "question.questions", "health.allergy_state", "consent.typed_name"} <= found
    assert len(found) <= 25, sorted(found)


def test_up_to_three_things_matter_most_and_a_fourth_is_answered_kindly():
    client = signed_in()
    case = begin(client)
    three = ["quality", "work", "family"]
    say = lambda **data: put(client, case, "question", {**QUESTION, "values": [], "values_own": "", **data})  # noqa: E731
    assert say(values=three).status_code == 302
    four = say(values=[*three, "cost"])
    assert four.context["form"].errors["values"] == ["You chose 4. All of them matter. Which 3 come first? Please take the others off."]
    assert set(Case.objects.get(pk=case.pk).brief.values) == {*three, "cost"}, "what was chosen stays until something is taken off"
    assert "You chose 4, with your own words." in say(values=three, values_own="My garden").content.decode()
    assert say(values=["unsure"]).status_code == 302
    brief = Case.objects.get(pk=case.pk).brief
    assert brief.what_matters == ["I don’t know yet"]
    brief.values = ["unsure", "work"]
    assert brief.what_matters == ["Keeping up work or school"]
    assert "values" in say().context["form"].errors
