"""The servers that ./dev bench measures, what they spend, and its clients."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from .console import Failure
from .data import ROOT, Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import prepare
from .processes import PROC, end, spawn, working_in
from .run import PASSWORD, free_port

WORKERS = 2
UID = r"[0-9a-f-]{36}"


@dataclass
class Server:
    """A running gunicorn: where it answers, and its main process."""

    address: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The processes that serve requests."""
        pids = [int(path.name) for path in PROC.glob("[0-9]*")]
        return [pid for pid in pids if stat(pid)[1:2] == [str(self.process.pid)]]


@contextmanager
def demo_database(like: Path | None = None) -> Iterator[tuple[Cluster, dict[str, str]]]:
    """Give a fresh database with the demo in it, or a copy of the one in the data folder ``like``, and the environment that names it.

    Raise Failure when ``like`` is in use, or holds no database.
    """
    with tempfile.TemporaryDirectory(prefix="secondop-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        data = Data(folder / "var")
        if like:
            copy(Data(like), data.path)
        data.open()
        cluster = Cluster(cluster_home(data.path, server_account()), throwaway=True)
        try:
            cluster.start()
            environment = data.environment(database=cluster.url, port=free_port(), demo=True, debug=False)
            prepare(data, environment, cluster, empty=False)
            yield cluster, environment
        finally:
            cluster.stop()


def copy(demo: Data, to: Path) -> None:
    """Copy a data folder that nobody uses now; raise Failure when somebody does, or when its database is not in it."""
    if not (demo.path / "postgres" / "data").is_dir():
        raise Failure(f"there is no database in {demo.path}.", "Name the data folder of a demo, or measure a fresh one.")
    demo.lock.take(Failure(f"{demo.path} is in use by another ./dev.", "Stop that one, or measure a fresh demo."))
    try:
        subprocess.run(["cp", "-a", demo.path, to], check=True)
    finally:
        demo.lock.free()


@contextmanager
def served(environment: Mapping[str, str], settings: str, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Give gunicorn with two synchronous workers that serve the site of a settings module, with ``more`` in its environment."""
    port = free_port()
    environ = {
        **environment,
        "DJANGO_SETTINGS_MODULE": settings,
        "BASE_URL": f"http://localhost:{port}",
        "LOG_LEVEL": "ERROR",
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_WORKERS": str(WORKERS),
        "WEB_THREADS": "1",
        **(more or {}),
    }
    options = ["-c", "python:secondop.embedded.serving", "-k", "sync", "--log-level", "error"]
    application = "secondop.wsgi:application" if settings == "secondop.settings" else "django.core.wsgi:get_wsgi_application()"
    server = Server(f"http://localhost:{port}", spawn([sys.executable, "-m", "gunicorn", *options, application], env=environ, cwd=ROOT))
    try:
        limit = time.monotonic() + 60
        while not answers(server.address):
            if time.monotonic() > limit or server.process.poll() is not None:
                raise Failure(f"the site of {settings} did not start.", "See the lines above.")
            time.sleep(0.1)
        yield server
    finally:
        end(server.process, signal.SIGTERM)


def spent(cluster: Cluster, server: Server) -> float:
    """Return the processor time in seconds that the web workers and the database's processes took so far, ended ones included.

    Running processes tell it to the nanosecond. Ended ones, such as that of a connection which was too old, are in what their
    parent was told, to the hundredth of a second.
    """
    running = sum(map(runtime, [*server.workers(), *working_in(cluster.data)]))
    ended = [sum(map(int, stat(process.pid)[13:15])) for process in (cluster.server, server.process) if process]
    return running / 1e9 + sum(ended) / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> float:
    """Return the processor time in seconds of a process, what it started, and what of that has ended."""
    took: dict[int, int] = {}
    below: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        if found := stat(int(folder.name)):
            took[int(folder.name)] = sum(map(int, found[11:15]))
            below.setdefault(int(found[1]), []).append(int(folder.name))
    family, total = [pid], 0
    while family:
        member = family.pop()
        total += took.get(member, 0)
        family += below.get(member, [])
    return total / os.sysconf("SC_CLK_TCK")


def runtime(pid: int) -> int:
    """Return the scheduler's count of nanoseconds of a process, or 0 when it has ended."""
    try:
        return sum(int(file.read_text().split()[0]) for file in (PROC / str(pid) / "task").glob("*/schedstat"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def signed_in(address: str, who: str) -> requests.Session:
    """Return a client with the session of a demo account."""
    client = requests.Session()
    page = f"{address}/accounts/login/"
    fields = [token(client, page), ("login", f"{who}@demo.example"), ("password", PASSWORD)]
    answer = client.post(page, data=fields, headers={"Referer": page}, timeout=30)
    if not client.cookies.get("sessionid"):
        raise Failure(f"{who}@demo.example could not sign in (status {answer.status_code}).", "Start the demo and try by hand: ./dev run")
    return client


def token(client: requests.Session, address: str) -> tuple[str, str]:
    """Return the field that every form of a page needs."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address, timeout=30).text)
    return "csrfmiddlewaretoken", found[1] if found else ""


def seek(client: requests.Session, address: str, path: str, patterns: tuple[str, ...]) -> str | None:
    """Return the first path that is reached from ``path`` by links of these patterns, one after the other."""
    if not patterns:
        return path
    links = re.findall(rf'href="({patterns[0]})"', client.get(address + path, timeout=30).text)
    return next(filter(None, (seek(client, address, link, patterns[1:]) for link in dict.fromkeys(links))), None)


def stat(pid: int) -> list[str]:
    """Return what /proc tells of a process, from its state on; nothing when it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def answers(address: str) -> bool:
    """Whether a server answers at an address, whatever it says."""
    try:
        requests.get(address, timeout=5)
    except (requests.ConnectionError, requests.Timeout):
        return False
    return True
