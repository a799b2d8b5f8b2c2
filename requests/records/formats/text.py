"""Plain text: UTF-8, UTF-16 with its mark, or Latin-1 as Windows writes it; without control characters, and never a web page."""

import codecs
import re
from typing import BinaryIO

from .problems import Problem, Unreadable

STEP = 1024 * 1024
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LATIN = "cp1252"
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# What a browser would run or draw, wherever it stands; what makes a page of the text, where it stands first.
PAGE = re.compile(r"<(?:!doctype\s+html|html|script|iframe)\b|\A\ufeff?\s*<(?:!--|head\b|body\b)", re.IGNORECASE)
DRAWING = re.compile(r"<(?:[\w-]{1,20}:)?svg\b", re.IGNORECASE)
LONGEST = 64  # characters that may lie on both sides of a step


def encodings(head: bytes) -> tuple[str, ...]:
    """The encodings that a text beginning with ``head`` may have, the likeliest first."""
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    return (marked,) if marked else ("utf-8", LATIN)


def decoded(head: bytes) -> str | None:
    """``head``, which may be cut anywhere, as text; ``None`` where it is none."""
    for encoding in encodings(head):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return None if CONTROL.search(text) else text
    return None


def facts(file: BinaryIO) -> dict[str, object]:
    """How many characters and lines there are, and in which encoding. Raises ``Unreadable``."""
    head = file.read(len(codecs.BOM_UTF8))
    for encoding in encodings(head):
        file.seek(0)
        try:
            characters, lines = counted(file, encoding)
        except UnicodeDecodeError:
            continue
        return {"characters": characters, "lines": lines, "encoding": encoding}
    raise Unreadable(Problem.NOT_TEXT)


def counted(file: BinaryIO, encoding: str) -> tuple[int, int]:
    """Characters and lines of a text. Raises ``Unreadable`` or ``UnicodeDecodeError``."""
    decoder = codecs.getincrementaldecoder(encoding)()
    characters, breaks, before, last = 0, 0, "", "\n"
    while True:
        data = file.read(STEP)
        text = decoder.decode(data, final=not data)
        if CONTROL.search(text):
            raise Unreadable(Problem.NOT_TEXT)
        seen = before + text
        if PAGE.search(seen) if not characters else PAGE.search("-" + seen):
            raise Unreadable(Problem.WEB_PAGE)
        if DRAWING.search(seen):
            raise Unreadable(Problem.WEB_PAGE)
        characters += len(text)
        breaks += text.count("\n")
        before, last = seen[-LONGEST:], text[-1:] or last
        if not data:
            return characters, breaks + (last != "\n")
