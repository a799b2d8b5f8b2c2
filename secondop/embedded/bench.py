"""./dev bench: what pages cost, as the processor time of web server and database together, in ratios to a bare page of Django.

Processor time repeats on a busy machine where elapsed time does not, and a ratio repeats on another machine. All is measured in
one run on one database, a fresh demo, with two synchronous workers and four connections.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from .console import Failure, say
from .data import ROOT, VARIABLES, Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import prepare
from .processes import PROC, end, spawn, working_in
from .run import PASSWORD

REQUESTS, WARM_UP, CONNECTIONS, WORKERS = 200, 24, 4, 2
UID = r"[0-9a-f-]{36}"


@dataclass(frozen=True)
class Subject:
    """A page to measure: who asks, where it is (by links from a page that always is), what it is compared with, the goal."""

    name: str
    who: str | None
    path: str
    follow: tuple[str, ...] = ()
    against: str = "page"
    goal: float = 6.0


SUBJECTS = (
    Subject("home, anonymous", None, "/", goal=2),
    Subject("sign-in, anonymous", None, "/accounts/login/", goal=2),
    Subject("patient's list", "patient", "/cases/"),
    Subject("patient's case", "patient", "/cases/", follow=(rf"/cases/{UID}/",)),
    Subject("patient's opinion", "patient", "/cases/", follow=(rf"/cases/{UID}/", rf"/opinion/{UID}/")),
    Subject("coordinator's queue", "coordinator", "/desk/", against="list", goal=2),
    Subject("specialist's worklist", "specialist", "/offers/", against="list", goal=2),
)


def bench(options: argparse.Namespace) -> int:
    """Measure the subjects, print each with its ratio and goal; return 0 whatever comes out, this is a measurement."""
    for name in VARIABLES:
        os.environ.pop(name, None)
    with ExitStack() as stack:
        cluster, environment = stack.enter_context(demo_database())
        bare = stack.enter_context(served(environment, "secondop.embedded.bare_settings"))
        site = stack.enter_context(served(environment, "secondop.settings"))
        patient = signed_in(site.address, "patient")
        base = {name: measure(cluster, bare, patient, f"{bare.address}/{name}/") for name in ("page", "list", "write")}
        for name, cost in base.items():
            say(f"  {'bare ' + name:24}{cost * 1000:8.2f} ms")
        for subject in SUBJECTS:
            client = signed_in(site.address, subject.who) if subject.who else requests.Session()
            cost = measure(cluster, site, client, find(client, site.address, subject))
            ratio = cost / base[subject.against]
            verdict = "" if ratio <= subject.goal else "  over"
            say(f"  {subject.name:24}{cost * 1000:8.2f} ms{ratio:7.1f} x bare {subject.against} (goal {subject.goal:g}){verdict}")
    return 0


@dataclass
class Server:
    """A running gunicorn: where it answers, and its main process."""

    address: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The processes that serve requests."""
        return [pid for pid in map(int, filter(str.isdigit, (path.name for path in PROC.iterdir()))) if parent(pid) == self.process.pid]


@contextmanager
def demo_database() -> Iterator[tuple[Cluster, dict[str, str]]]:
    """Give a fresh database with the demo in it, and the environment that names it."""
    folder = Path(tempfile.mkdtemp(prefix="secondop-bench-"))
    folder.chmod(0o711)
    data = Data(folder / "var")
    data.open()
    cluster = Cluster(cluster_home(data.path, server_account()), throwaway=True)
    try:
        cluster.start()
        environment = data.environment(database=cluster.url, port=free_port(), demo=True, debug=False)
        prepare(data, environment, cluster, empty=False)
        yield cluster, environment
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@contextmanager
def served(environment: dict[str, str], settings: str) -> Iterator[Server]:
    """Give gunicorn with two synchronous workers that serve the site of a settings module."""
    port = free_port()
    environ = {**environment, "DJANGO_SETTINGS_MODULE": settings, "BASE_URL": f"http://localhost:{port}", "LOG_LEVEL": "ERROR"}
    options = ["-k", "sync", "-w", str(WORKERS), "-b", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"]
    application = "django.core.wsgi:get_wsgi_application()"
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


def measure(cluster: Cluster, server: Server, client: requests.Session, address: str) -> float:
    """Return the seconds of processor time a request for ``address`` costs the web workers and the database's processes."""
    ask(client, address, WARM_UP)
    processes = [*server.workers(), *working_in(cluster.data)]
    before = spent(processes)
    ask(client, address, REQUESTS)
    return (spent(processes) - before) / REQUESTS


def ask(client: requests.Session, address: str, times: int) -> None:
    """Request an address so many times over four connections; a form is posted as its page gives it."""
    data, headers = None, {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies)}
    if address.endswith("/write/"):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).text)
        data = {"csrfmiddlewaretoken": token[1] if token else "", "text": "bench"}
        headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies)}

    def once(_: int) -> int:
        return requests.request("POST" if data else "GET", address, data=data, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = set(pool.map(once, range(times)))
    if not answers <= {200, 204}:
        raise Failure(f"{address} answered {sorted(answers)}.", "Start the demo and look: ./dev run")


def spent(processes: Iterable[int]) -> float:
    """Return the processor time of these processes in seconds, from the scheduler's own count of nanoseconds."""
    files = (file for pid in processes for file in (PROC / str(pid) / "task").glob("*/schedstat"))
    return sum(int(file.read_text().split()[0]) for file in files) / 1e9


def signed_in(address: str, who: str) -> requests.Session:
    """Return a client with the session of a demo account."""
    client = requests.Session()
    page = client.get(f"{address}/accounts/login/", timeout=30)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    fields = {"csrfmiddlewaretoken": token[1] if token else "", "login": f"{who}@demo.example", "password": PASSWORD}
    answer = client.post(page.url, data=fields, headers={"Referer": page.url}, timeout=30)
    if not client.cookies.get("sessionid"):
        raise Failure(f"{who}@demo.example could not sign in (status {answer.status_code}).", "Start the demo and try by hand: ./dev run")
    return client


def find(client: requests.Session, address: str, subject: Subject) -> str:
    """Return the address of a subject, trying the links of each page in turn; raise Failure when there is no such page."""
    found = seek(client, address, subject.path, subject.follow)
    if found is None:
        raise Failure(f"no page for {subject.name} is reached from {subject.path}.", "The table SUBJECTS names the links to follow.")
    return address + found


def seek(client: requests.Session, address: str, path: str, patterns: tuple[str, ...]) -> str | None:
    """Return the first path that is reached from ``path`` by links of these patterns, one after the other."""
    if not patterns:
        return path
    links = re.findall(rf'href="({patterns[0]})"', client.get(address + path, timeout=30).text)
    return next(filter(None, (seek(client, address, link, patterns[1:]) for link in dict.fromkeys(links))), None)


def parent(pid: int) -> int:
    """Return the parent of a process, or 0 when it has ended."""
    try:
        return int((PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def answers(address: str) -> bool:
    """Whether a server answers at an address, whatever it says."""
    try:
        requests.get(address, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
