"""The patient's answers in words, in the order of the intake's screens: for the check page, the desk, and the reading room."""

from collections.abc import Iterable
from datetime import date, time
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

from secondop.web.text import one_line

from .models.brief import ForWhom, HealthKind, ListState

if TYPE_CHECKING:
    from .models import Brief, Case

TITLE_LENGTH = 90


class Answer(NamedTuple):
    """One answer; ``field`` is its name on the intake's screen, an empty ``value`` was not given."""

    field: str
    label: str
    value: str


class Section(NamedTuple):
    """Answers that belong together; ``screen`` names the intake's screen that asks for them."""

    name: str
    screen: str
    title: str
    answers: list[Answer]


def answers(case: "Case", without: Iterable[str] = ()) -> list[Section]:
    """All that the patient answered; ``without`` leaves out sections by their name."""
    brief = case.brief
    sections = [
        Section("who", "who", "Who and how fast", who(case, brief)),
        Section("contact", "who", "Getting in touch", contact(brief)),
        Section("question", "question", "The question", question(case, brief)),
        Section("first_opinion", "question", "The first opinion", first_opinion(brief)),
        Section("health", "health", "Health", health(case, brief)),
        Section("records", "health", "Doctors and records", records(case)),
        Section("consents", "consent", "Consents", consents(case)),
    ]
    return [section for section in sections if section.name not in without and section.answers]


def title(case: "Case") -> str:
    """What the case is about in the patient's own words, short enough for a heading: the diagnosis, else the first question.

    For somebody else's case it begins with their name. Empty while nothing is written.
    """
    brief, asked = case.brief, case.questions.all()
    words = one_line(brief.diagnosis or (asked[0].text if asked else ""))
    if len(words) > TITLE_LENGTH:
        words = shorten(words, TITLE_LENGTH, placeholder="…")
    return ": ".join(filter(None, [brief.subject, words.removesuffix(".")]))


def day(value: date | None) -> str:
    """A date with its weekday."""
    return f"{value:%A} {value.day} {value:%B %Y}" if value else ""


def lines(values: Iterable[object]) -> str:
    """One value a line."""
    return "\n".join(map(str, values))


def who(case: "Case", brief: "Brief") -> list[Answer]:
    """Whose case it is, where they live, and how soon they need to decide."""
    other = brief.for_whom == ForWhom.OTHER
    proxy = [
        Answer("subject_name", "Name of the patient", brief.subject),
        Answer("relationship", "Who asks for them", brief.get_relationship_display()),
        Answer("authority", "By what right", brief.get_authority_display()),
        Answer("birth_date", "Date of birth", day(brief.birth_date)),
    ]
    emergency = {None: "", True: "No signs of one", False: "Signs of one"}[brief.no_emergency]
    return [
        Answer("emergency", "Emergency", emergency),
        Answer("for_whom", "This is", brief.get_for_whom_display()),
        *(proxy[: None if brief.birth_date else -1] if other else []),
        Answer("age_band", "Age", brief.get_age_band_display()),
        Answer("country", "Lives in", brief.place),
        Answer("decision_date", "Has to decide by", day(case.decision_date) or "No set date"),
        Answer("consequence", "What happens then", brief.consequence),
    ]


def clock(value: time) -> str:
    """A time of day as people in the United States write it."""
    return f"{value:%I:%M %p}".lstrip("0")


def contact(brief: "Brief") -> list[Answer]:
    """Language, needs, and when and how to get in touch."""
    by_phone = f"{brief.get_channel_display()}: {brief.phone}" if brief.phone else brief.get_channel_display()
    quiet = f"{clock(brief.quiet_from)} to {clock(brief.quiet_to)}" if brief.quiet_from and brief.quiet_to else "None"
    return [
        Answer("language", "Language", brief.language),
        Answer("interpreter", "Interpreter", "Needed" if brief.interpreter else "Not needed"),
        Answer("accessibility", "What helps with reading or talking", brief.accessibility or "Nothing special"),
        Answer("channel", "Best way to get in touch", by_phone),
        Answer("quiet_from", "Quiet hours", quiet),
    ]


def question(case: "Case", brief: "Brief") -> list[Answer]:
    """What the patient wants to know, the diagnosis they were told, and what matters to them."""
    diagnosis = brief.diagnosis or ("I don’t know" if brief.diagnosis_unknown else "")
    return [
        Answer("reason", "Why a second opinion", brief.get_reason_display()),
        Answer("specialty", "Field of medicine", str(case.specialty) if case.specialty else "Not sure"),
        Answer("diagnosis", "Diagnosis, as told to the patient", diagnosis),
        Answer("questions", "Questions", lines(f"{n}. {q}" for n, q in enumerate(case.questions.all(), 1))),
        Answer("values", "What matters most", lines(brief.what_matters)),
        Answer("detail", "How much to read", brief.get_detail_display()),
        Answer("prognosis", "The likely course of the illness", brief.get_prognosis_display()),
    ]


def first_opinion(brief: "Brief") -> list[Answer]:
    """What the first doctor proposed, who that was and when: hidden from a specialist until the own first read is locked.

    The diagnosis is not: without it nobody can tell whether a case is theirs, so that it stands on the offer already.
    """
    by = ", ".join(filter(None, [brief.first_opinion_by, day(brief.first_opinion_on)]))
    return [
        Answer("first_opinion", "What was proposed", brief.first_opinion or "Nothing yet"),
        Answer("first_opinion_by", "By whom, and when", by or "Not given"),
    ]


def health(case: "Case", brief: "Brief") -> list[Answer]:
    """The lists of the third screen, each with its rows or with what was said instead."""
    rows: dict[str, list[str]] = {}
    for item in case.health.all():
        rows.setdefault(item.kind, []).append(f"{item.text} ({item.when})" if item.when else item.text)
    said = {ListState.NONE: "None", ListState.UNKNOWN: "I don’t know"}
    return [
        Answer(kind.value, kind.label, lines(rows[kind]) if kind in rows else said.get(brief.lists.get(kind.value, ""), ""))
        for kind in HealthKind
    ]


def records(case: "Case") -> list[Answer]:
    """Treating doctors, where the records are, and who is to be left out."""
    doctors = [
        ", ".join(filter(None, [d.name, d.institution, d.contact])) + (" · may be contacted" if d.may_contact else " · do not contact")
        for d in case.treating_doctors.all()
    ]
    sources = [", ".join(filter(None, [s.name, s.place, s.what])) + f" · {s.get_how_display()}" for s in case.sources.all()]
    return [
        Answer("doctors", "Treating doctors", lines(doctors) or "None named"),
        Answer("sources", "Where the records are", lines(sources)),
        Answer("not_involved", "Not to be involved", lines(case.not_involved.all()) or "Nobody named"),
    ]


def consents(case: "Case") -> list[Answer]:
    """What was signed, once it was."""
    return [
        Answer(
            "consents",
            f"{consent.text.title}: {consent.source}" if consent.source else consent.text.title,
            "Taken back" if consent.revoked_at else "Agreed" if consent.given else "Not agreed",
        )
        for consent in case.consents.select_related("text", "source")
    ]
