"""Parsing uploads in processes of their own, which cannot take more memory, time or anything else than they are given."""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from .child import ANSWER_LIMIT, REPLY, REQUEST, STEP, answer_limit
from .facts import tidy
from .formats.problems import Problem

SIDE = Path(__file__).resolve().parent.parent
NESTED = 7  # JSON within JSON, at its longest
SLACK = 5.0  # seconds that a file's process has to end in by itself
START = 20.0  # seconds in which the parser is imported, on a busy machine


class Limits(NamedTuple):
    """What parsing one file may use: seconds of CPU, bytes of address space, seconds by the clock."""

    cpu: int = 20
    memory: int = 1024**3
    wall: float = 60


USUAL = Limits()


class Upload(NamedTuple):
    """A file to parse: its length, and ``read(start, end)`` that gives its bytes."""

    size: int
    read: Callable[[int, int], bytes]


class Verdict(NamedTuple):
    """What came out: the facts of a readable file, or the problem with it."""

    facts: dict[str, object]
    problem: Problem | None = None


def examine(kind: str, size: int, read: Callable[[int, int], bytes], limits: Limits = USUAL) -> Verdict:
    """``examine_all()`` for one file."""
    return next(examine_all(kind, [Upload(size, read)], limits))


def examine_all(kind: str, uploads: Sequence[Upload], limits: Limits = USUAL) -> Iterator[Verdict]:
    """Have a child parse files as ``kind``, each in a process of its own, and give the verdicts in their order, as they come.

    A process that dies, takes too long or answers nonsense is a verdict too, on its file only. What ``read`` raises goes on to
    the caller (the file is not to blame), and so does ``OSError`` when no process can be started. Closing the iterator ends the child.
    """
    left = deque(uploads)
    while left:
        answered = 0
        for verdict in _run(kind, list(left), limits):
            left.popleft()
            answered += 1
            yield verdict
        if left and not answered:  # the child itself is gone: whatever did it came from the file it had before it
            left.popleft()
            yield Verdict({}, Problem.LIMITS)


def _run(kind: str, uploads: list[Upload], limits: Limits) -> Iterator[Verdict]:
    """The verdicts of one child; fewer than there are uploads when it ends before its time."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            process = _start(kind, theirs, uploads, limits)
        try:
            served = _Served(cast(IO[bytes], process.stdout), ours, NESTED * answer_limit(kind))
            extra = START
            for number, upload in enumerate(uploads):
                line = served.line(number, upload, time.monotonic() + limits.wall + SLACK + extra)
                if line is None:
                    return
                yield _verdict(kind, line)
                extra = 0.0
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _start(kind: str, link: socket.socket, uploads: list[Upload], limits: Limits) -> subprocess.Popen[bytes]:
    sizes = ",".join(str(upload.size) for upload in uploads)
    arguments = [kind, str(link.fileno()), str(limits.cpu), str(limits.wall), str(limits.memory), sizes]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-s", "-m", "records.child", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
        pass_fds=[link.fileno()],
        env={"PYTHONPATH": str(SIDE), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        cwd="/",
        start_new_session=True,
    )


class _Served:
    """A child at work: its requests are answered from the file it is at, until it writes its line about it."""

    def __init__(self, stdout: IO[bytes], link: socket.socket, limit: int) -> None:
        self.stdout, self.link, self.limit, self.held = stdout, link, limit, b""
        link.setblocking(False)

    def line(self, number: int, upload: Upload, deadline: float) -> bytes | None:
        """The line about the file of this number; ``None`` past the deadline or the limit, or when the child has ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.stdout, selectors.EVENT_READ)
            selector.register(self.link, selectors.EVENT_READ)
            while b"\n" not in self.held:
                left = deadline - time.monotonic()
                ready = [key.fileobj for key, _ in selector.select(max(0.0, left))]
                if left <= 0 or len(self.held) > self.limit:
                    return None
                if self.stdout in ready:
                    piece = os.read(self.stdout.fileno(), ANSWER_LIMIT)
                    if not piece:
                        return None
                    self.held += piece
                elif self.link in ready and not answer(self.link, number, upload):
                    selector.unregister(self.link)
        line, _, self.held = self.held.partition(b"\n")
        return line


def answer(link: socket.socket, number: int, upload: Upload) -> bool:
    """Answer one request; whether the child may ask for more of this file."""
    try:
        message = link.recv(REQUEST.size + 1)
        if len(message) != REQUEST.size:
            return False
        asked, start, length = REQUEST.unpack(message)
        if asked != number:  # left behind by a process that was ended
            return True
        if not 0 < length <= STEP or start + length > upload.size:
            return False
        link.send(REPLY.pack(number) + upload.read(start, start + length))
    except (ConnectionError, BlockingIOError):  # it died, or does not take what it asked for
        return False
    return True


def _verdict(kind: str, line: bytes) -> Verdict:
    try:
        ended: dict[str, Any] = json.loads(line)
        if ended["status"] == 1:  # an exception of the parser
            return Verdict({}, Problem.DAMAGED)
        if ended["status"] != 0:
            return Verdict({}, Problem.LIMITS)
        told = json.loads(ended["output"])
        if "problem" in told:
            return Verdict({}, Problem(told["problem"]))
        return Verdict(tidy(kind, told["facts"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Verdict({}, Problem.LIMITS)
