"""Servers that tests start for themselves and may stop under the code that uses them."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis

from secondop.embedded.processes import end, spawn


def free_port() -> int:
    """Return a port of localhost that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """A Redis of its own on a free port, without persistence: stopped and started again it is empty."""

    def __init__(self, folder: Path) -> None:
        self.program = shutil.which("redis-server")
        assert self.program, "redis-server is missing: ./dev test installs it"
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        with open(self.folder / "redis.log", "ab") as log:
            self.process = spawn([self.program, *options], log=log)
        limit = time.monotonic() + 10
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < limit, "redis-server does not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it answers a ping."""
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            end(self.process, grace=0)
            self.process = None
