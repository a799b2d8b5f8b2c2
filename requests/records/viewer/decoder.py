"""Decoding many files in a process of its own, which is replaced when a file kills it; what it says is believed only where it fits."""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import IO, NamedTuple, Self, cast

from ..sandbox import SIDE, Upload, answer
from .child import BLOCK
from .problems import Problem
from .shapes import Info, tidy

LONGEST = 96 * 1024**2  # of one block
FIRST = (b"i", b"e")  # blocks before which a frame is whole
AFTER = {b"i": b"", b"p": b"i", b"v": b"p"}  # what each block of a frame comes after


class Limits(NamedTuple):
    """What the process may use: seconds of CPU and files until it is replaced, bytes of address space, seconds between two blocks."""

    cpu: int = 300
    files: int = 200
    memory: int = 1024**3
    wall: float = 60


USUAL = Limits()


class Decoded(NamedTuple):
    """One frame of a file: what is known of it, its packed pixels, and a picture (PNG) where one was asked for."""

    info: Info
    packed: bytes
    preview: bytes


class Dead(Exception):
    """The process ended, took too long, or answered nonsense."""


class Decoder:
    """Use it as a context manager; ``decode()`` gives a file's frames, and ``problem`` is what was wrong with it, if anything."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self.limits = limits
        self.problem: Problem | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._files, self._held = 0, b""
        self._upload: Upload

    def decode(self, upload: Upload, *, preview: bool = False) -> Iterator[Decoded]:
        """The frames of a file.

        What reading it raises goes on to the caller, and so does ``OSError`` when no process can be started.
        """
        if self._process is None or self._files >= self.limits.files:
            self._replace()
        self._files += 1
        self._upload = upload
        try:
            stdin = cast(IO[bytes], cast(subprocess.Popen[bytes], self._process).stdin)
            try:
                stdin.write(f"{upload.size} {int(preview)}\n".encode())
                stdin.flush()
            except BrokenPipeError as error:
                raise Dead from error
            yield from self._frames()
        except Dead:
            self.problem = Problem.LIMITS
            self.close()

    def _frames(self) -> Iterator[Decoded]:
        frame: dict[bytes, bytes] = {}
        while True:
            letter, data = self._block()
            if letter in FIRST and b"p" in frame:
                yield Decoded(_info(frame[b"i"]), frame[b"p"], frame.get(b"v", b""))
            if letter == b"e":
                self.problem = _problem(data)
                return
            frame = {} if letter in FIRST else frame
            if letter in frame or AFTER.get(letter) not in (*frame, b"") or not data:
                raise Dead
            frame[letter] = data

    def _block(self) -> tuple[bytes, bytes]:
        letter, length = BLOCK.unpack(self._take(BLOCK.size))
        if length > LONGEST:
            raise Dead
        return letter, self._take(length)

    def _take(self, count: int) -> bytes:
        """The next ``count`` bytes that the process writes; its requests for bytes of the file are answered meanwhile."""
        process, link = cast(subprocess.Popen[bytes], self._process), cast(socket.socket, self._link)
        output = cast(IO[bytes], process.stdout).fileno()
        pieces, have = [self._held], len(self._held)
        deadline = time.monotonic() + self.limits.wall
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(link, selectors.EVENT_READ)
            while have < count:
                ready = [key.fileobj for key, _ in selector.select(max(0, deadline - time.monotonic()))]
                if not ready or (link in ready and not answer(link, self._files - 1, self._upload)):
                    raise Dead
                if output in ready:
                    piece = os.read(output, 1024**2)
                    if not piece:
                        raise Dead
                    pieces.append(piece)
                    have += len(piece)
        whole = b"".join(pieces)
        self._held = whole[count:]
        return whole[:count]

    def _replace(self) -> None:
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(theirs.fileno()), str(self.limits.cpu), str(self.limits.memory)]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-B", "-P", "-s", "-m", "records.viewer.child", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a traceback may quote the file
                pass_fds=[theirs.fileno()],
                env={"PYTHONPATH": str(SIDE), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                cwd="/",
                start_new_session=True,
            )
        ours.setblocking(False)
        self._link, self._files, self._held = ours, 0, b""

    def close(self) -> None:
        """End the process."""
        if self._link:
            self._link.close()
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
        self._process = self._link = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _info(data: bytes) -> Info:
    try:
        return tidy(json.loads(data))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Dead from error


def _problem(data: bytes) -> Problem | None:
    try:
        return Problem(data.decode("ascii")) if data else None
    except ValueError as error:
        raise Dead from error
