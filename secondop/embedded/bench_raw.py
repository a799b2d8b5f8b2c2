"""What ./dev bench compares uploads with: a server that reads a body and makes its hash, and does nothing else.

``python -m secondop.embedded.bench_raw PORT``; the answer is the hash.
"""

import hashlib
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

STEP = 256 * 1024


class Handler(BaseHTTPRequestHandler):
    """Takes a PATCH, says hello to a GET."""

    def do_GET(self) -> None:
        """An empty answer."""
        self.answer(b"")

    def do_PATCH(self) -> None:
        """The SHA-256 of the body."""
        found, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while data := self.rfile.read(min(STEP, left)):
            found.update(data)
            left -= len(data)
        self.answer(found.hexdigest().encode())

    def answer(self, body: bytes) -> None:
        """Send an answer."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
