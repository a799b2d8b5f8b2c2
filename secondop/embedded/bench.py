"""./dev bench: what pages cost, as the processor time of web server and database together, in ratios to a bare page of Django.

Processor time repeats on a busy machine where elapsed time does not, and a ratio repeats on another machine. All is measured in
one run on one database, a fresh demo or a copy of one, with two synchronous workers and four connections. bench_records.py measures
files and scans.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

import requests
from lxml import html

from .bench_records import records
from .bench_servers import UID, Server, demo_database, seek, served, signed_in, spent, token
from .console import Failure, say
from .data import ROOT, VARIABLES
from .postgres import Cluster

WARM_UP, CONNECTIONS = 24, 4
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
        cluster, environment = stack.enter_context(demo_database(options.like))
        pages(cluster, environment, times)
        records(cluster, environment, options)
    return 0


def pages(cluster: Cluster, environment: dict[str, str], times: int) -> None:
    """Measure all pages, each asked for so many times."""
    with ExitStack() as stack:
        bare = stack.enter_context(served(environment, "secondop.embedded.bare_settings"))
        site = stack.enter_context(served(environment, "secondop.settings"))
        visitor, patient = (signed_in(server.address, "patient") for server in (bare, site))
        base = {name: measure(cluster, bare, visitor, [Call(f"{bare.address}/{name}/")] * times) for name in ("page", "list")}
        base["write"] = measure(cluster, bare, visitor, bare_writes(visitor, f"{bare.address}/write/", times))
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


def report(subject: Subject, cost: float, base: Mapping[str, float]) -> None:
    """Print what a subject costs, as a ratio to what it is compared with."""
    ratio = cost / base[subject.against]
    verdict = "" if ratio <= subject.goal else "  over"
    say(f"  {subject.name:24}{cost * 1000:8.2f} ms{ratio:7.1f} x bare {subject.against} (goal {subject.goal:g}){verdict}")


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


def find(client: requests.Session, address: str, subject: Subject) -> str:
    """Return the address of a subject, trying the links of each page in turn; raise Failure when there is no such page."""
    found = seek(client, address, subject.path, subject.follow)
    if found is None:
        raise Failure(f"no page for {subject.name} is reached from {subject.path}.", "The table SUBJECTS names the links to follow.")
    return address + found
