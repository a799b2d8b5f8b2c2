"""Which addresses may become links, and which codes are codes of the ICD-10. Pure functions."""

import re
from urllib.parse import urlsplit

# WHO ICD-10 and its clinical modifications: a letter (U too, as in U07.1), two digits (or digit and letter), up to four more places.
ICD10 = re.compile(r"[A-Z][0-9][0-9A-B](?:\.[0-9A-Z]{1,4})?")
SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")


def web_address(text: str) -> str:
    """``text`` if it is a plain http(s) address without a password in it, otherwise the empty string."""
    text = text.strip()
    if SPACE_OR_CONTROL.search(text):
        return ""
    try:
        parts = urlsplit(text)
        named = parts.hostname
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and named and "@" not in parts.netloc else ""


def icd10_codes(text: str) -> list[str] | None:
    """The codes in a list with commas, or ``None`` when something in it is not a code."""
    codes = [code.strip().upper() for code in text.split(",") if code.strip()]
    return codes if all(ICD10.fullmatch(code) for code in codes) else None
