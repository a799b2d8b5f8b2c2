"""Slow lines: they leave threads to others, and end when they bring or take too little."""

import socket
from io import BytesIO

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from gunicorn.http.body import Body as Read
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from secondop.web import lines
from secondop.web.lines import SHORT, Body, Outgoing, Places, SlowLines
from secondop.web.straight import straight

THREADS = 8  # six places, three of them for one address
LONG = {"CONTENT_LENGTH": str(SHORT + 1)}


@pytest.fixture
def places(monkeypatch) -> Places:
    """Places as a process with ``THREADS`` has them."""
    found = Places(THREADS)
    monkeypatch.setattr(lines, "places", found)
    return found


@pytest.fixture
def pair():
    """A line: our end, and the other one."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def asked(address: str = "192.0.2.1", **environ) -> object:
    return RequestFactory().generic("POST", "/", REMOTE_ADDR=address, **environ)


def test_places_are_fewer_than_threads_and_one_address_has_half_of_them(places):
    assert [places.take("a") for _ in range(4)] == [True, True, True, False]
    assert places.are_wanted()
    assert [places.take(name) for name in "bbcd"] == [True, True, True, False]
    places.leave("b")
    assert not places.take("a") and places.take("d")


def test_a_long_body_needs_a_place_and_gives_it_back(places):
    inside = []

    def view(request):
        inside.append(SlowLines(lambda _: HttpResponse("in"))(asked(**LONG)).status_code)
        if len(inside) < 5:
            inside.append(SlowLines(view)(asked(**LONG)).status_code)
        return HttpResponse("in")

    assert SlowLines(view)(asked(**LONG)).status_code == 200
    assert 503 in inside and inside[0] == 200
    assert places.take("192.0.2.1"), "all of them are free again"


def test_whoever_finds_no_place_is_told_when_to_come_again_and_is_not_waited_for(places, pair):
    while places.take("192.0.2.1"):
        pass
    answer = SlowLines(lambda _: HttpResponse("in"))(asked(**LONG, **{"gunicorn.socket": pair[0]}))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "no room for one more" in answer.content.decode()
    assert pair[0].recv(1) == b"", "nothing more comes"
    assert SlowLines(lambda _: HttpResponse("page"))(asked()).status_code == 200


@pytest.mark.django_db
def test_a_long_answer_has_a_place_until_its_end(places, pair):
    def file(request):
        return StreamingHttpResponse(iter([bytes(SHORT)] * 9), headers={"Content-Length": str(9 * SHORT)})

    request = asked(**{"gunicorn.socket": pair[0]})
    answers = [SlowLines(file)(request) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    assert sum(map(len, answers[0])) == 9 * SHORT
    answers[0].close()
    answers[1].close()  # the other side went away
    assert SlowLines(file)(request).status_code == 200


@pytest.mark.django_db
def test_without_places_nobody_is_turned_away(client):
    assert lines.places is None
    assert client.post("/accounts/login/", {"login": "x" * 2 * SHORT}).status_code == 200


def test_a_body_comes_whole_whatever_the_steps(pair):
    data = bytes(range(256)) * 2000
    body = Body(BytesIO(data), pair[0], len(data))
    assert body.read(100_000) + body.read(1) + body.read(len(data)) == data
    assert body.read(9) == b""
    assert Body(BytesIO(b"a\nb"), pair[0], 3).readline(9) == b"a\n"


def test_a_body_of_gunicorn_is_read_straight_from_the_line(pair):
    ours, other = pair
    data = bytes(range(256)) * 200
    reader = LengthReader(SocketUnreader(ours), len(data))
    body, theirs = straight(Read(reader)), b"GET /next HTTP/1.1"
    other.sendall(data[:100] + b"\n" + data[101:] + theirs)
    assert body.readline(9) == data[:9]
    assert body.read(1) + body.read(40_000) + body.read(len(data)) == data[9:100] + b"\n" + data[101:]
    assert (body.read(9), reader.length) == (b"", 0)
    assert reader.unreader.read() == theirs, "the next request is left where it was"


def test_a_body_whose_line_breaks_ends_and_its_connection_is_not_used_again(pair):
    ours, other = pair
    read = Read(LengthReader(SocketUnreader(ours), 99))
    other.sendall(b"some")
    other.close()
    assert (straight(read).read(99), read.failed) == (b"some", False)
    ours.close()
    with pytest.raises(OSError, match="descriptor"):
        straight(read).read(9)
    assert read.failed
    unknown = Read(ChunkedReader(None, SocketUnreader(ours)))
    assert straight(unknown) is unknown


class FromTheLine:
    """A body that is read from a socket as gunicorn does it: until all that was asked for is here, or the end."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def read(self, size: int) -> bytes:
        """Wait for all of it."""
        found = b""
        while len(found) < size and (piece := self.end.recv(size - len(found))):
            found += piece
        return found


def test_a_line_that_brings_too_little_is_ended_and_what_has_come_is_there(pair, monkeypatch):
    monkeypatch.setattr(lines, "STEP_SECONDS", 0)
    ours, other = pair
    other.sendall(b"all there is")
    assert Body(FromTheLine(ours), ours, 10 * SHORT).read(5 * SHORT) == b"all there is"
    ours.sendall(b"answer")
    assert other.recv(9) == b"answer"


def test_a_line_that_takes_nothing_is_ended(pair, monkeypatch):
    monkeypatch.setattr(lines, "STEP_SECONDS", 0)
    ours, left = pair[0], []
    pieces = Outgoing(iter([bytes(8 * SHORT)] * 99), ours, lambda: left.append(1))

    def send() -> None:
        for piece in pieces:
            ours.sendall(piece)

    with pytest.raises(BrokenPipeError):
        send()
    pieces.close()
    pieces.close()
    assert left == [1]
