"""Having the child that makes previews work on one record, and taking what it writes as it comes."""

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, cast

from ..sandbox import SIDE, Limits, Upload, answer

PIECE = 65536


def run(arguments: Sequence[str], upload: Upload, take: Callable[[bytes], bool], limits: Limits) -> int | None:
    """Have the child work on ``upload``; returns its exit status, ``None`` for one that was stopped: by ``take``, or past its time.

    ``take(piece)`` is given what it writes, and says whether to go on. What ``take`` and the upload's ``read`` raise goes on to the
    caller (the file is not to blame), and so does ``OSError`` when no process can be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            process = _start(arguments, theirs, upload.size, limits)
        try:
            is_done = _serve(cast(IO[bytes], process.stdout), ours, upload, take, time.monotonic() + limits.wall)
            return process.wait(timeout=limits.wall) if is_done else None
        except subprocess.TimeoutExpired:
            return None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _start(arguments: Sequence[str], link: socket.socket, size: int, limits: Limits) -> subprocess.Popen[bytes]:
    task, *more = arguments
    given = [task, str(link.fileno()), str(size), str(limits.cpu), str(limits.wall), str(limits.memory), *more]
    return subprocess.Popen(
        [sys.executable, "-B", "-P", "-s", "-m", "records.previews.child", *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
        pass_fds=[link.fileno()],
        env={"PYTHONPATH": str(SIDE), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        cwd="/",
        start_new_session=True,
    )


def _serve(stdout: IO[bytes], link: socket.socket, upload: Upload, take: Callable[[bytes], bool], deadline: float) -> bool:
    """Answer the child's requests and take its output until it closes that; ``False`` past the deadline or when ``take`` says no."""
    link.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        selector.register(link, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            ready = [key.fileobj for key, _ in selector.select(left)]
            if link in ready and not answer(link, 0, upload):
                selector.unregister(link)
            if stdout in ready:
                piece = os.read(stdout.fileno(), PIECE)
                if not piece:
                    return True
                if not take(piece):
                    return False
    return False
