"""Where the answers of a screen are kept: between the plain names of the forms and the rows of the case."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Model

from secondop.cases.models import Brief, Case, HealthItem, NotInvolved, Question, Source, TreatingDoctor
from secondop.cases.models.brief import HealthKind, ListState
from secondop.catalog.places import official_region

Row = dict[str, Any]
BRIEF_FIELDS = {
    "who": (
        *("for_whom", "subject_name", "relationship", "authority", "birth_date", "age_band", "country", "region"),
        *("consequence", "language", "interpreter", "accessibility", "channel", "phone", "quiet_from", "quiet_to"),
    ),
    "question": (
        *("reason", "diagnosis", "diagnosis_unknown", "first_opinion", "first_opinion_by", "first_opinion_on"),
        *("values", "values_own", "detail", "prognosis"),
    ),
    "health": (),
    "consent": ("decisions", "signed_name"),
}
CASE_FIELDS = {"who": ("decision_date",), "question": ("specialty",)}
EMERGENCY = {"yes": False, "no": True}


class RowKind(NamedTuple):
    """One list of rows: the model, the columns a person fills in, and the columns that are the same for all its rows."""

    model: type[Model]
    columns: tuple[str, ...]
    order: str = "pk"
    fixed: Row = {}


ROWS = {
    "questions": RowKind(Question, ("text",), "position"),
    "doctors": RowKind(TreatingDoctor, ("name", "institution", "contact", "may_contact")),
    "sources": RowKind(Source, ("name", "place", "what", "how")),
    "not_involved": RowKind(NotInvolved, ("name",)),
    **{kind.value: RowKind(HealthItem, ("when", "text"), "position", {"kind": kind.value}) for kind in HealthKind},
}
ROWS_OF = {"question": ("questions",), "health": (*(kind.value for kind in HealthKind), "doctors", "sources", "not_involved")}


def load(case: Case, name: str, *, everything: bool = True) -> dict[str, Any]:
    """The stored answers of the screen ``name``, under the names of its form; not ``everything``: what its rules look at."""
    brief = case.brief
    answers = {field: getattr(brief, field) for field in BRIEF_FIELDS[name]}
    answers.update({field: getattr(case, field) for field in CASE_FIELDS.get(name, ())})
    if name == "who":
        answers["emergency"] = {None: "", True: "no", False: "yes"}[brief.no_emergency]
    if name == "health":
        answers.update(load_health(case))
    if name == "health" and everything:
        answers["not_involved"] = load_rows("not_involved", case.not_involved.all())
    if name == "question":
        answers["questions"] = [{"text": question.text} for question in case.questions.all()]
    return answers


def load_health(case: Case) -> dict[str, Any]:
    """The lists of the third screen with what was said of each, and the places that have records."""
    said = case.brief.lists
    answers: dict[str, Any] = {f"{kind.value}_state": said.get(kind.value, "") for kind in HealthKind}
    answers.update({kind.value: [] for kind in HealthKind})
    for item in case.health.all():
        answers[item.kind].append({"when": item.when, "text": item.text})
    answers["sources"] = load_rows("sources", case.sources.all())
    answers["doctors"] = load_rows("doctors", case.treating_doctors.all())
    answers |= {"country": case.brief.country, "region": case.brief.region}
    answers["has_records"] = case.records.medical().kept().exists()
    return answers


def load_rows(name: str, rows: Iterable[Model]) -> list[Row]:
    """Rows as the forms know them."""
    return [{column: getattr(row, column) for column in ROWS[name].columns} for row in rows]


def save(case: Case, brief: Brief, name: str, answers: Mapping[str, Any]) -> None:
    """Put the given answers onto ``brief`` and ``case`` (saved by the caller) and write the rows of its lists."""
    for row, fields in ((brief, BRIEF_FIELDS[name]), (case, CASE_FIELDS.get(name, ()))):
        for field in fields:
            if field in answers:
                setattr(row, field, answers[field])
    if name == "who":
        save_who(brief, answers)
    for rows in ROWS_OF.get(name, ()):
        if rows in answers:
            save_rows(case, rows, answers[rows])
    if name == "health":
        brief.lists = said_of_lists(case, brief, answers)


def save_who(brief: Brief, answers: Mapping[str, Any]) -> None:
    """The emergency check, and the official name of the state or province."""
    if brief.country:
        brief.region = official_region(brief.country, brief.region)
    if "emergency" in answers:
        brief.no_emergency = EMERGENCY.get(answers["emergency"])


def said_of_lists(case: Case, brief: Brief, answers: Mapping[str, Any]) -> dict[str, str]:
    """What the patient says of each list; writing a line says "I list them" by itself."""
    said = {kind.value: answers.get(f"{kind.value}_state", brief.lists.get(kind.value, "")) for kind in HealthKind}
    for kind in HealthKind:
        if answers.get(kind.value) and not said[kind.value]:
            said[kind.value] = ListState.LISTED
    return said


def save_rows(case: Case, name: str, rows: Sequence[Row]) -> None:
    """Make the stored rows of the list ``name`` equal to ``rows``, in order, touching only those that differ."""
    kind = ROWS[name]
    manager = kind.model._default_manager
    old = list(manager.filter(case=case, **kind.fixed).order_by(kind.order, "pk"))
    for number, row in enumerate(rows):
        values = {column: row.get(column, "") for column in kind.columns}
        if kind.order == "position":
            values["position"] = number
        if number >= len(old):
            manager.create(case=case, **kind.fixed, **values)
        elif any(getattr(old[number], column) != value for column, value in values.items()):
            manager.filter(pk=old[number].pk).update(**values)
    surplus = [row.pk for row in old[len(rows) :]]
    if surplus:
        manager.filter(pk__in=surplus).delete()
