"""The process that parses uploads: ``python -m records.child KIND SOCKET CPU-SECONDS SECONDS BYTES SIZE,SIZE,…``.

It limits itself, imports the parser once, and then gives every file a process of its own, forked from it, which costs a hundredth
of a new one. That process has further limits, reads the file's bytes from the first parent by the socket (so that no plain byte
touches a disk, and no file needs to fit into memory), and writes one line of JSON: ``{"facts": …}`` or ``{"problem": code}``.
Anything else, an exception included, is a refusal, which the parent takes from the exit status. For every file a line with the two
goes out: ``{"status": …, "output": …}``. Nothing here imports Django.
"""

import ctypes
import importlib
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from records.formats.problems import Unreadable

READERS = {
    "pdf": ("records.formats.pdf", "facts"),
    "jpeg": ("records.formats.image", "jpeg"),
    "png": ("records.formats.image", "png"),
    "tiff": ("records.formats.image", "tiff"),
    "heic": ("records.formats.heic", "facts"),
    "text": ("records.formats.text", "facts"),
    "dicom": ("records.formats.dicom", "facts"),
    "fhir": ("records.formats.clinical.fhir", "facts"),
    "ccda": ("records.formats.clinical.ccda", "facts"),
}
REQUEST = struct.Struct("!IQI")  # number of the file, offset, length
REPLY = struct.Struct("!I")  # number of the file; its bytes follow
STEP = 65536
ANSWER_LIMIT = 1024 * 1024
LONG_ANSWERS = dict.fromkeys(("fhir", "ccda"), 4 * ANSWER_LIMIT)  # a row for each entry of a health document
OUT_OF_LIMITS = 3
OPEN_FILES = 24
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
Reader = Callable[[BinaryIO], dict[str, object]]


class Remote(io.RawIOBase):
    """One upload, read by offset from the parent."""

    name = ""  # pydicom asks a buffered file for it

    def __init__(self, link: socket.socket, number: int, size: int) -> None:
        self.link, self.number, self.size, self.offset = link, number, size, 0

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
            self.link.send(REQUEST.pack(self.number, self.offset, length))
            length = self.receive(memoryview(buffer)[:length])
            self.offset += length
        return length

    def receive(self, into: memoryview) -> int:
        """Take the answer; one to a process that was ended before it could is passed over."""
        head = bytearray(REPLY.size)
        while True:
            length = self.link.recvmsg_into([head, into])[0] - REPLY.size
            if length < 0 or REPLY.unpack(head)[0] == self.number:
                return max(0, length)


def refuse_network(event: str, _args: tuple[Any, ...]) -> None:
    """An audit hook. Raises ``PermissionError`` when a socket is made or a name looked up."""
    if event.startswith("socket."):
        raise PermissionError("this process has no network")


def confine(memory: int) -> None:
    """Take away what a parser does not need: memory, files, the network, and life beyond the parent's."""
    die_with_parent()
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)  # refused where the system has no such namespaces; the hook is set everywhere
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    sys.addaudithook(refuse_network)


def confine_to_one_file(cpu: int, seconds: float) -> None:
    """Take from a forked process the right to more processes, and time beyond that of one file."""
    die_with_parent()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def die_with_parent() -> None:
    """Have the system end this process with the one that started it; a forked process has to ask again."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def parse(read: Reader, file: BinaryIO) -> int:
    """Write the line about one file; returns the exit status."""
    try:
        try:
            answer: dict[str, object] = {"facts": read(file)}
        except Unreadable as unreadable:
            answer = {"problem": unreadable.problem}
    except MemoryError:
        return OUT_OF_LIMITS
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return 0


def answer_limit(kind: str) -> int:
    """How many bytes the answer about one file of a kind may have."""
    return LONG_ANSWERS.get(kind, ANSWER_LIMIT)


def apart(work: Callable[[], int], limit: int) -> tuple[int, str]:
    """Do ``work`` in a forked process: its exit status (negative: the signal that ended it) and what it wrote, up to ``limit`` bytes."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        os.dup2(theirs, sys.stdout.fileno())
        status = 1  # an exception of the parser goes by without a word: a traceback may quote the file
        try:
            status = work()
        finally:
            os._exit(status)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        output = pipe.read(limit)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode(errors="replace")


def main(kind: str, link: str, cpu: str, seconds: str, memory: str, sizes: str) -> int:
    """Parse every file and answer; returns the exit status."""
    parent = socket.socket(fileno=int(link))
    confine(int(memory))
    module, name = READERS[kind]
    read: Reader = getattr(importlib.import_module(module), name)
    for number, size in enumerate(sizes.split(",")):

        def work(number: int = number, size: int = int(size)) -> int:
            confine_to_one_file(int(cpu), float(seconds))
            return parse(read, io.BufferedReader(Remote(parent, number, size), STEP))

        status, output = apart(work, answer_limit(kind))
        sys.stdout.write(json.dumps({"status": status, "output": output}) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
