"""The virus scan, against a server that speaks clamd's protocol: what it finds, and every way in which it does not answer."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from records import checking, scanning, services
from records.checks import scanner
from records.formats.problems import Problem
from records.models import Record
from records.reasons import FOUND
from secondop.web.clock import now

from . import files
from .conftest import browser, check_all, in_vault, url

pytestmark = pytest.mark.django_db
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanning(socketserver.BaseRequestHandler):
    """One connection: PING or INSTREAM, as clamd(8) describes them; ``server.mood`` says how it misbehaves."""

    def handle(self) -> None:
        command = self.exactly(5)
        if command == b"zPING":
            self.request.sendall(b"PONG\0")
            return
        self.exactly(len("INSTREAM\0") - 4)
        if self.server.mood == "drops":
            return
        if self.server.mood == "is hasty":
            self.request.sendall(b"stream: OK\0")
            self.server.answered.set()
            self.server.released.wait(20)
            return
        content = b""
        while length := struct.unpack("!I", self.exactly(4))[0]:
            content += self.exactly(length)
            if len(content) > self.server.longest:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if self.server.mood == "stalls":
            self.server.released.wait(20)
            return
        found = b"Eicar-Signature FOUND" if EICAR in content else b"OK"
        self.request.sendall(b"stream: " + found + b"\0" if self.server.mood != "errs" else b"stream: Can't allocate memory ERROR\0")

    def exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self.request.recv(length - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data


class Clamd(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A scanner on a socket of this machine."""

    daemon_threads = True
    mood, longest = "", 10_000_000

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is nothing to write home about."""


class ClamdByTcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The same on a port."""

    daemon_threads = True
    mood, longest = "", 10_000_000
    handle_error = Clamd.handle_error


@pytest.fixture(params=["unix", "tcp"])
def clamd(request, tmp_path, settings) -> Iterator[Clamd | ClamdByTcp]:
    by_path = request.param == "unix"
    server = Clamd(str(tmp_path / "clamd"), Scanning) if by_path else ClamdByTcp(("127.0.0.1", 0), Scanning)
    settings.CLAMD_URL = f"unix://{tmp_path}/clamd" if by_path else f"tcp://127.0.0.1:{server.server_address[1]}"
    server.released, server.answered = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def received(case, name: str, data: bytes) -> Record:
    return services.add_files(case, [(name, data)], by=case.patient).records[0]


def stands(record: Record) -> tuple[str, str, bool]:
    record.refresh_from_db()
    return record.status, record.reason, record.scanned_at is not None


def test_a_finding_refuses_the_file_and_its_neighbours_arrive(case, clamd, django_capture_on_commit_callbacks):
    bad, good = received(case, "notes.txt", b"Dear doctor " + EICAR), received(case, "a.pdf", files.pdf())
    with django_capture_on_commit_callbacks(execute=True):
        check_all()
    assert stands(bad) == ("refused", FOUND[Problem.HARMFUL], False)
    assert stands(good) == ("ready", "", True)
    assert len(in_vault(case)) == 1
    page = browser(case.patient).get(url("list", case)).content.decode()
    assert "Our virus scanner found something harmful" in page
    assert "Scanned for viruses" in page and "Not scanned" not in page and "clean" not in page.replace("ask for a clean copy", "")


def test_without_a_scanner_the_page_says_not_scanned(case):
    assert stands(received(case, "a.pdf", files.pdf()))[0] == "received"
    check_all()
    page = browser(case.patient).get(url("list", case)).content.decode()
    assert "Not scanned for viruses" in page and "clean" not in page


@pytest.mark.parametrize("mood", ["drops", "stalls", "errs"])
def test_a_scanner_that_says_nothing_leaves_the_file_waiting_and_it_heals(case, clamd, mood, time_machine, monkeypatch):
    monkeypatch.setattr(scanning, "SCAN_SECONDS", 0.3)
    record = received(case, "a.png", files.picture("PNG"))
    clamd.mood = mood
    with pytest.raises(scanning.ScannerDown):
        checking.check(record.pk)
    assert stands(record) == ("checking", "", False)
    clamd.mood = ""
    monkeypatch.setattr(scanning, "SCAN_SECONDS", 30)
    time_machine.move_to(now() + checking.LEASE + timedelta(seconds=1))
    assert checking.sweep() == 1
    assert checking.check(record.pk) == 1
    assert stands(record) == ("ready", "", True)


def test_an_answer_before_the_end_of_the_file_says_nothing_of_it(clamd):
    clamd.mood = "is hasty"

    def pieces() -> Iterator[bytes]:
        yield b"its beginning"
        assert clamd.answered.wait(20)
        yield b"its end"

    with pytest.raises(scanning.ScannerDown, match="before it had seen"):
        scanning.scan(pieces(), 30)


def test_the_scan_of_a_large_file_may_take_its_time_and_nobody_else_takes_it_meanwhile(case, clamd, monkeypatch):
    assert scanning.seconds_for(1000) == scanning.SCAN_SECONDS < 200 < scanning.seconds_for(2 * 1024**3)
    monkeypatch.setattr(scanning, "SLOWEST", 1)
    record, clamd.mood = received(case, "a.pdf", files.pdf()), "drops"
    with pytest.raises(scanning.ScannerDown):
        checking.check(record.pk)
    record.refresh_from_db()
    assert record.taken_until - now() > timedelta(seconds=record.size)


def test_nothing_is_begun_while_no_scanner_is_there(case, settings, tmp_path):
    settings.CLAMD_URL = f"unix://{tmp_path}/nothing"
    record = received(case, "a.pdf", files.pdf())
    assert checking.check(record.pk) == 0
    record.refresh_from_db()
    assert (record.status, record.attempts) == ("received", 0)


def test_a_file_that_is_too_long_for_the_scanner_is_not_called_scanned(case, clamd):
    clamd.longest = 20_000
    record = received(case, "a.png", files.picture("PNG", (900, 900)))
    check_all()
    assert stands(record) == ("ready", "", False)


def test_an_address_that_cannot_be_read_is_told_at_the_start(settings):
    for address, is_fine in (("", True), ("tcp://clamav", True), ("unix:///run/clamd", True), ("clamav:3310", False), ("http://x", False)):
        settings.CLAMD_URL = address
        assert (scanner() == []) == is_fine, address
