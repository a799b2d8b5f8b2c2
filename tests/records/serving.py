"""A real gunicorn on the test's database and vault."""

import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from secondop.embedded.processes import end, spawn
from tests.servers import LONG, free_port


class Server(NamedTuple):
    """A running site on the test's database and vault."""

    port: int
    pid: int

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def peak(self) -> int:
        """The most memory a worker has had resident, in bytes."""
        return max(memory(pid, "VmHWM") for pid in self.workers())

    def forget_peak(self) -> int:
        """Begin to measure anew; returns what is resident now."""
        for pid in self.workers():
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        return max(memory(pid, "VmRSS") for pid in self.workers())


def memory(pid: int, what: str) -> int:
    return int(re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()).group(1)) * 1024


@contextmanager
def serving(tmp_path: Path) -> Iterator[Server]:
    """A server with one worker, which ends with the block."""
    found, port = connection.settings_dict, free_port()
    socket_or_host = f"{found['HOST'] or 'localhost'}".replace("/", "%2F")
    address = f"postgresql://{found['USER']}:{found['PASSWORD']}@{socket_or_host}:{found['PORT'] or 5432}/{found['NAME']}"
    env = {**os.environ, "DATABASE_URL": address, "BASE_URL": f"http://localhost:{port}", "PYTHONPATH": str(settings.ROOT)}
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with open(tmp_path / "log", "wb") as log:
        program = [sys.executable, "-m", "gunicorn", "-c", "python:secondop.embedded.serving", *options, "secondop.wsgi:application"]
        process = spawn(program, env=env, log=log, cwd=settings.ROOT)
    limit = time.monotonic() + LONG
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None and time.monotonic() < limit, (tmp_path / "log").read_text()
        time.sleep(0.05)
    yield Server(port, process.pid)
    end(process, grace=5)


def wait_for(truth: Callable[[], bool]) -> None:
    limit = time.monotonic() + LONG
    while not truth():
        assert time.monotonic() < limit
        time.sleep(0.05)
