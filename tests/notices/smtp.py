"""A mail server for tests: small, real sockets, and rude on demand."""

import re
import socketserver
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event

from tests.servers import WhileUsed

ADDRESS = re.compile(rb"<([^>]*)>")


class Dialogue(socketserver.StreamRequestHandler):
    """One SMTP connection."""

    server: "MailServer"

    def say(self, line: str) -> None:
        """Send one line."""
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        """Talk until the client leaves, or until we are to hang up."""
        self.server.connections += 1
        if b"" in self.server.stall_at:
            self.server.released.wait()
            return
        self.say("220 test")
        recipient = b""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in self.server.hang_up_at:
                return
            if verb in self.server.stall_at:
                self.server.released.wait()
                return
            if verb == b"QUIT":
                self.say("221 bye")
                return
            if verb == b"RCPT":
                recipient = ADDRESS.search(line)[1]
                self.say(self.server.refusals.get(recipient.decode(), "250 ok"))
            elif verb == b"DATA":
                self.say("354 go on")
                self.server.take(recipient.decode(), self.body())
                self.say("250 ok")
            else:
                self.say("250 ok")

    def body(self) -> bytes:
        """The mail up to the line with the single dot."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class MailServer(WhileUsed, socketserver.ThreadingTCPServer):
    """Listens on a free port of localhost while used as a context manager.

    ``refusals`` maps an address to the line it is refused with; ``hang_up_at`` holds the verbs the server answers by closing,
    ``stall_at`` those it never answers; nothing (``b""``) stands there for the greeting.
    """

    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Dialogue)
        self.refusals: dict[str, str] = {}
        self.hang_up_at: set[bytes] = set()
        self.stall_at: set[bytes] = set()
        self.released = Event()
        self.connections = 0
        self.mails: list[tuple[str, EmailMessage]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]

    def take(self, recipient: str, data: bytes) -> None:
        """Keep a mail."""
        self.mails.append((recipient, message_from_bytes(data, policy=policy.default)))
