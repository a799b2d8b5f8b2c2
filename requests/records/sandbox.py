"""Parsing an upload in a process of its own, which cannot take more memory, time or anything else than it is given."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

from .child import REQUEST, STEP
from .facts import tidy
from .formats.problems import Problem

SIDE = Path(__file__).resolve().parent.parent
ANSWER_LIMIT = 65536


class Limits(NamedTuple):
    """What one parsing process may use: seconds of CPU, bytes of address space, seconds by the clock."""

    cpu: int = 20
    memory: int = 1024**3
    wall: float = 60


USUAL = Limits()


class Verdict(NamedTuple):
    """What came out: the facts of a readable file, or the problem with it."""

    facts: dict[str, object]
    problem: Problem | None = None


def examine(kind: str, size: int, read: Callable[[int, int], bytes], limits: Limits = USUAL) -> Verdict:
    """Have a child parse the file of ``size`` bytes as ``kind``; ``read(start, end)`` gives its bytes.

    A child that dies, takes too long or answers nonsense is a verdict too. Raises as ``run()``.
    """
    output = bytearray()

    def take(piece: bytes) -> bool:
        output.extend(piece)
        return len(output) <= ANSWER_LIMIT

    status = run("records.child", [kind], size, read, take, limits)
    return _verdict(kind, bytes(output), status)


def run(
    program: str,
    arguments: Sequence[str],
    size: int,
    read: Callable[[int, int], bytes],
    take: Callable[[bytes], bool],
    limits: Limits = USUAL,
) -> int | None:
    """Have the module ``program`` work on a file of ``size`` bytes, as a child that calls ``confine()``; returns its exit status.

    ``read(start, end)`` gives the file's bytes. ``take(piece)`` is given what the child writes, and says whether to go on. The
    status is ``None`` for a child that was stopped: by ``take``, or past its time. What ``read`` and ``take`` raise goes on to the
    caller (the file is not to blame), and so does ``OSError`` when no process can be started. The child's first arguments are the
    first of ``arguments``, its socket, the size and its limits; the rest of ``arguments`` follows.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            process = _start(program, arguments, theirs, size, limits)
        try:
            is_done = _serve(cast(IO[bytes], process.stdout), ours, size, read, take, time.monotonic() + limits.wall)
            return process.wait(timeout=limits.wall) if is_done else None
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
            process.communicate()


def _start(program: str, arguments: Sequence[str], link: socket.socket, size: int, limits: Limits) -> subprocess.Popen[bytes]:
    first, *rest = arguments
    given = [first, str(link.fileno()), str(size), str(limits.cpu), str(limits.memory), *rest]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-s", "-m", program, *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
        pass_fds=[link.fileno()],
        env={"PYTHONPATH": str(SIDE), "LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )


def _serve(
    stdout: IO[bytes],
    link: socket.socket,
    size: int,
    read: Callable[[int, int], bytes],
    take: Callable[[bytes], bool],
    deadline: float,
) -> bool:
    """Answer the child's requests and take its output until it closes that; ``False`` past the deadline or when ``take`` says no."""
    link.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        selector.register(link, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            ready = [key.fileobj for key, _ in selector.select(deadline - time.monotonic())]
            if link in ready and not _answer(link, size, read):
                selector.unregister(link)
            if stdout in ready:
                piece = os.read(stdout.fileno(), ANSWER_LIMIT)
                if not piece:
                    return True
                if not take(piece):
                    return False
    return False


def _answer(link: socket.socket, size: int, read: Callable[[int, int], bytes]) -> bool:
    """Answer one request; whether the child may ask for more."""
    try:
        message = link.recv(REQUEST.size + 1)
        if len(message) != REQUEST.size:
            return False
        start, length = REQUEST.unpack(message)
        if not 0 < length <= STEP or start + length > size:
            return False
        link.send(read(start, start + length))
    except (ConnectionError, BlockingIOError):  # it died, or does not take what it asked for
        return False
    return True


def _verdict(kind: str, output: bytes, status: int | None) -> Verdict:
    if status == 1:  # an exception of the parser
        return Verdict({}, Problem.DAMAGED)
    if status != 0:
        return Verdict({}, Problem.LIMITS)
    try:
        answer = json.loads(output)
        if "problem" in answer:
            return Verdict({}, Problem(answer["problem"]))
        return Verdict(tidy(kind, answer["facts"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Verdict({}, Problem.LIMITS)
