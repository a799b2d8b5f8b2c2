"""Child processes that end with us: started in a session of their own, told by the kernel when we die, found again by a mark.

Three nets, because a demo must never leave servers behind: a regular stop ends each child's whole process group; the kernel
signals a child whose parent was killed (PR_SET_PDEATHSIG); the next start ends what still carries our mark in its environment.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from .console import Failure

MARK = "SECONDOP_STARTED_FOR"
PROC = Path("/proc")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sig: int) -> Callable[[], None] | None:
    """Return what a child runs before exec so that the kernel sends it ``sig`` when this process ends in any way."""
    parent = os.getpid()
    if LIBC is None:
        return None
    libc = LIBC

    def before_exec() -> None:
        libc.prctl(PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def spawn(
    args: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: IO[bytes] | int | None = None,
    cwd: Path | str = "/",
    death: int = signal.SIGTERM,
    account: Mapping[str, Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``args`` in its own session, so that a Ctrl-C at the terminal reaches only us; ``log`` takes both its outputs."""
    return subprocess.Popen(
        [str(arg) for arg in args],
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        start_new_session=True,
        preexec_fn=die_with_parent(death),
        **(account or {}),
    )


def end(child: subprocess.Popen[bytes], sig: int = signal.SIGTERM, grace: float = 10, hurry: Callable[[], bool] = bool) -> None:
    """Ask a child to stop, wait ``grace`` seconds (or until ``hurry()``), then kill its whole process group."""
    if child.poll() is None:
        child.send_signal(sig)
        limit = time.monotonic() + grace
        while child.poll() is None and time.monotonic() < limit and not hurry():
            time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def marked(mark: str) -> Iterator[int]:
    """Yield the processes, other than this one, whose environment says that they were started for ``mark``."""
    wanted = f"{MARK}={mark}".encode()
    for folder in PROC.glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0") and int(folder.name) != os.getpid():
            yield int(folder.name)


def working_in(folder: Path) -> Iterator[int]:
    """Yield the processes whose working directory is ``folder``; every process of a PostgreSQL server works in its data folder."""
    for link in PROC.glob("[0-9]*/cwd"):
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if target == str(folder):
            yield int(link.parent.name)


def end_strangers(find: Callable[[], Iterator[int]], sig: int, grace: float) -> int:
    """End the processes that ``find`` yields, who are not our children: ``sig`` first, SIGKILL after ``grace`` s; say how many."""
    met: set[int] = set()
    limit = time.monotonic() + grace
    while pids := set(find()):
        late = time.monotonic() > limit
        for pid in pids if late else pids - met:
            try:
                os.kill(pid, signal.SIGKILL if late else sig)
            except ProcessLookupError:
                continue
        met |= pids
        time.sleep(0.05)
    return len(met)


class Lock:
    """An flock on a file: held while this process lives, gone with it, so that a killed process leaves no stale lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def take(self, refusal: Failure) -> None:
        """Take the lock without waiting and note our process id in it; raise ``refusal`` when another process holds it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise refusal from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self.descriptor = descriptor

    def free(self) -> None:
        """Let the lock go; harmless when it is not held."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
