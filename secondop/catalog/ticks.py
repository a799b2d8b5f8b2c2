"""When an item of a checklist ticks itself: rules that administrators write one a line, and that machines read."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import ValidationError

HELP = (
    "One rule a line; the first that fits ticks the item. "
    "“modality MR CT”: images of one of these DICOM modalities. "
    "“words pathology report”: a file whose name or heading has all of these words or beginnings of words. "
    "“kind fhir ccda”: a file of one of these kinds. "
    "“entry medicine result”: a health document with such entries. “request”: a file that an office sent which was asked for it. "
    "Empty: only people tick it."
)
ALONE = ("request",)
WITH_WORDS = ("modality", "words", "kind", "entry")


class Tick(NamedTuple):
    """One rule: what it looks at, and for what."""

    on: str
    words: tuple[str, ...]


def plain(text: str) -> str:
    """``text`` in small letters without accents, its words apart by single spaces, fit to be compared."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def read(line: str) -> Tick:
    """A rule from its line. Raises ``ValueError`` for one that means nothing."""
    on, *words = plain(line).split()
    if on in ALONE and not words:
        return Tick(on, ())
    if on in WITH_WORDS and words:
        return Tick(on, tuple(words))
    raise ValueError(line)


def read_all(lines: Iterable[str]) -> list[Tick]:
    """The rules of an item. Raises as ``read``."""
    return [read(line) for line in lines]


def check(line: str) -> None:
    """Raise ``ValidationError`` for a line that is no rule."""
    try:
        read(line)
    except ValueError:
        raise ValidationError(
            "“%(line)s” is no rule. Begin with modality, words, kind, entry, or request.", params={"line": line}
        ) from None
