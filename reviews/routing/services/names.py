"""Comparing names of people and hospitals that patients typed with those of specialists. Pure functions."""

import re

from secondop.catalog.places import plain

# Words that say what somebody or something is, not which one.
TITLES = {
    "dr",
    "prof",
    "professor",
    "doctor",
    "md",
    "phd",
    "do",
    "mr",
    "mrs",
    "ms",
    "miss",
    "sir",
    "the",
    "of",
    "and",
    "at",
    "von",
    "van",
    "de",
}
KINDS = {"hospital", "hospitals", "clinic", "clinics", "center", "centre", "medical", "health", "university", "institute", "general"}


def telling(name: str) -> list[str]:
    """The telling words of a name in their order, without titles, case, accents and punctuation."""
    return [word for word in re.findall(r"\w+", plain(name)) if word not in TITLES and len(word) > 1]


def words(name: str) -> set[str]:
    """The telling words of a name."""
    return set(telling(name))


def same_person(typed: str, name: str) -> bool:
    """Whether what a patient typed may mean the person ``name``: every telling word of it is part of that name, or the reverse.

    "Dr. Vos" may mean Anna Vos, and so may "Anna M. Vos, Cardiology". Rather one match too many: the desk shows why.
    """
    a, b = words(typed), words(name)
    return bool(a) and bool(b) and (a <= b or b <= a)


def same_place(typed: str, institution: str) -> bool:
    """Whether what a patient typed may mean the hospital ``institution``; "General Hospital" alone means none in particular."""
    a, b = words(typed), words(institution)
    return bool(a - KINDS) and bool(b - KINDS) and (a <= b or b <= a)


def names_place(text: str, institution: str) -> bool:
    """Whether a longer text, such as "Dr Lee at Mercy Hospital", names the hospital ``institution``."""
    return bool(words(institution) - KINDS) and words(institution) <= words(text)


def family_name(name: str) -> str:
    """The last telling word of a person's name, for comparing."""
    return next(reversed(telling(name)), "")


def same_family(name: str, *others: str) -> bool:
    """Whether ``name`` ends in the same family name as one of ``others``."""
    return family_name(name) in {family_name(other) for other in others} - {""}


def words_name(text: str, name: str) -> bool:
    """Whether a part of a longer text, such as "Dr Lee at Mercy Hospital, 2024", names the person ``name``."""
    return any(same_person(part, name) for part in re.split(r"[,;(]| at | of ", text))
