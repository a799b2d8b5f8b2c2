"""Parsing an upload in a process of its own, which cannot take more memory, time or anything else than it is given."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable
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

    A child that dies, takes too long or answers nonsense is a verdict too. What ``read`` raises goes on to the caller
    (the file is not to blame), and so does ``OSError`` when no process can be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            process = _start(kind, theirs, size, limits)
        try:
            output = _serve(cast(IO[bytes], process.stdout), ours, size, read, time.monotonic() + limits.wall)
            status = None if output is None else process.wait(timeout=limits.wall)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            process.kill()
            process.communicate()
    return _verdict(kind, output, status)


def _start(kind: str, link: socket.socket, size: int, limits: Limits) -> subprocess.Popen[bytes]:
    arguments = [kind, str(link.fileno()), str(size), str(limits.cpu), str(limits.memory)]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-s", "-m", "records.child", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
        pass_fds=[link.fileno()],
        env={"PYTHONPATH": str(SIDE), "LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )


def _serve(stdout: IO[bytes], link: socket.socket, size: int, read: Callable[[int, int], bytes], deadline: float) -> bytes | None:
    """Answer the child's requests until it closes its output; returns that, or ``None`` past the deadline or the limit."""
    link.setblocking(False)
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        selector.register(link, selectors.EVENT_READ)
        while time.monotonic() < deadline and len(output) <= ANSWER_LIMIT:
            ready = [key.fileobj for key, _ in selector.select(deadline - time.monotonic())]
            if link in ready and not _answer(link, size, read):
                selector.unregister(link)
            if stdout in ready:
                piece = os.read(stdout.fileno(), ANSWER_LIMIT)
                if not piece:
                    return output
                output += piece
    return None


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


def _verdict(kind: str, output: bytes | None, status: int | None) -> Verdict:
    if status == 1:  # an exception of the parser
        return Verdict({}, Problem.DAMAGED)
    if output is None or status != 0:
        return Verdict({}, Problem.LIMITS)
    try:
        answer = json.loads(output)
        if "problem" in answer:
            return Verdict({}, Problem(answer["problem"]))
        return Verdict(tidy(kind, answer["facts"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Verdict({}, Problem.LIMITS)
