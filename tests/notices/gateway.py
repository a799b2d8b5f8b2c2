"""A gateway for text messages, for tests: small, real sockets, and rude on demand."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

from tests.servers import WhileUsed

TOKEN = "a-token-of-the-gateway"


class Dialogue(BaseHTTPRequestHandler):
    """One connection."""

    server: "GatewayServer"

    def do_POST(self) -> None:
        """Take a text as the server is told to."""
        wanted = self.server.wanted
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tried += 1
        if wanted.hangs_up:
            return
        if wanted.stalls:
            self.server.released.wait()
            return
        if wanted.status < 300:
            self.server.texts.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(wanted.status)
        for name, value in wanted.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(wanted.body)

    def do_GET(self) -> None:
        """What follows a redirect comes here."""
        self.server.tried += 1000

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Wanted:
    """How the gateway answers."""

    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"said": "+12025550143"}'
    hangs_up: bool = False
    stalls: bool = False


class GatewayServer(WhileUsed, ThreadingHTTPServer):
    """Listens on a free port of localhost while used as a context manager; ``texts`` holds path, head and body of what it took."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Dialogue)
        self.wanted, self.released, self.tried = Wanted(), Event(), 0
        self.texts: list[tuple[str, dict[str, str], dict[str, str]]] = []

    @property
    def url(self) -> str:
        """Where it takes texts."""
        return f"http://127.0.0.1:{self.server_address[1]}/texts"
