"""Asking clamd whether a file is harmful, where ``CLAMD_URL`` names one: tcp://host:3310 or unix:///run/clamav/clamd.ctl.

Only "nothing found" counts as scanned. A scanner that is away, stalls or answers anything else says nothing about the file.
The client libraries for it are under the GPL; its protocol (clamd(8), INSTREAM) is a few lines.
"""

import logging
import select
import socket
import struct
import time
from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)
PORT = 3310
CONNECT_SECONDS = 5.0
SCAN_SECONDS = 50.0  # with the time of a child it stays within the lease of a check
SLOWEST = 8 * settings.MIB  # bytes a second: a large file may take as long as its size needs
LONGEST_ANSWER = 4096
INSTREAM, NOTHING_FOUND = b"zINSTREAM\0", "stream: OK"
LENGTH = struct.Struct("!I")


class ScannerDown(Exception):
    """The scanner did not say anything about the file."""


class Finding(StrEnum):
    """What the scanner said."""

    NOTHING = "nothing"
    HARMFUL = "harmful"
    TOO_LARGE = "too large"  # for its setting StreamMaxLength


def is_on() -> bool:
    """Whether files are scanned here."""
    return bool(settings.CLAMD_URL)


def answers() -> bool:
    """Whether the scanner is there."""
    try:
        return _asked(b"zPING\0", (), CONNECT_SECONDS) == "PONG"
    except ScannerDown:
        return False


def seconds_for(size: int) -> float:
    """How long the scan of a file of ``size`` bytes may take."""
    return max(SCAN_SECONDS, size / SLOWEST)


def scan(pieces: Iterable[bytes], seconds: float) -> Finding:
    """What the scanner says of a file that comes in ``pieces``. Raises ``ScannerDown``, and what ``pieces`` raise."""
    answer = _asked(INSTREAM, pieces, seconds)
    if answer == NOTHING_FOUND:
        return Finding.NOTHING
    if answer.endswith(" FOUND"):
        logger.warning("the scanner found %s", answer.removeprefix("stream: ").removesuffix(" FOUND"))
        return Finding.HARMFUL
    if answer.startswith("INSTREAM size limit exceeded"):
        return Finding.TOO_LARGE
    raise ScannerDown("The scanner gave another answer.")


def connect(url: str, seconds: float) -> socket.socket:
    """A connection to the scanner at ``url``. Raises ``OSError``, and ``ValueError`` for another kind of address."""
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or PORT), seconds)
    if parts.scheme == "unix" and parts.path:
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(seconds)
        try:
            link.connect(parts.path)
        except OSError:
            link.close()
            raise
        return link
    raise ValueError("CLAMD_URL is tcp://host:port or unix:///path")


def _asked(command: bytes, pieces: Iterable[bytes], seconds: float) -> str:
    """The scanner's answer to a command, with a file after it or without one. Raises ``ScannerDown``, and what ``pieces`` raise."""
    deadline = time.monotonic() + seconds
    try:
        link = connect(settings.CLAMD_URL, CONNECT_SECONDS)
    except OSError as error:
        raise ScannerDown("No scanner answers.") from error
    with link:
        whole = _sent(link, command, deadline) and all(_sent(link, LENGTH.pack(len(piece)) + piece, deadline) for piece in pieces if piece)
        if whole and command == INSTREAM:
            whole = _sent(link, LENGTH.pack(0), deadline)
        answer = _answer(link, deadline)
    if answer == NOTHING_FOUND and not whole:
        raise ScannerDown("The scanner answered before it had seen all of the file.")
    return answer


def _sent(link: socket.socket, data: bytes, deadline: float) -> bool:
    """Send ``data``; ``False`` when the scanner has answered already or hung up, so that nothing more is to be sent."""
    if select.select([link], [], [], 0)[0]:
        return False
    link.settimeout(_left(deadline))
    try:
        link.sendall(data)
    except TimeoutError:
        raise ScannerDown("The scanner stalls.") from None
    except OSError:
        return False
    return True


def _answer(link: socket.socket, deadline: float) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        link.settimeout(_left(deadline))
        try:
            piece = link.recv(LONGEST_ANSWER)
        except OSError as error:
            raise ScannerDown("The scanner stalls or is gone.") from error
        if not piece:
            raise ScannerDown("The scanner hung up.")
        answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace").strip()


def _left(deadline: float) -> float:
    """The seconds until ``deadline``. Raises ``ScannerDown`` past it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise ScannerDown("The scanner takes too long.")
    return left
