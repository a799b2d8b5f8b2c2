"""Servers that tests start for themselves and may stop under the code that uses them."""

import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import redis

from secondop.embedded.processes import end, spawn
from secondop.embedded.run import free_port

LONG = 180  # seconds that a machine with much else to do may take for what is over in one


def seconds_of_children() -> float:
    """The processor time of all the processes that this one has started and seen end: a limit for it holds on a busy machine too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class WhileUsed:
    """For a server of ``socketserver``: it listens while it is used as a context manager, and ``released`` ends what it lets wait."""

    daemon_threads = True
    released: threading.Event

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


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
        limit = time.monotonic() + LONG
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < limit, "redis-server does not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it answers a ping."""
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):
                return False

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self.process is not None:
            end(self.process, grace=0)
            self.process = None


class S3Server:
    """A small server that speaks S3, on a free port; its buckets are folders below ``folder``, and the one of ``url`` exists."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        (folder / "vault").mkdir()
        self.url = f"http://key:secret@127.0.0.1:{self.port}/vault/site"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-c", "import localbucket; localbucket.main()", "--port", str(self.port), self.folder]
        with open(self.folder / ".log", "ab") as log:
            self.process = spawn(command, log=log)
        limit = time.monotonic() + LONG
        while not self.answers():
            assert self.process.poll() is None, (self.folder / ".log").read_text()
            assert time.monotonic() < limit, "the server of S3 does not answer"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether its port takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it at once."""
        if self.process is not None:
            end(self.process, grace=0)
            self.process = None


class Proxy:
    """A line to a server, for tests to cut: ``upstream`` is (host, port) or the path of a Unix socket.

    ``cut()`` breaks every connection and lets no new one in, as when the server is killed; ``silence()`` accepts and holds back
    all that is sent, as behind a firewall that drops, or a server whose disk hangs; ``mend()`` lets everything through again.
    ``dialled`` counts the connections that were tried.
    """

    def __init__(self, upstream: tuple[str, int] | str) -> None:
        self.upstream = upstream
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.is_cut, self.dialled = False, 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Break what is open, and what comes."""
        self.is_cut = True
        self.reset()

    def reset(self) -> None:
        """Break what is open, once."""
        for line in list(self.open):
            _break(line)

    def silence(self) -> None:
        """Hold everything back."""
        self.flowing.clear()

    def mend(self) -> None:
        """Be an ordinary line again; what was held back arrives late."""
        self.is_cut = False
        self.flowing.set()

    def close(self) -> None:
        """End for good."""
        self.cut()
        self.flowing.set()
        _break(self.listener)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = self._dial()
            except OSError:
                _break(client)
                continue
            self.open |= {client, server}
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _dial(self) -> socket.socket:
        self.dialled += 1
        if self.is_cut:
            raise ConnectionRefusedError
        if isinstance(self.upstream, tuple):
            return socket.create_connection(self.upstream, timeout=None)
        line = socket.socket(socket.AF_UNIX)
        line.connect(self.upstream)
        return line

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.flowing.wait()
                target.sendall(data)
        for line in (source, target):
            self.open.discard(line)
            _break(line)


def _break(line: socket.socket) -> None:
    """Close in the middle of whatever is under way; the shutdown wakes the thread that reads from it."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
