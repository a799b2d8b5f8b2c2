"""./dev bench of files and scans: uploads against a bare server with a hash, ranges, a scan from arrival to the viewer, the viewer itself.

Sizes are options: a few MiB and slices by themselves, with --large what the goals are about. Scans go through the real workers.
"""

import argparse
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import requests

from .bench_scans import packed, plainly_read, slices
from .bench_servers import UID, Server, answers, runtime, seek, served, signed_in, spent, tree
from .bench_viewer import scroll
from .console import Failure, say
from .data import ROOT, Data
from .postgres import Cluster
from .processes import PROC, end, spawn
from .run import free_port
from .supervise import MALLOC, Service, services

MIB = 1024**2
BLOCK = bytes(range(256)) * 4096
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
RANGES = 9
READY_SECONDS = 1200
LOOK_EVERY = 3.0  # as often as the page of a series asks: each look is measured with the rest
IDLE, PAUSE = 1.0, 8.0  # workers that take less than a second of the processor in eight have nothing to do
SOME = 50  # slices that the libraries alone read
ENOUGH = 1000  # slices, beside which the work for any number of them is small
BY_HAND = "Start the demo and send one by hand: ./dev run"


class Stream:
    """So many bytes that begin like a PDF, and are like no other."""

    def __init__(self, length: int) -> None:
        self.length, self.head = length, b"%PDF-1.7\n%" + secrets.token_hex().encode()

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        for at in range(len(self.head), self.length, len(BLOCK)):
            yield BLOCK[: self.length - at]


class Case(NamedTuple):
    """A request of the demo that takes files: the site's address, its person's client, and its uid."""

    address: str
    client: requests.Session
    uid: str

    def send(self, name: str, body: "Stream | BufferedReader | bytes") -> None:
        """Send a file by tus: bytes with the first request, anything else in a second one. Raise Failure when it is not taken."""
        length = os.fstat(body.fileno()).st_size if isinstance(body, BufferedReader) else len(body)
        told = {"Upload-Length": str(length), "Upload-Metadata": f"filename {b64encode(name.encode()).decode()}"}
        where = f"{self.address}/records/uploads/{self.uid}/"
        first = body if isinstance(body, bytes) else None
        answer = self.client.post(where, data=first, headers={**TUS, **told, **self.proof()}, timeout=120)
        if answer.ok and first is None:
            more = {**TUS, "Upload-Offset": "0", **self.proof()}
            answer = self.client.patch(self.address + answer.headers["Location"], data=body, headers=more, timeout=600)
        if not answer.ok:
            raise Failure(f"{name} was not taken: {answer.status_code} {answer.text[:200]}", BY_HAND)

    def proof(self) -> dict[str, str]:
        """What says that the request is made by a page of the site."""
        return {"X-CSRFToken": self.client.cookies["csrftoken"], "Origin": self.address}


def records(cluster: Cluster, environment: dict[str, str], options: argparse.Namespace) -> None:
    """Measure files and scans, and print each with its goal."""
    mib, count = (1024, 5000) if options.large else (options.mib, options.slices)
    with served(environment, "secondop.settings", MALLOC) as site, bare_server() as raw:
        upload(cluster, site, raw, a_request(site.address), mib * MIB)
        if count > 0:
            scan(cluster, site, environment, count)


def a_request(address: str) -> Case:
    """A request of the demo's patient that is not sent yet."""
    client = signed_in(address, "patient")
    found = seek(client, address, "/cases/", (rf"/request/{UID}/",))
    if not found:
        raise Failure("the demo has no request that is not sent.", "Start it and look: ./dev run")
    return Case(address, client, found.split("/")[2])


@contextmanager
def bare_server() -> Iterator[Server]:
    """Give the server that only makes a hash."""
    port = free_port()
    process = spawn([sys.executable, "-P", "-m", "secondop.embedded.bench_raw", str(port)], env={"PYTHONPATH": str(ROOT)}, cwd=ROOT)
    try:
        while not answers(f"http://127.0.0.1:{port}") and process.poll() is None:
            time.sleep(0.1)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        end(process)


def upload(cluster: Cluster, site: Server, raw: Server, case: Case, length: int) -> None:
    """Send a file to both servers, and ask for pieces of it."""
    case.send("warm.pdf", Stream(MIB))
    begun = runtime(raw.process.pid)
    bare_clock = timed(lambda: requests.patch(raw.address, data=Stream(length), timeout=600).raise_for_status())
    bare = (runtime(raw.process.pid) - begun) / 1e9
    idle = {pid: forget_peak(pid) for pid in site.workers()}
    before = spent(cluster, site)
    clock = timed(lambda: case.send("large.pdf", Stream(length)))
    cost = spent(cluster, site) - before
    grown = max(memory(pid, "VmHWM") - idle[pid] for pid in idle)
    name = f"upload of {length // MIB} MiB"
    report(name, f"{cost * 1024 * MIB / length:6.2f} CPU s a GiB", cost * 1024 * MIB / length, 3)
    say(f"  {name:24}{bare_clock / clock:6.2f} of a bare server's speed (goal 0.5){'' if bare_clock / clock >= 0.5 else '  over'}")
    say(f"  {'':24}{cost / bare:6.2f} x its processor time")
    report(name, f"{grown / MIB:6.1f} MiB of memory more", grown / MIB, 20)
    first = first_bytes(case, "large.pdf", length)
    report("first byte of a range", f"{first:6.1f} ms", first, 50)


