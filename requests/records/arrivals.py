"""Files on their way in: judged by their first bytes, sealed into the vault as they come, forgotten unless they are kept."""

from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from django.conf import settings

from secondop.vault import services as vault
from secondop.vault.services import StoredFile

from . import reasons
from .kinds import HEAD, Kind, NotTaken, judge
from .names import clean_name, ending_of


class Arrived(NamedTuple):
    """A file that is in the vault."""

    name: str
    kind: Kind
    stored: StoredFile
    folder: str = ""


class TurnedBack(NamedTuple):
    """A file that was not taken, and why, in words for its sender; ``is_known`` where the case has its content."""

    name: str
    reason: str
    size: int = 0
    is_known: bool = False
    folder: str = ""


class Skip(Exception):
    """The rest of the current file need not be read: it is not taken."""


class Arrivals:
    """The files of one upload: ``begin(name)``, ``write(bytes)`` and ``end()`` for each.

    As a context manager it discards, at its end, all that is not in ``kept``. ``room`` is how many bytes the case may still take.
    """

    def __init__(self, case_uid: UUID, room: int) -> None:
        self.case_uid, self.room = case_uid, room
        self.arrived: list[Arrived] = []
        self.turned_back: list[TurnedBack] = []
        self.kept: set[UUID] = set()
        self._count = self._size = 0
        self._name, self._folder, self._head = "", "", b""
        self._kind: Kind | None = None
        self._writer: vault.Writer | None = None

    def begin(self, name: str, folder: str = "") -> None:
        """The next file, which lay in ``folder``. Raises ``Skip`` when it is one too many."""
        self._count += 1
        self._name, self._folder, self._head, self._size, self._kind = clean_name(name), folder, b"", 0, None
        if self._count > settings.UPLOAD_FILES_PER_REQUEST:
            self._turn_back(reasons.over_count())

    def write(self, data: bytes) -> None:
        """More bytes of the current file. Raises ``Skip`` when it is too large or not of a kind we take, and what the vault raises."""
        self._size += len(data)
        if self._size > settings.UPLOAD_FILE_BYTES:
            self._turn_back(reasons.over_file())
        if self._size > self.room:
            self._turn_back(reasons.over_case())
        if self._kind is None:
            self._head += data
            if len(self._head) < HEAD:
                return
            data = self._open()
        if self._writer:
            self._writer.write(data)

    def end(self) -> None:
        """The current file is complete. Raises ``Skip`` when it is empty or not of a kind we take, and what the vault raises."""
        if not self._size:
            self._turn_back(reasons.EMPTY)
        if self._kind is None:
            held = self._open()
            if self._writer:
                self._writer.write(held)
        if self._writer and self._kind:
            self.arrived.append(Arrived(self._name, self._kind, self._writer.finish(), self._folder))
            self.room -= self._size
            self._writer = None

    def interrupt(self) -> None:
        """The current file will not be completed."""
        if self._writer:
            self._writer.abandon()
            self._writer = None

    def _open(self) -> bytes:
        try:
            self._kind = judge(self._head[:HEAD], ending_of(self._name))
        except NotTaken as error:
            self._turn_back(str(error))
        self._writer = vault.writer(self.case_uid)
        held, self._head = self._head, b""
        return held

    def refuse(self, reason: str) -> None:
        """The current file is not taken, for this reason."""
        self.interrupt()
        self.turned_back.append(TurnedBack(self._name, reason, self._size, folder=self._folder))

    def _turn_back(self, reason: str) -> None:
        self.refuse(reason)
        raise Skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.interrupt()
        for file in self.arrived:
            if file.stored.uid not in self.kept:
                vault.discard(file.stored)
