"""The four screens: their order, their words, and what each cannot do without."""

from typing import NamedTuple

from secondop.cases.models.brief import HealthKind

LISTS = tuple(f"{kind.value}{end}" for kind in HealthKind if kind != HealthKind.EVENT for end in ("_state", ""))


class Section(NamedTuple):
    """Fields of a screen that belong together, are opened together, and save by themselves."""

    name: str
    title: str
    fields: tuple[str, ...]


class Screen(NamedTuple):
    """One screen.

    ``sections`` hold all its fields, but for consents, which are made from the texts; ``required`` maps its always required fields to
    what a person is told when one is missing.
    """

    name: str
    title: str
    lead: str
    minutes: int
    sections: tuple[Section, ...]
    required: dict[str, str]


WHO = Screen(
    "who",
    "Who and how fast",
    "Who the request is for, where they live, and by when you need to decide.",
    1,
    (
        Section("emergency", "First: is this an emergency?", ("emergency",)),
        Section("place", "Where", ("country", "region")),
        Section("person", "Who", ("for_whom", "subject_name", "relationship", "authority", "birth_date", "age_band")),
        Section("when", "How fast", ("decision_date", "consequence")),
        Section("contact", "How we reach you", ("language", "interpreter", "channel", "phone", "quiet_from", "quiet_to", "accessibility")),
    ),
    {
        "emergency": "Answer this question first.",
        "country": "Choose the country.",
        "for_whom": "Say who the second opinion is for.",
        "age_band": "Choose an age.",
    },
)
QUESTION = Screen(
    "question",
    "My question",
    "What you were told, what you want to know, and what matters to you.",
    3,
    (
        Section("reason", "Why now", ("reason", "specialty")),
        Section("told", "What you were told", ("diagnosis", "diagnosis_unknown", "first_opinion", "first_opinion_by", "first_opinion_on")),
        Section("questions", "What you want to know", ("questions",)),
        Section("matters", "What matters to you", ("values", "values_own")),
        Section("reading", "How you want to read it", ("detail", "prognosis")),
    ),
    {
        "reason": "Choose the reason that fits best.",
        "questions": "Write at least one question.",
        "detail": "Choose how much you want to read.",
    },
)
HEALTH = Screen(
    "health",
    "My health and records",
    "What the specialist needs to know about your health, and where your records are.",
    3,
    (
        Section("events", "What happened so far", ("event_state", "event")),
        Section("health", "Your health", LISTS),
        Section("doctors", "Your doctors", ("doctors", "not_involved")),
        Section("records", "Your records", ("sources",)),
    ),
    {},
)
CONSENT = Screen(
    "consent",
    "Consent and send",
    "What you agree to. You say yes or no to each point, and you can change your mind later.",
    2,
    (Section("signature", "Your signature", ("typed_name", "intent")),),
    {},
)

SCREENS = {screen.name: screen for screen in (WHO, QUESTION, HEALTH, CONSENT)}
MINUTES = sum(screen.minutes for screen in SCREENS.values())
MAX_QUESTIONS = 5
MAX_VALUES = 3


def after(name: str) -> str:
    """The name of the screen that follows ``name``; empty after the last."""
    names = list(SCREENS)
    return "".join(names[names.index(name) + 1 :][:1])