def first_bytes(case: Case, name: str, length: int) -> float:
    """The milliseconds to the first byte of a range, the median at the slowest of some offsets."""
    page = case.client.get(f"{case.address}/records/{case.uid}/", timeout=30).text
    found = re.search(rf'href="(/records/{UID}/{UID}/)" download>{re.escape(name)}', page)
    if not found:
        raise Failure(f"{name} is not in the list of records.", BY_HAND)

    def ask(offset: int) -> float:
        begun = time.perf_counter()
        headers = {"Range": f"bytes={offset}-"}
        with case.client.get(case.address + found[1], headers=headers, stream=True, timeout=30) as answer:
            if answer.status_code != 206 or not next(answer.iter_content(1)):
                raise Failure(f"a range of {name} was answered with {answer.status_code}.", BY_HAND)
        return time.perf_counter() - begun

    offsets = [0, length // 3, length // 2 + 1, length - 1]
    return max(statistics.median(ask(at) for _ in range(RANGES)) for at in offsets) * 1000


def scan(cluster: Cluster, site: Server, environment: Mapping[str, str], count: int) -> None:
    """Have a scan arrive, half of it in a ZIP, wait until its viewer is ready, and look at it."""
    case = a_request(site.address)
    some = list(slices(min(count, SOME)))
    plain = timed(lambda: plainly_read(some), time.process_time) / len(some)
    running = services(Data(Path(environment["SECONDOP_DATA"])), dict(environment), debug=False)[1:]
    folder = tempfile.TemporaryDirectory()
    try:
        halves = halved(count, Path(folder.name) / "scan.zip")
        for service in running:
            service.start()
        rest(running)
        before, begun = work_of(cluster, site, running), time.monotonic()
        arrive(case, *halves)
        arrived = time.monotonic() - begun
        viewer = prepared(case, count)
        ready = time.monotonic() - begun
        cost = (work_of(cluster, site, running) - before) / count
    finally:
        for service in running:
            if service.process:
                end(service.process, grace=30)
        folder.cleanup()
    name = f"scan of {count} slices"
    if count < ENOUGH:
        say(f"  {name:24}{cost * 1000:6.1f} CPU ms a slice, with what the workers do besides: too few to tell of 5,000")
    else:
        report(name, f"{cost * 1000:6.1f} CPU ms a slice, 5,000 in {cost * 5000 / 2:.0f} s on two cores", cost * 5000 / 2, 300)
    say(f"  {'':24}{cost / plain:6.1f} x the libraries alone; arrived after {arrived:.0f} s, ready after {ready:.0f} s")
    shown = scroll(case.address, viewer, count)
    report("viewer, first image", f"{shown.first * 1000:6.0f} ms", shown.first, 1)
    say(f"  {'viewer, scrolling':24}{shown.rate:6.1f} images a second (goal 15){'' if shown.rate >= 15 else '  over'}")
    report("viewer, memory", f"{shown.growth:6.2f} x after as many images once more", shown.growth, 1.1)


def rest(running: Sequence[Service]) -> None:
    """Return once the workers have started and have nothing to do: a fresh demo has pictures to be made."""
    limit = time.monotonic() + READY_SECONDS
    took = IDLE
    while took >= IDLE and time.monotonic() < limit:
        before = work(running)
        time.sleep(PAUSE)
        took = work(running) - before


def work(running: Sequence[Service]) -> float:
    """The processor time that the workers took so far."""
    return sum(tree(service.process.pid) for service in running if service.process)


def halved(count: int, path: Path) -> tuple[Path, Iterator[tuple[str, bytes]]]:
    """Return ``count`` slices, half of them packed into a ZIP at ``path``: a sender's work, done before the site's is measured."""
    files = slices(count)
    packed(islice(files, count // 2), path)
    return path, files


def arrive(case: Case, archive: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Send the slices: those that are packed, and the rest one by one."""
    with open(archive, "rb") as file:
        case.send(archive.name, file)
    for name, data in files:
        case.send(name, data)


def prepared(case: Case, count: int) -> str:
    """The path of the viewer, once it has all slices; says on the way how far the work is, as the pages tell it."""
    limit, said = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < limit:
        listed = case.client.get(f"{case.address}/records/{case.uid}/imaging/", timeout=30).text
        for page in dict.fromkeys(re.findall(rf"/records/{UID}/viewer/{UID}/", listed)):
            shown = case.client.get(case.address + page, timeout=30).text
            told = re.search(r"\d+ of \d+ files read", shown)
            if told and told[0] != said:
                said = told[0]
                say(f"    {said}")
            if f'data-count="{count}"' in shown and 'data-hx-trigger="every' not in shown:
                return str(page)
        time.sleep(LOOK_EVERY)
    raise Failure(f"the scan was not ready within {READY_SECONDS} s.", "See the lines above.")


def work_of(cluster: Cluster, site: Server, running: Sequence[Service]) -> float:
    """The processor time that web server, database and workers took so far."""
    return spent(cluster, site) + work(running)


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How many seconds ``work`` takes."""
    begun = clock()
    work()
    return clock() - begun


def forget_peak(pid: int) -> int:
    """Let the system count the largest size of a process anew; returns its size now."""
    (PROC / str(pid) / "clear_refs").write_text("5")
    return memory(pid, "VmRSS")


def memory(pid: int, what: str) -> int:
    """A size of a process in bytes."""
    found = re.search(rf"{what}:\s+(\d+) kB", (PROC / str(pid) / "status").read_text())
    return int(found[1]) * 1024 if found else 0


def report(name: str, told: str, figure: float, goal: float) -> None:
    """Print a figure with its goal."""
    say(f"  {name:24}{told} (goal {goal:g}){'' if figure <= goal else '  over'}")
