"""./dev bench: what pages cost, as the processor time of web server and database together, in ratios to a bare page of Django.

Processor time repeats on a busy machine where elapsed time does not, and a ratio repeats on another machine. All is measured in
one run on one database, a fresh demo, with two synchronous workers and four connections.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import requests
from lxml import html

from .console import Failure, say
from .data import ROOT, VARIABLES, Data
from .places import cluster_home, server_account
from .postgres import Cluster
from .prepare import prepare
from .processes import PROC, end, spawn, working_in
from .run import PASSWORD, free_port

WARM_UP, CONNECTIONS, WORKERS = 24, 4, 2
UID = r"[0-9a-f-]{36}"
DRAFTS = "from secondop.demo.seed import drafts; [print(case.uid) for case in drafts(%d)]"


class Call(NamedTuple):
    """One request: the address, and the form that is posted to it, if any."""

    address: str
    form: list[tuple[str, str]] | None = None


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
AUTOSAVES = (
    Subject(
        "patient's autosave",
        "patient",
        "/cases/",
        follow=(rf"/request/{UID}/", rf"/request/{UID}/screen/question/"),
        against="write",
        goal=2,
    ),
    Subject("specialist's autosave", "specialist", "/offers/", follow=(rf"/review/{UID}/",), against="write", goal=2),
)
SENDING = Subject("last POST of a new case", "patient", "/request/", against="write", goal=4)


def bench(options: argparse.Namespace) -> int:
    """Measure the subjects, print each with its ratio and goal; return 0 whatever comes out, this is a measurement."""
    times = options.requests + min(options.requests, WARM_UP)
    for name in VARIABLES:
        os.environ.pop(name, None)
    with ExitStack() as stack:
        cluster, environment = stack.enter_context(demo_database())
        bare = stack.enter_context(served(environment, "secondop.embedded.bare_settings"))
        site = stack.enter_context(served(environment, "secondop.settings"))
        patient = signed_in(site.address, "patient")
        base = {name: measure(cluster, bare, patient, [Call(f"{bare.address}/{name}/")] * times) for name in ("page", "list")}
        base["write"] = measure(cluster, bare, patient, bare_writes(patient, f"{bare.address}/write/", times))
        for name, cost in base.items():
            say(f"  {'bare ' + name:24}{cost * 1000:8.2f} ms")
        for subject in SUBJECTS:
            client = signed_in(site.address, subject.who) if subject.who else requests.Session()
            calls = [Call(find(client, site.address, subject))] * times
            report(subject, measure(cluster, site, client, calls), base)
        for subject in AUTOSAVES:
            client = signed_in(site.address, str(subject.who))
            report(subject, measure(cluster, site, client, autosaves(client, find(client, site.address, subject), times)), base)
        calls = sendings(patient, f"{site.address}{SENDING.path}", environment, times)
        report(SENDING, measure(cluster, site, patient, calls, answer=302), base)
        if patient.get(calls[-1].address.replace("/submit/", "/receipt/"), allow_redirects=False, timeout=30).status_code != 200:
            raise Failure("the last of the new cases was not sent.", "Start the demo and send one by hand: ./dev run")
    return 0


def report(subject: Subject, cost: float, base: Mapping[str, float]) -> None:
    """Print what a subject costs, as a ratio to what it is compared with."""
    ratio = cost / base[subject.against]
    verdict = "" if ratio <= subject.goal else "  over"
    say(f"  {subject.name:24}{cost * 1000:8.2f} ms{ratio:7.1f} x bare {subject.against} (goal {subject.goal:g}){verdict}")


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


def measure(cluster: Cluster, server: Server, client: requests.Session, calls: Sequence[Call], answer: int | None = None) -> float:
    """Return the seconds of processor time that one of the ``calls`` costs the web workers and the database's processes.

    The first calls, half of a few, warm up. Raise Failure when one is not answered with ``answer`` (with success when not given).
    """
    warm_up = min(len(calls) // 2, WARM_UP)
    ask(client, calls[:warm_up], answer)
    before = spent(cluster, server)
    ask(client, calls[warm_up:], answer)
    return (spent(cluster, server) - before) / len(calls[warm_up:])


def ask(client: requests.Session, calls: Sequence[Call], answer: int | None) -> None:
    """Make the calls over four connections."""
    headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies)}

    def once(call: Call) -> int:
        method = "POST" if call.form else "GET"
        return requests.request(method, call.address, data=call.form, headers=headers, timeout=30, allow_redirects=False).status_code

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = set(pool.map(once, calls))
    if not answers <= ({answer} if answer else {200, 204}):
        raise Failure(f"{calls[0].address} answered {sorted(answers)}.", "Start the demo and look: ./dev run")


def token(client: requests.Session, address: str) -> tuple[str, str]:
    """Return the field that every form of a page needs."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address, timeout=30).text)
    return "csrfmiddlewaretoken", found[1] if found else ""


def bare_writes(client: requests.Session, address: str, times: int) -> list[Call]:
    """Return so many calls that post the bare site's form."""
    return [Call(address, [token(client, address), ("text", "bench")])] * times


def autosaves(client: requests.Session, address: str, times: int) -> list[Call]:
    """Return so many calls by which the page at ``address`` saves itself, each with one more letter in its first field of text.

    As js/autosave.js does, only the section that holds the field is posted, where the page has sections.
    """
    page = html.fromstring(client.get(address, timeout=30).text)
    form = next(form for form in page.forms if "data-autosave" in form.attrib)
    where, typed = urljoin(address, form.attrib["data-autosave"]), form.xpath(".//textarea/@name")[0]
    part = next(iter(form.xpath(".//textarea[1]/ancestor::*[@data-part]")), form)
    elsewhere = set(form.xpath(".//*[@data-part]//@name")) - set(part.xpath(".//@name"))
    others = [(name, value) for name, value in form.form_values() if name != typed and name not in elsewhere]
    if part is not form:
        others += [("only", re.sub(r"-\d+-.*", "", name)) for name in {*part.xpath(".//@name")} - {"act"}]
    return [Call(where, [*others, (typed, "a" * number)]) for number in range(1, times + 1)]


def sendings(client: requests.Session, address: str, environment: Mapping[str, str], times: int) -> list[Call]:
    """Return so many calls that send requests which only wait for it; they are made here, by the services."""
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", DRAFTS % times]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Failure(f"no requests could be prepared:\n{made.stderr}", "See the lines above.")
    form = [token(client, address)]
    return [Call(f"{address}{uid}/submit/", form) for uid in re.findall(UID, made.stdout)]


def spent(cluster: Cluster, server: Server) -> float:
    """Return the processor time in seconds that the web workers and the database's processes took so far, ended ones included.

    Running processes tell it to the nanosecond. Ended ones, such as that of a connection which was too old, are in what their
    parent was told, to the hundredth of a second.
    """
    running = sum(map(runtime, [*server.workers(), *working_in(cluster.data)]))
    ended = [sum(map(int, stat(process.pid)[13:15])) for process in (cluster.server, server.process) if process]
    return running / 1e9 + sum(ended) / os.sysconf("SC_CLK_TCK")


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
