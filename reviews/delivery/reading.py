"""How an opinion is laid out for its reader. Pure functions."""

from typing import Any

from opinions.models import GridRow, Opinion
from opinions.services.canonical import texts

from .services import WORDS_A_MINUTE


def minutes(opinion: Opinion) -> int:
    """How long it takes to read, at a slow pace, at least a minute."""
    words = sum(len(text.split()) for text in texts(opinion))
    return max(1, round(words / WORDS_A_MINUTE))


def compared(opinion: Opinion) -> dict[str, list[GridRow]]:
    """The grid in the order in which a patient reads it: what agrees first, what differs, what cannot be told."""
    rows = list(opinion.grid.all())
    return {
        "agrees": [row for row in rows if row.verdict and not row.is_change and row.verdict != "cannot_assess"],
        "changes": [row for row in rows if row.is_change],
        "unknown": [row for row in rows if row.verdict == "cannot_assess"],
    }


def version_of(versions: list[Opinion], wanted: str | None) -> Opinion | None:
    """The version that the address names, or the newest one."""
    if wanted is None:
        return versions[0] if versions else None
    return next((opinion for opinion in versions if str(opinion.version) == wanted), None)


def context_of(opinion: Opinion) -> dict[str, Any]:
    """What both the cover and the text show of an opinion."""
    return {"opinion": opinion, "minutes": minutes(opinion), "compared": compared(opinion)}
