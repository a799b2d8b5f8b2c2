"""How the child that unpacks an archive tells its parent what it finds. Nothing here imports Django."""

import struct
from enum import StrEnum

HEADER = struct.Struct("!cI")  # what, and the length of what follows
LONGEST = 65536


class Frame(StrEnum):
    """What a frame says. The value is its first byte."""

    COUNT = "c"  # how many files there are, once, in digits
    BEGIN = "b"  # the next file, by its path
    DATA = "d"  # more of its bytes
    END = "e"  # it is over; a problem's code where it could not be read to its end
    PROBLEM = "p"  # nothing can be unpacked, for the problem of this code


class Broken(Exception):
    """The child wrote what no child of ours writes."""


def packed(what: Frame, data: bytes) -> bytes:
    """A frame as it is sent."""
    return HEADER.pack(what.value.encode(), len(data)) + data


class Reader:
    """Takes the child's output in any pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> list[tuple[Frame, bytes]]:
        """The frames that are complete with this ``piece``. Raises ``Broken``."""
        self._held += piece
        found = []
        at = 0
        while len(self._held) >= at + HEADER.size:
            what, length = HEADER.unpack_from(self._held, at)
            if length > LONGEST or what not in b"cbdep":
                raise Broken
            end = at + HEADER.size + length
            if len(self._held) < end:
                break
            found.append((Frame(what.decode()), bytes(self._held[at + HEADER.size : end])))
            at = end
        del self._held[:at]
        return found
