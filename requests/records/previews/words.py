"""Words as the search compares them: without case and accents, so that "oedeme" finds "Œdème" in any language of the database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

CONFIG = "english"  # brings "fractures" to "fracture"; words of other languages are compared as they are
LIGATURES = str.maketrans({"Œ": "OE", "œ": "oe", "Æ": "AE", "æ": "ae", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})
WORD = re.compile(r"\w+")
AROUND = 110  # characters before and after a hit


def fold(text: str) -> str:
    """``text`` in small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.translate(LIGATURES))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).lower()


def vector(text: str) -> SearchVector:
    """What the database keeps of ``text`` to search it."""
    return SearchVector(Value(fold(text)), config=CONFIG)


def excerpt(text: str, lexemes: Iterable[str]) -> list[tuple[str, bool]]:
    """The part of ``text`` around the first word that is one of ``lexemes``, in pieces, each with whether it is a hit."""
    wanted = tuple(lexemes)
    first = next((place.start() for place in WORD.finditer(text) if is_hit(place.group(), wanted)), 0)
    start = text.rfind(" ", 0, max(0, first - AROUND)) + 1 if first > AROUND else 0
    end = text.find(" ", first + AROUND)
    part = " ".join(text[start : end if end > 0 else len(text)].split())[: 4 * AROUND]
    return [*([("… ", False)] if start else []), *pieces(part, wanted), *([(" …", False)] if end > 0 else [])]


def pieces(part: str, lexemes: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """``part`` cut at its hits."""
    last = 0
    for place in WORD.finditer(part):
        if is_hit(place.group(), lexemes):
            if place.start() > last:
                yield part[last : place.start()], False
            yield place.group(), True
            last = place.end()
    if last < len(part):
        yield part[last:], False


def is_hit(word: str, lexemes: tuple[str, ...]) -> bool:
    """Whether ``word`` comes down to one of ``lexemes``; the last letter of a stem may differ ("happi" stands for "happy")."""
    folded = fold(word)
    return any(
        folded == lexeme or (len(lexeme) > 3 and folded.startswith(lexeme[:-1]) and len(folded) < len(lexeme) + 5) for lexeme in lexemes
    )
