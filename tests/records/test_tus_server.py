"""Uploads that go on where they broke off, through a real gunicorn: killed in the middle, cut off, and full of small files."""

import hashlib
import os
import signal
import socket
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO

import pytest
from tusclient.client import TusClient

from records.models import Upload
from records.tus import services as uploads
from records.tus.tokens import make
from secondop.vault.models import StoredFile
from secondop.vault.parts import PART_SIZE
from secondop.vault.services import read
from tests.factories import make_case
from tests.faults.site import at_once

from . import files
from .conftest import url
from .serving import Server, wait_for
from .test_server import large_dicom
from .tus import BODY, named

pytestmark = pytest.mark.django_db(transaction=True)
MIB = 1024**2


class Program:
    """A client with a token, on connections of its own."""

    def __init__(self, server: Server, case) -> None:
        self.server, self.case = server, case
        _, secret = make(case, by=case.patient, purpose="medical", label="PC", days=1)
        self.headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {secret}", "Host": f"localhost:{server.port}"}

    def open(self) -> HTTPConnection:
        """A new connection."""
        return HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: object) -> HTTPResponse:
        """The answer to one request."""
        more = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        kind = {"Content-Type": BODY} if body is not None else {}
        line = self.open()
        line.request(method, address, body, {**self.headers, **kind, **more})
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer

    def begun(self, length: int) -> str:
        """The address of an upload that has begun."""
        answer = self.ask("POST", url("upload_begin", self.case), Upload_Length=length, Upload_Metadata=named("scan.dcm"))
        assert answer.status == 201
        return answer.headers["Location"]

    def offset(self, address: str) -> int:
        """How much of it is here."""
        return int(self.ask("HEAD", address).headers["Upload-Offset"])

    def push(self, address: str, data: bytes, offset: int, announced: int) -> socket.socket:
        """Send ``data`` of a body that announces more, and leave the line open."""
        line = self.open()
        line.putrequest("PATCH", address, skip_host=True)
        more = {"Content-Type": BODY, "Upload-Offset": str(offset), "Content-Length": str(announced)}
        for name, value in {**self.headers, **more}.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(data)
        return line.sock


@pytest.fixture
def program(server) -> Program:
    """A client of the patient's case."""
    return Program(server, make_case())


def sealed() -> int:
    """How many bytes count as received."""
    return StoredFile.objects.get().size


def test_a_kill_loses_only_the_part_on_its_way(program, server):
    whole = large_dicom(60 * MIB) + os.urandom(60 * MIB)
    there, known = program.begun(len(whole)), 0
    for step in (5 * MIB, 9 * MIB):
        line = program.push(there, whole[known : known + step], known, len(whole) - known)
        wait_for(lambda known=known, step=step: sealed() >= (known + step) // PART_SIZE * PART_SIZE)
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        line.close()
        wait_for(lambda worker=worker: server.workers() not in ([], [worker]))
        known = program.offset(there)
        assert known == sealed() > 0
        Upload.objects.get().stored.unfinished.__class__.objects.update(taken_until=None)  # a minute goes by
    assert program.ask("PATCH", there, whole[known : known + 1000], Upload_Offset=known).status == 204  # the new worker's first
    known += 1000
    before = server.forget_peak()
    assert program.ask("PATCH", there, whole[known:], Upload_Offset=known).status == 204
    assert server.peak() - before < 30 * MIB, "of more than 45 that came"
    assert program.offset(there) == len(whole)
    record = program.case.records.get()
    assert record.sha256 == hashlib.sha256(whole).hexdigest()
    assert b"".join(read(record.stored)) == whole


def test_a_line_that_breaks_loses_nothing_that_has_come(program):
    data = files.dicom() + os.urandom(MIB)
    there = program.begun(len(data))
    line = program.push(there, data[:300_000], 0, len(data))
    line.shutdown(socket.SHUT_RDWR)
    line.close()
    wait_for(lambda: program.offset(there) == 300_000)
    assert program.ask("PATCH", there, data[300_000:], Upload_Offset=300_000).status == 204
    assert program.case.records.get().sha256 == hashlib.sha256(data).hexdigest()


def test_two_at_once_do_not_mix(program):
    data = files.dicom() + os.urandom(9 * MIB)
    there = program.begun(len(data))
    line = program.push(there, data[: 5 * MIB], 0, len(data))
    wait_for(lambda: sealed() == PART_SIZE)
    assert program.ask("PATCH", there, data[PART_SIZE:], Upload_Offset=PART_SIZE).status == 423
    line.sendall(data[5 * MIB :])
    wait_for(program.case.records.exists)
    assert program.case.records.get().sha256 == hashlib.sha256(data).hexdigest()


def test_uploads_that_begin_at_once_get_no_more_room_than_there_is(program, settings):
    length = settings.UPLOAD_CASE_BYTES // 3 + 1
    begin = partial(program.ask, "POST", url("upload_begin", program.case), Upload_Length=length, Upload_Metadata=named("scan.dcm"))
    assert sorted(answer.status for answer in at_once(*[begin] * 16)) == [201] * 2 + [413] * 14


def test_a_large_file_that_came_in_goes_is_hashed_by_a_worker(program, monkeypatch):
    monkeypatch.setattr("records.tus.receiving.HASHED_AT_ONCE", 0)
    data = files.dicom() + os.urandom(5 * MIB)
    there = program.begun(len(data))
    upload = Upload.objects.get()
    assert program.ask("PATCH", there, data[:100], Upload_Offset=0).status == 204
    assert program.ask("PATCH", there, data[100:], Upload_Offset=100).status == 204
    uploads.finish(upload.pk)
    assert program.case.records.get().sha256 == hashlib.sha256(data).hexdigest()


def test_slow_lines_leave_the_pages_and_what_they_bring_is_kept(program, server):
    data = files.dicom() + os.urandom(MIB)
    uploads = [program.begun(len(data)) for _ in range(20)]
    lines = [program.push(there, data[:100_000], 0, len(data)) for there in uploads]
    assert program.ask("GET", "/healthz").status == 200
    assert program.offset(uploads[-1]) == 0  # it asks the database
    assert lines[-1].recv(12) == b"HTTP/1.1 503"
    for line in lines:
        line.close()
    wait_for(lambda: sum(map(program.offset, uploads)) == 6 * 100_000)  # half of three quarters of sixteen


def test_a_program_of_others_sends_goes_on_another_day_and_ends(program, server):
    data = files.dicom() + os.urandom(MIB)
    theirs = TusClient(f"http://localhost:{server.port}{url('upload_begin', program.case)}", headers=program.headers)
    sent = {"file_stream": BytesIO(data), "chunk_size": 300_000}
    first = theirs.uploader(**sent, metadata={"filename": "Röntgen 1.dcm"})
    first.upload(stop_at=300_000)
    later = theirs.uploader(**sent, url=first.url)
    assert (later.offset, program.case.records.exists()) == (300_000, False)
    later.upload()
    record = program.case.records.get()
    assert (record.name, record.sha256) == ("Röntgen 1.dcm", hashlib.sha256(data).hexdigest())
