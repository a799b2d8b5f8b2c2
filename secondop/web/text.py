"""Cleaning text that people and programs send us."""

import re
import secrets
import unicodedata

# Controls but tab and newline, lone surrogates, and the marks that turn the direction of writing.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
# A figure and its unit, a title and its name: what must not stand on two lines.
_BOUND = re.compile(r"(?<=\d) (?=(?:%|mm|cm|m|ml|l|mg|mcg|g|kg|Gy|hours?|days?|weeks?|months?|years?)\b)|(?<=\bDr\.) (?=\w)")
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
# Crockford's base 32 without vowels: no look-alikes when read over the telephone, and no accidental words.
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"


def clean(text: str, limit: int | None = None) -> str:
    """``text`` without control characters and lone surrogates, composed (NFC), with plain newlines, cut to ``limit``."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", text)[:limit]


def one_line(text: str, limit: int | None = None) -> str:
    """``text`` cleaned and on one line, with single spaces: fit for a header, a log line or a greeting."""
    return " ".join(clean(text).split())[:limit]


def bound(text: str) -> str:
    """``text`` with a space that does not break between a figure and its unit and after "Dr."."""
    return _BOUND.sub("\u00a0", text)


def has_bad_characters(text: str) -> bool:
    """Whether ``text`` holds a NUL or a lone surrogate, neither of which PostgreSQL can store."""
    return _NOT_STORABLE.search(text) is not None


def random_code(groups: int) -> str:
    """Random letters and digits in ``groups`` of four, such as ``7F3K-29QD``: fit for people to read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(groups))
