"""How the child that makes previews hands them over: one frame after the other on its standard output. Nothing here imports Django.

A frame is a head (what it is, the page's number, the picture's width and height, the number of bytes) and so many bytes.
"""

import struct
from typing import BinaryIO

HEAD = struct.Struct("!cIIII")
THUMBNAIL, PAGE, TEXT, SAFE, END = b"T", b"P", b"X", b"S", b"E"
CHUNK = 1024 * 1024
MOST_PAGES = 2000  # that can be looked at and searched of one document
MOST_TEXT = 20_000  # characters of one page
MOST_TEXTS = 4_000_000  # characters of one document


class Output:
    """The child's side: writes frames."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def put(self, what: bytes, data: bytes, page: int = 0, size: tuple[int, int] = (0, 0)) -> None:
        """One frame."""
        self.stream.write(HEAD.pack(what, page, *size, len(data)) + data)
        self.stream.flush()

    def end(self, pages: int) -> None:
        """The last frame: all is done, and this many pages can be looked at."""
        self.put(END, b"", pages)
