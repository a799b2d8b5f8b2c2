"""What the child of a preview handed over, believed only as far as it can be looked at: kind, number, length, first bytes."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings

from secondop.vault import services as vault
from secondop.vault.services import StoredFile
from secondop.web.text import clean

from . import frames
from .models import Rendition

LIMITS = {
    frames.THUMBNAIL: 256 * 1024,
    frames.PAGE: 16 * settings.MIB,
    frames.TEXT: 4 * frames.MOST_TEXT,
    frames.SAFE: frames.CHUNK,
    frames.END: 0,
}
LONGEST_SIDE = 4000
LARGEST_SAFE_COPY = 512 * settings.MIB
KINDS = {frames.THUMBNAIL: Rendition.Kind.THUMBNAIL, frames.PAGE: Rendition.Kind.PAGE}
HYPHENS = {0xFFFE: None, 0xFFFF: None, 0x00AD: None}  # how pdfium marks a word that goes on in the next line


class NotAsAgreed(Exception):
    """The child sent what no child of ours sends."""


@dataclass(frozen=True)
class Part:
    """A picture that is in the vault."""

    kind: Rendition.Kind
    index: int
    stored: StoredFile
    width: int = 0
    height: int = 0


class Outputs:
    """The frames of one child: ``take(piece)`` as they come, then ``parts``, ``texts`` and whether it is ``done``.

    As a context manager it discards, at its end, all files that are not in ``kept``. ``wanted`` are the pages that were asked for.
    """

    def __init__(self, case_uid: UUID, wanted: set[int]) -> None:
        self.case_uid, self.wanted = case_uid, wanted
        self.parts: list[Part] = []
        self.texts: dict[int, str] = {}
        self.pages = 0
        self.done = False
        self.kept: set[UUID] = set()
        self._held = bytearray()
        self._read = 0
        self._writer: vault.Writer | None = None

    def take(self, piece: bytes) -> bool:
        """More of what the child writes; whether to go on. Raises what the vault raises."""
        self._held += piece
        try:
            while self._frame():
                pass
        except NotAsAgreed:
            self.done = False
            return False
        return True

    def finish(self) -> None:
        """The child came to its end: what it wrote in pieces becomes a file. Raises what the vault raises."""
        if self._writer:
            self.parts.append(Part(Rendition.Kind.SAFE, 0, self._writer.finish()))
            self._writer = None

    def _frame(self) -> bool:
        """Take one whole frame out of what is held, if it is there. Raises ``NotAsAgreed``."""
        if len(self._held) < frames.HEAD.size:
            return False
        what, page, width, height, length = frames.HEAD.unpack_from(self._held)
        if self.done or length > LIMITS.get(what, -1):
            raise NotAsAgreed
        end = frames.HEAD.size + length
        if len(self._held) < end:
            return False
        data = bytes(self._held[frames.HEAD.size : end])
        del self._held[:end]
        if what in KINDS:
            self._picture(KINDS[what], page, (width, height), data)
        elif what == frames.TEXT:
            self._text(page, data)
        elif what == frames.SAFE:
            self._piece(data)
        else:
            self.pages, self.done = min(page, frames.MOST_PAGES), True
        return True

    def _picture(self, kind: Rendition.Kind, page: int, size: tuple[int, int], data: bytes) -> None:
        is_new = (kind, page) not in {(part.kind, part.index) for part in self.parts}
        is_asked_for = page in self.wanted if kind == Rendition.Kind.PAGE else page == 0 and 1 in self.wanted
        if not (is_new and is_asked_for and is_webp(data) and all(0 < side <= LONGEST_SIDE for side in size)):
            raise NotAsAgreed
        self.parts.append(Part(kind, page, vault.put(self.case_uid, data), *size))

    def _text(self, page: int, data: bytes) -> None:
        text = clean(data.decode("utf-8", "ignore").translate(HYPHENS), frames.MOST_TEXT).strip()
        self._read += len(text)
        if page in self.texts or not 0 < page <= frames.MOST_PAGES or self._read > frames.MOST_TEXTS:
            raise NotAsAgreed
        if text:
            self.texts[page] = text

    def _piece(self, data: bytes) -> None:
        if self._writer is None:
            if not data.startswith(b"%PDF-"):
                raise NotAsAgreed
            self._writer = vault.writer(self.case_uid)
        if self._writer.file.size + len(data) > LARGEST_SAFE_COPY:
            raise NotAsAgreed
        self._writer.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._writer:
            self._writer.abandon()
        for part in self.parts:
            if part.stored.uid not in self.kept:
                vault.discard(part.stored)


def is_webp(data: bytes) -> bool:
    """Whether ``data`` is one WebP file, by its outermost box: its name and its length."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and int.from_bytes(data[4:8], "little") + 8 == len(data)
