"""The four screens: their order, their words, and what each cannot do without."""

from typing import NamedTuple


class Screen(NamedTuple):
    """One screen; ``required`` maps its always required fields to what a person is told when one is missing."""

    name: str
    title: str
    lead: str
    minutes: int
    required: dict[str, str]


WHO = Screen(
    "who",
    "Who and how fast",
    "Who the request is for, where they live, and by when you need to decide.",
    1,
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
    {},
)
CONSENT = Screen(
    "consent",
    "Consent and send",
    "What you agree to. You say yes or no to each point, and you can change your mind later.",
    2,
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
