"""Keep the site's processes running, and stop them: started in order, started again with back-off, stopped together."""

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from .console import Failure, say, tail
from .data import ROOT, Data
from .postgres import Cluster
from .processes import end, spawn
from .serving import graceful_timeout

# Mails have a process of their own: behind PDFs and checks of files a code to sign up would come too late for whoever waits for it.
# So have the pictures of files and stacks of scans, which take minutes: the check of a new file never waits behind them.
MAILS, WORK, PICTURES = "notices", "documents,files", "pictures"
# The parts of an upload (4 MiB) stay in the heap between their uses, which makes uploads faster; the 16 MiB that checking a password
# takes, and what threads would keep apart for each of them, go back.
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "8388608", "MALLOC_TRIM_THRESHOLD_": "33554432"}
LONGEST_WAIT = 30
STABLE_AFTER = 60
WEB_START_SECONDS = 300  # one that cannot start ends before; a machine with much else to do takes long
STOP_SECONDS = graceful_timeout + 5


@dataclass
class Service:
    """One process that has to run, how it is started, and how often it ended of late."""

    name: str
    command: Sequence[str | Path]
    environment: dict[str, str]
    log: Path | None
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0
    ends: int = 0
    not_before: float = field(default=0)

    def start(self) -> None:
        """Start it, its output into its log (or to the terminal when it has none)."""
        self.begun = time.monotonic()
        if self.log is None:
            self.process = spawn(self.command, env=self.environment, cwd=ROOT)
            return
        with open(self.log, "ab") as log:
            self.process = spawn(self.command, env=self.environment, cwd=ROOT, log=log)

    def look_after(self) -> None:
        """Start it again if it ended, at once the first time, then after 1, 2, 4 … 30 seconds; say so."""
        if self.process is not None and self.process.poll() is not None:
            end(self.process)
            self.ends = 1 if time.monotonic() - self.begun > STABLE_AFTER else self.ends + 1
            wait = min(2 ** (self.ends - 2), LONGEST_WAIT) if self.ends > 1 else 0
            say(f"The {self.name} ended with status {self.process.returncode}; it starts again{f' in {wait} s' if wait else ''}.")
            say(tail(str(self.log), 5) if self.log else "")
            self.process, self.not_before = None, time.monotonic() + wait
        if self.process is None and time.monotonic() >= self.not_before:
            self.start()


def services(data: Data, environment: dict[str, str], *, debug: bool) -> list[Service]:
    """Return the web server, the task worker (with beat inside), and the workers of mails and of pictures of a data folder."""
    web: list[str | Path] = [sys.executable, "-m", "gunicorn", "-c", "python:secondop.embedded.serving", "secondop.wsgi:application"]
    if debug:
        web = [sys.executable, ROOT / "manage.py", "runserver", environment["WEB_BIND"]]
    worker = [sys.executable, "-m", "celery", "-A", "secondop", "worker", "-l", "WARNING", "--without-gossip", "--without-mingle"]
    for old in data.path.glob("beat*"):
        old.unlink()
    return [
        Service("web server", web, {**environment, **MALLOC}, None if debug else data.log("web")),
        Service("task worker", [*worker, "-B", "-Q", WORK, "-c", "2", "-n", "tasks@%h"], environment, data.log("worker")),
        Service("worker of mails", [*worker, "-Q", MAILS, "-c", "1", "-n", "mails@%h"], environment, data.log("mails")),
        Service("worker of pictures", [*worker, "-Q", PICTURES, "-c", "2", "-n", "pictures@%h"], environment, data.log("pictures")),
    ]


class Stopping:
    """What a person's Ctrl-C (or SIGTERM, SIGHUP) means: before the stop it ends the waiting, during the stop it ends the patience."""

    def __init__(self) -> None:
        self.asked = self.hurry = False

    def __enter__(self) -> "Stopping":
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self.note)
        return self

    def __exit__(self, *_: object) -> None:
        self.asked = True

    def note(self, sig: int, frame: FrameType | None) -> None:
        """Handle the signal: the first one raises KeyboardInterrupt wherever we are, later ones only set ``hurry``."""
        if self.asked:
            self.hurry = True
            return
        self.asked = True
        raise KeyboardInterrupt


def watch(running: Sequence[Service], cluster: Cluster | None) -> None:
    """Look after the services and the database until KeyboardInterrupt."""
    while True:
        if cluster and cluster.server and cluster.server.poll() is not None:
            say(f"PostgreSQL ended with status {cluster.server.returncode}; it starts again.")
            cluster.restart()
        for service in running:
            service.look_after()
        time.sleep(0.25)


def stop(running: Sequence[Service], stopping: Stopping) -> None:
    """Ask all services to stop at once, then wait for each, longer than the web server does for its requests; not after a second Ctrl-C."""
    processes = [service.process for service in running if service.process is not None]
    if processes:
        say("\nStopping; requests and tasks under way come to their end first (Ctrl-C again: at once)")
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        end(process, grace=STOP_SECONDS, hurry=lambda: stopping.hurry)


def wait_for_web(web: Service, port: int) -> None:
    """Return once /healthz answers; raise Failure with the log's last lines when the web server ends or stays silent."""
    limit = time.monotonic() + WEB_START_SECONDS
    host = web.environment["ALLOWED_HOSTS"].split(",")[0]
    while not answers(port, host):
        if web.process is None or web.process.poll() is not None or time.monotonic() > limit:
            raise Failure(f"the web server did not start:\n{tail(str(web.log)) if web.log else ''}", f"Its whole log is {web.log}.")
        time.sleep(0.05)


def answers(port: int, host: str) -> bool:
    """Whether the process on the port answers /healthz for ``host`` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
