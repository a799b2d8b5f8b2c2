"""Lines that fill themselves into a field of the opinion, as many as fit there."""

from ..models import Opinion

MORE = "More was missing or not answered than fits here."


def length_of(name: str) -> int:
    """How long the column ``name`` of an opinion may be."""
    return Opinion._meta.get_field(name).max_length or 0  # type: ignore[union-attr]


def fitting(lines: list[str], name: str, more: str = MORE) -> str:
    """The first of ``lines`` and as many of the others as the column ``name`` holds; where some had no room, the last line is ``more``."""
    text, *others = lines or [""]
    length = length_of(name)
    for number, line in enumerate(others, start=1):
        room = length - len(text) - (0 if number == len(others) else len(more) + 1)
        if len(line) + 1 > room:
            return text if more in text or len(text) + 1 + len(more) > length else f"{text}\n{more}"
        text = f"{text}\n{line}"
    return text
