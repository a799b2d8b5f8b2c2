"""Uploads through a real gunicorn: what a stranger can make it read, what memory it needs, what a broken line leaves."""

import os
import re
import socket

import pytest
from django.conf import settings

from records.models import Record
from secondop.cases.models import Case
from secondop.vault.models import StoredFile
from tests.factories import make_case, make_user

from . import files
from .conftest import browser, check_all, in_vault, url
from .serving import Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
MIB = 1024**2
RIM = b"--rim\r\nContent-Disposition: form-data; name=%s\r\n\r\n"
END = b"\r\n--rim--\r\n"


class Line:
    """One HTTP connection of ``user``, written to by hand."""

    def __init__(self, server: Server, user) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.port, client = server.port, browser(user)
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def head(self, case: Case, length: int, more: str = "") -> None:
        """Send the head of an upload that announces ``length`` bytes, with a CSRF cookie."""
        lines = [
            f"POST {url('upload', case)} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Cookie: {self.cookies}; csrftoken={'a' * 32}",
            "Content-Type: multipart/form-data; boundary=rim",
            "Accept: application/json",
            f"Content-Length: {length}",
        ]
        self.socket.sendall(("\r\n".join(lines) + "\r\n" + more + "\r\n").encode())

    def push(self, limit: int) -> int:
        """Send zeros until the other side will not have any more, or ``limit`` is reached; returns how many went."""
        sent = 0
        try:
            while sent < limit:
                sent += self.socket.send(b"0" * 65536)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return sent
        return sent

    def answer(self) -> str:
        """All that comes back until the connection ends or the body is there."""
        got = b""
        while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < int(re.search(rb"Content-Length: (\d+)", got).group(1)):
            piece = self.socket.recv(65536)
            if not piece:
                break
            got += piece
        return got.decode()


def send(server: Server, case: Case, form: bytes) -> str:
    """The answer to a whole form of the patient."""
    line = Line(server, case.patient)
    line.head(case, len(form))
    line.socket.sendall(form)
    return line.answer()


def opening(token: str = "a" * 32) -> bytes:
    """A form's beginning: the token that goes with the cookie."""
    return RIM % b"csrfmiddlewaretoken" + token.encode() + b"\r\n" + RIM.replace(b"%s", b"files; filename=scan.dcm")


def large_dicom(pixels: int) -> bytes:
    """The beginning of a CT slice that announces ``pixels`` bytes of pixels."""
    small = files.dicom()
    return small[: small.index(b"\xe0\x7f\x10\x00OW\x00\x00") + 8] + pixels.to_bytes(4, "little")


def test_a_large_file_arrives_with_flat_memory_and_is_checked(server):
    case, pixels = make_case(), 160 * MIB
    assert '{"url": ' in send(server, case, opening() + files.picture("PNG") + END)  # the worker has everything loaded now
    form = opening() + large_dicom(pixels)
    line = Line(server, case.patient)
    before = server.forget_peak()
    line.head(case, len(form) + pixels + len(END))
    line.socket.sendall(form)
    step = os.urandom(MIB)
    for _ in range(pixels // MIB):
        line.socket.sendall(step)
    line.socket.sendall(END)
    assert '{"url": ' in line.answer()
    assert server.peak() - before < 60 * MIB  # how little it really is, ./dev bench says
    record = case.records.get(kind="dicom")
    assert record.size == len(large_dicom(0)) + pixels
    check_all()
    record.refresh_from_db()
    assert (record.status, record.facts["rows"]) == ("ready", 128)


@pytest.mark.parametrize("who", ["stranger", "too much", "elsewhere"])
def test_a_body_that_is_not_wanted_is_not_read(server, who):
    """The answer comes at once, and the connection closes after little more than what fits into the kernel's buffers."""
    case = make_case()
    line = Line(server, make_user() if who == "stranger" else case.patient)
    line.head(case, (6 if who == "too much" else 1) * 1024 * MIB, "Sec-Fetch-Site: cross-site\r\n" if who == "elsewhere" else "")
    status = {"stranger": "404", "too much": "413", "elsewhere": "403"}[who]
    assert line.answer().startswith(f"HTTP/1.1 {status} ")
    assert 0 < line.push(1024 * MIB) < 32 * MIB
    assert not StoredFile.objects.exists()


def test_a_token_that_does_not_match_leaves_nothing(server):
    case = make_case()
    data = files.printed_pdf()
    assert send(server, case, opening("b" * 32) + data + END).startswith("HTTP/1.1 403 ")
    assert StoredFile.objects.get().status == "discarded"
    assert in_vault(case) == [] and not Record.objects.exists()


@pytest.mark.parametrize("reset", [False, True])
def test_a_broken_line_leaves_nothing(server, reset):
    case = make_case()
    form = opening() + large_dicom(100 * MIB)
    line = Line(server, case.patient)
    line.head(case, len(form) + 100 * MIB + len(END))
    line.socket.sendall(form + os.urandom(20 * MIB))
    wait_for(lambda: in_vault(case) != [])
    if reset:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    line.socket.close()
    wait_for(lambda: in_vault(case) == [])
    wait_for(lambda: StoredFile.objects.get().status == "discarded")
    assert not Record.objects.exists()
