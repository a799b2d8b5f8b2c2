"""A zip that is written from front to back into a sealed file: nothing of it is ever plain on a disk, and little of it in memory."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from secondop.vault.services import Damaged, Writer

LONGEST_NAME = 180  # bytes; file systems take 255 a name, and what unpacks may add to it
EARLIEST = 1980  # zip knows no date before
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)


class Sink:
    """What ``ZipFile`` writes to. It has no way back, so that the zip is written in one go."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def write(self, data: bytes) -> int:
        """Seal some bytes; how many there were."""
        self.writer.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


class Archive(ZipFile):
    """The zip. Names are made safe for every system and unique in their folder, whatever the files were called."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(Sink(writer), "w")  # type: ignore[call-overload]  # the stubs ask for more than zipfile does
        self.taken: set[str] = set()

    def place(self, folder: str, name: str) -> str:
        """A path in ``folder`` that is still free, close to ``name``."""
        stem, dot, ending = (name := safe(name)).rpartition(".")
        free, number = name, 2
        while key(path := f"{folder}/{free}") in self.taken:
            free, number = (f"{stem} ({number}).{ending}" if dot and stem else f"{name} ({number})"), number + 1
        self.taken.add(key(path))
        return path

    def add(self, path: str, size: int, at: datetime, pieces: Iterable[bytes]) -> bool:
        """Add a file of ``size`` bytes as it is; whether all of it could be read. What cannot is the end of the file."""
        info = ZipInfo(path, moment(at))
        info.compress_type, info.file_size, info.external_attr = ZIP_STORED, size, 0o600 << 16
        with self.open(info, "w") as file:
            try:
                for piece in pieces:
                    file.write(piece)
            except Damaged:
                return False
        return True

    def add_text(self, path: str, text: str, at: datetime) -> None:
        """Add a text, in UTF-8 and compressed."""
        info = ZipInfo(path, moment(at))
        info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
        self.writestr(info, text.encode())


def safe(name: str) -> str:
    """``name`` in any script, without what one of the usual systems does not take in a file's name, cut to what all of them take."""
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "file"
    stem, dot, ending = name.rpartition(".")
    tail = f".{ending}" if dot and len(ending) <= 10 else ""
    stem = name[: len(name) - len(tail)] if tail else name
    room = LONGEST_NAME - len(tail.encode())
    name = stem.encode()[:room].decode(errors="ignore").rstrip(" .") + tail
    return f"_{name}" if _RESERVED.match(name) else name


def key(path: str) -> str:
    """What two paths have in common that some system takes for the same."""
    return unicodedata.normalize("NFKD", path).casefold()


def moment(at: datetime) -> tuple[int, int, int, int, int, int]:
    """A time as a zip keeps it, in UTC."""
    at = at.astimezone(UTC)
    return (max(EARLIEST, at.year), at.month, at.day, at.hour, at.minute, at.second)
