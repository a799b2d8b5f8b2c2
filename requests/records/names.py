"""File names as people see them: whatever was sent becomes one short line of plain text."""

import re

from secondop.web.text import one_line

MAX_LENGTH = 200
NAMELESS = "file"
# secondop.web.text takes out the marks that turn the direction of writing; these only suggest one, which is as bad in a name.
_HINTS = re.compile("[\u061c\u200b\u200e\u200f\u2028\u2029]")
_DISK = re.compile(r"[A-Za-z]:\Z")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")


def clean_name(sent: str) -> str:
    """The last component of ``sent`` without control, direction and line marks, composed (NFC), at most 200 characters.

    The ending (``.pdf``) survives the cut, and so do emoji. A name of which nothing is left becomes ``file``. Cleaning twice
    changes nothing. The result is for showing only: what is on disk is named at random.
    """
    line = one_line(_HINTS.sub("", sent.replace("\\", "/").rpartition("/")[2]))
    name = line.strip(". ")
    if len(name) > MAX_LENGTH:
        ending = ending_of(name)
        stem = name[: MAX_LENGTH - len(ending)]
        name = stem.rstrip(". \u200d") + ending
    return name or NAMELESS


def clean_folder(path: str, limit: int) -> str:
    """The folders of ``path``, which no part of leads upwards or to another disk, each as a clean name; for showing only."""
    parts = (clean_name(part) for part in path.replace("\\", "/").split("/") if part.strip(". ") and not _DISK.match(part))
    folder = "/".join(parts)
    return folder if len(folder) <= limit else f"{folder[: limit - 1]}…"


def ending_of(name: str) -> str:
    """The ending with its dot, as it was written, or nothing."""
    found = _ENDING.search(name)
    return found.group() if found else ""


def with_ending(name: str, allowed: tuple[str, ...]) -> str:
    """``name`` with an ending that tells what the file is, so that no reader's machine takes it for something else."""
    return name if ending_of(name).lower() in allowed else name + allowed[0]
