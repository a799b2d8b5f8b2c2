"""The process that parses one upload: ``python -m records.child KIND SOCKET SIZE CPU-SECONDS BYTES``.

It limits itself before it imports a parser, reads the file's bytes from its parent by the socket (so that no plain byte
touches a disk, and no file needs to fit into memory), and writes one line of JSON: ``{"facts": …}`` or ``{"problem": code}``.
Anything else, an exception included, is a refusal, which the parent takes from the exit status. Nothing here imports Django.
"""

import ctypes
import importlib
import io
import json
import resource
import signal
import socket
import struct
import sys
from typing import Any

from records.formats.problems import Unreadable

READERS = {
    "pdf": ("records.formats.pdf", "facts"),
    "jpeg": ("records.formats.image", "jpeg"),
    "png": ("records.formats.image", "png"),
    "tiff": ("records.formats.image", "tiff"),
    "heic": ("records.formats.heic", "facts"),
    "text": ("records.formats.text", "facts"),
    "dicom": ("records.formats.dicom", "facts"),
}
REQUEST = struct.Struct("!QI")  # offset, length
STEP = 65536
OUT_OF_LIMITS = 3
OPEN_FILES = 24
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


class Remote(io.RawIOBase):
    """The upload, read by offset from the parent."""

    name = ""  # pydicom asks a buffered file for it

    def __init__(self, link: socket.socket, size: int) -> None:
        self.link, self.size, self.offset = link, size, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset; beyond the end nothing is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.offset, io.SEEK_END: self.size}[whence]
        self.offset = max(0, base + offset)
        return self.offset

    def readinto(self, buffer) -> int:
        """Ask the parent for at most as much as the buffer holds."""
        length = max(0, min(len(buffer), STEP, self.size - self.offset))
        if length:
            self.link.send(REQUEST.pack(self.offset, length))
            length = self.link.recv_into(buffer, length)
            self.offset += length
        return length


def refuse_network(event: str, _args: tuple[Any, ...]) -> None:
    """An audit hook. Raises ``PermissionError`` when a socket is made or a name looked up."""
    if event.startswith("socket."):
        raise PermissionError("this process has no network")


def confine(cpu: int, memory: int) -> None:
    """Take away what a parser does not need: memory, time, files, the network, and life beyond the parent's."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)  # refused where the system has no such namespaces; the hook is set everywhere
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    sys.addaudithook(refuse_network)


def main(kind: str, link: str, size: str, cpu: str, memory: str) -> int:
    """Parse and answer; returns the exit status."""
    parent = socket.socket(fileno=int(link))
    confine(int(cpu), int(memory))
    module, name = READERS[kind]
    try:
        read = getattr(importlib.import_module(module), name)
        file = io.BufferedReader(Remote(parent, int(size)), STEP)
        try:
            answer = {"facts": read(file)}
        except Unreadable as unreadable:
            answer = {"problem": unreadable.problem}
    except MemoryError:
        return OUT_OF_LIMITS
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
